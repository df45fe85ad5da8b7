import { randomSuffix } from '../../../api/names.ts';
import { Random } from '../../../kernel/index.ts';
import { build, type Info } from '../../builder.ts';
import type { Command } from '../../cli/command.ts';
import { containerNames } from '../../containers.ts';
import { CliError } from '../../errors.ts';
import { goQuote } from '../../go-format.ts';
import { readText } from '../../manifest/files.ts';
import { readYaml } from '../../manifest/yaml-read.ts';
import type { Session } from '../../session.ts';
import { twoWayPatch } from '../../three-way.ts';
import { clone, list, text, type Obj } from '../../value.ts';
import { createObject, patchObject, STRATEGIC_MERGE } from '../../write.ts';
import { mappingOf } from '../create/generate.ts';
import { mergeOverrides } from '../overrides.ts';
import { IMAGE } from '../run-pod.ts';
import { attachStarted } from './attach-started.ts';
import { copyOf, PROFILES, type DebugStyle, type Kept } from './profiles.ts';

export const debugCommand: Command = {
  name: 'debug',
  short: 'Create debugging sessions for troubleshooting workloads and nodes',
  usage: 'kubectl debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ] [options]',
  flags: {
    'arguments-only': { type: 'bool' },
    attach: { type: 'bool' },
    container: { type: 'string', short: 'c' },
    'copy-to': { type: 'string' },
    custom: { type: 'string' },
    env: { type: 'array' },
    filename: { type: 'list', short: 'f' },
    image: { type: 'string' },
    'image-pull-policy': { type: 'string' },
    'keep-annotations': { type: 'bool' },
    'keep-init-containers': { type: 'bool', default: true },
    'keep-labels': { type: 'bool' },
    'keep-liveness': { type: 'bool' },
    'keep-readiness': { type: 'bool' },
    'keep-startup': { type: 'bool' },
    profile: { type: 'string', default: 'general' },
    quiet: { type: 'bool', short: 'q' },
    replace: { type: 'bool' },
    'same-node': { type: 'bool' },
    'set-image': { type: 'list' },
    'share-processes': { type: 'bool', default: true },
    stdin: { type: 'bool', short: 'i' },
    target: { type: 'string' },
    tty: { type: 'bool', short: 't' },
  },
  run: (session) => debug(session),
};

const POD = mappingOf({ group: '', version: 'v1', kind: 'Pod', resource: 'pods', namespaced: true });
const POD_REF = 'io.k8s.api.core.v1.Pod';
const PULL_POLICIES = ['', 'Always', 'IfNotPresent', 'Never'];

const LEGACY =
  '--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify other profile, for example "--profile=general".';

/** What the flags and arguments ask for. */
interface Asked {
  readonly session: Session;
  readonly images: ReadonlyMap<string, string>;
  readonly words: readonly string[];
  readonly env: readonly Obj[];
  readonly custom: Obj | undefined;
}

const debug = async (session: Session): Promise<void> => {
  const { args, dash, flags } = session;
  const targets = dash < 0 ? args : args.slice(0, dash);
  const asked = askedOf(session, targets, dash < 0 ? [] : args.slice(dash));
  const files = flags.list('filename');
  const sources = [
    ...targets.map((target) => ({ args: target.includes('/') ? [target] : ['pods', target] })),
    ...(files.length > 0 ? [{ filenames: files }] : []),
  ];
  for (const source of sources) {
    const { infos, errors } = build(session, source);
    if (errors.length > 0) throw errors[0]!;
    for (const info of infos) await debugOne(asked, info);
  }
};

const debugOne = async (asked: Asked, info: Info): Promise<void> => {
  const { session } = asked;
  const { group, version, kind } = info.mapping;
  let made: { pod: Obj; container: string };
  if (kind === 'Node' && group === '') made = debugNode(asked, info.object);
  else if (kind !== 'Pod' || group !== '')
    throw new CliError(`${goQuote(`${group}/${version}, Kind=${kind}`)} not supported by debug`);
  else if (session.flags.string('copy-to')) made = debugCopy(asked, info.object);
  else made = debugInside(asked, info);
  const attach = session.flags.changed('attach') ? session.flags.bool('attach') : session.flags.bool('stdin');
  if (attach && made.container) await attachStarted(session, made.pod, made.container);
};

const askedOf = (session: Session, targets: readonly string[], words: readonly string[]): Asked => {
  const { flags } = session;
  const refuse = (message: string): never => {
    throw new CliError(message);
  };
  const env = flags.list('env').map((spec) => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(spec) ?? refuse(notAPair('env', spec));
    return value ? { name, value } : { name };
  });
  if (!PROFILES[flags.string('profile')]) refuse(`unknown profile: ${flags.string('profile')}`);
  if (flags.string('profile') === 'legacy') session.io.stderr(`${LEGACY}\n`);
  const custom = customOf(session);
  const [image, copy, container] = [flags.string('image'), flags.string('copy-to'), flags.string('container')];
  const images = new Map(
    flags.list('set-image').map((pair) => {
      const [, name, value] = /^([^=]*)=(.*)$/s.exec(pair) ?? refuse(notAPair('set-image', pair));
      return [name!, value!];
    }),
  );
  if (flags.bool('attach') && !image && !container)
    refuse('you must specify --container or create a new container using --image in order to attach.');
  if (copy) {
    if (!image && images.size === 0 && words.length === 0)
      refuse('you must specify --image, --set-image or command arguments.');
    if (words.length > 0 && !container && !image)
      refuse('you must specify an existing container or a new image when specifying args.');
  } else {
    if (flags.bool('replace')) refuse('--replace may only be used with --copy-to.');
    if (flags.bool('same-node')) refuse('--same-node may only be used with --copy-to.');
    if (images.size > 0) refuse('--set-image may only be used with --copy-to.');
    if (!image) refuse('you must specify --image when not using --copy-to.');
  }
  if (image && !IMAGE.test(image)) refuse(`invalid image name ${goQuote(image)}: invalid reference format`);
  if (targets.length === 0 && flags.list('filename').length === 0) refuse('NAME or filename is required for debug');
  if (!PULL_POLICIES.includes(flags.string('image-pull-policy')))
    refuse(`invalid image pull policy: ${flags.string('image-pull-policy')}`);
  for (const [name, value] of images)
    if (!IMAGE.test(value))
      refuse(`invalid image name ${goQuote(value)} for container ${goQuote(name)}: invalid reference format`);
  if (flags.string('target')) {
    if (copy) refuse('--target is incompatible with --copy-to. Use --share-processes instead.');
    say(
      session,
      `Targeting container ${goQuote(flags.string('target'))}. If you don't see processes from this container it may be because the container runtime doesn't support this feature.`,
    );
  }
  if (flags.bool('tty') && !flags.bool('stdin')) refuse('-i/--stdin is required for containers with -t/--tty=true');
  return { session, images, words, env, custom };
};

const notAPair = (flag: string, value: string): string =>
  `invalid argument ${goQuote(value)} for "--${flag}" flag: ${value} must be formatted as key=value\nSee 'kubectl debug --help' for usage.`;

/** `--custom`: part of a container, laid over what the profile made. */
const customOf = (session: Session): Obj | undefined => {
  const file = session.flags.string('custom');
  if (!file) return undefined;
  const content = readText(session.io, file);
  if (content === undefined)
    throw new CliError(
      `must pass a container spec json file for custom profile: open ${file}: no such file or directory`,
    );
  const custom = readYaml(content) as Obj;
  if (['name', 'command', 'image', 'lifecycle', 'volumeDevices'].some((field) => custom[field] !== undefined))
    throw new CliError('name, command, image, lifecycle and volume devices are not modifiable via custom profile');
  return custom;
};

const say = ({ flags, io }: Session, message: string): void => {
  if (!flags.bool('quiet')) io.stdout(`${message}\n`);
};

const suffixFor = ({ io }: Session, object: Obj): string =>
  randomSuffix(new Random(0, `kubectl debug ${text(object, 'metadata', 'uid')} ${io.now()}`));

const nameFor = (session: Session, pod: Obj): string => {
  const wanted = session.flags.string('container');
  if (wanted) return wanted;
  const taken = containerNames(pod);
  let name: string;
  let attempt = pod;
  do {
    name = `debugger-${suffixFor(session, attempt)}`;
    attempt = { metadata: { uid: name } };
  } while (taken.includes(name));
  say(session, `Defaulting debug container name to ${name}.`);
  return name;
};

/** What flags and arguments say of a container, without its name. */
const containerFor = ({ session, words, env }: Asked): Obj => {
  const { flags } = session;
  const policy = flags.string('image-pull-policy');
  return {
    image: flags.string('image'),
    ...(env.length > 0 ? { env: [...env] } : {}),
    ...(policy ? { imagePullPolicy: policy } : {}),
    ...(words.length > 0 ? { [flags.bool('arguments-only') ? 'args' : 'command']: [...words] } : {}),
    resources: {},
    terminationMessagePolicy: 'File',
    ...(flags.bool('stdin') ? { stdin: true } : {}),
    ...(flags.bool('tty') ? { tty: true } : {}),
  };
};

const profiled = ({ session, custom }: Asked, style: DebugStyle, pod: Obj, field: string, name: string): Obj => {
  const { flags } = session;
  const kept: Kept = {
    labels: flags.bool('keep-labels'),
    annotations: flags.bool('keep-annotations'),
    liveness: flags.bool('keep-liveness'),
    readiness: flags.bool('keep-readiness'),
    startup: flags.bool('keep-startup'),
    initContainers: flags.bool('keep-init-containers'),
  };
  const container = list(pod, 'spec', field).findLast((each) => each['name'] === name)!;
  PROFILES[flags.string('profile')]!(style, pod, container, kept);
  if (!custom) return pod;
  return mergeOverrides(pod, JSON.stringify({ spec: { [field]: [{ ...custom, name }] } }), 'strategic', POD_REF);
};

const debugNode = (asked: Asked, node: Obj): { pod: Obj; container: string } => {
  const { session } = asked;
  const nodeName = text(node, 'metadata', 'name');
  const container = session.flags.string('container') || 'debugger';
  const name = `node-debugger-${nodeName}-${suffixFor(session, node)}`;
  say(session, `Creating debugging pod ${name} with container ${container} on node ${nodeName}.`);
  const pod: Obj = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' } },
    spec: {
      containers: [{ name: container, ...containerFor(asked) }],
      nodeName,
      restartPolicy: 'Never',
      tolerations: [{ operator: 'Exists' }],
    },
  };
  const shaped = profiled(asked, 'node', pod, 'containers', container);
  return { pod: createObject(session, POD, session.namespace, shaped, {}), container };
};

const debugInside = (asked: Asked, info: Info): { pod: Obj; container: string } => {
  const { session } = asked;
  const name = nameFor(session, info.object);
  const target = session.flags.string('target');
  const pod = clone(info.object);
  const spec = pod['spec'] as Obj;
  spec['ephemeralContainers'] = [
    ...list(spec, 'ephemeralContainers'),
    { name, ...containerFor(asked), ...(target ? { targetContainerName: target } : {}) },
  ];
  const wanted = profiled(asked, 'ephemeral', pod, 'ephemeralContainers', name);
  const patch = twoWayPatch(info.mapping, info.object, wanted);
  return {
    pod: patchObject(session, info, STRATEGIC_MERGE, patch, { subresource: 'ephemeralcontainers' }),
    container: name,
  };
};

const debugCopy = (asked: Asked, pod: Obj): { pod: Obj; container: string } => {
  const { session, images } = asked;
  const { flags } = session;
  const copy = copyOf(pod, flags.string('copy-to'));
  const spec = copy['spec'] as Obj;
  if (flags.changed('share-processes')) spec['shareProcessNamespace'] = flags.bool('share-processes');
  if (!flags.bool('same-node')) delete spec['nodeName'];
  const containers = list(spec, 'containers');
  for (const container of containers) {
    const image = images.get(text(container, 'name')) ?? images.get('*');
    if (image) container['image'] = image;
  }
  let name = flags.string('container');
  const present = containers.find((each) => each['name'] === name);
  let shaped = copy;
  if (!present && !flags.string('image')) {
    if (images.size === 0) throw new CliError('you must specify image when creating new container');
    name = '';
  } else {
    if (present) changeContainer(asked, present);
    else {
      name = nameFor(session, copy);
      containers.push({ name, ...containerFor(asked) });
      spec['containers'] = containers;
    }
    shaped = profiled(asked, 'copy', copy, 'containers', name);
  }
  const made = createObject(session, POD, text(pod, 'metadata', 'namespace'), shaped, {});
  if (flags.bool('replace'))
    session.rest.delete(
      `/api/v1/namespaces/${text(pod, 'metadata', 'namespace')}/pods/${text(pod, 'metadata', 'name')}`,
      {},
    );
  return { pod: made, container: name };
};

/** A container that the Pod has already, as it is to be in the copy. */
const changeContainer = (asked: Asked, container: Obj): void => {
  const { image, resources: _resources, terminationMessagePolicy: _policy, ...changes } = containerFor(asked);
  if (asked.words.length > 0 && !asked.session.flags.bool('arguments-only')) delete container['args'];
  delete container['stdin'];
  delete container['tty'];
  Object.assign(container, changes, image ? { image } : {});
};
