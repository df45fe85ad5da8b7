import { dryRunFlags, filenameFlags, managerFlags, printFlags } from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { dryRunOf, saidWith } from '../dry-run.ts';
import { CliError, Exit } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import { withLastApplied } from '../last-applied.ts';
import { printerFor } from '../print/printer.ts';
import { seeHelp, type Session } from '../session.ts';
import { at, list, num, record, text, type Obj } from '../value.ts';
import { createObject } from '../write.ts';
import { mappingOf } from './create/generate.ts';
import { attachStarted } from './debug/attach-started.ts';
import { parsePairs } from './expose.ts';
import { mergeOverrides } from './overrides.ts';
import { asGoHasIt } from './set/pod-template.ts';

export const runCommand: Command = {
  name: 'run',
  short: 'Run a particular image on the cluster',
  flags: {
    ...printFlags,
    ...filenameFlags,
    ...dryRunFlags,
    ...managerFlags('kubectl-run'),
    annotations: { type: 'array' },
    attach: { type: 'bool' },
    cascade: { type: 'string', default: 'background', bare: 'background' },
    command: { type: 'bool' },
    env: { type: 'array' },
    expose: { type: 'bool' },
    force: { type: 'bool' },
    'grace-period': { type: 'int', default: -1 },
    image: { type: 'string' },
    'image-pull-policy': { type: 'string' },
    labels: { type: 'string', short: 'l' },
    'leave-stdin-open': { type: 'bool' },
    'override-type': { type: 'string', default: 'merge' },
    overrides: { type: 'string' },
    'pod-running-timeout': { type: 'duration', default: 60_000 },
    port: { type: 'string' },
    privileged: { type: 'bool' },
    quiet: { type: 'bool', short: 'q' },
    restart: { type: 'string', default: 'Always' },
    rm: { type: 'bool' },
    'save-config': { type: 'bool' },
    stdin: { type: 'bool', short: 'i' },
    timeout: { type: 'duration' },
    tty: { type: 'bool', short: 't' },
    wait: { type: 'bool' },
  },
  required: ['image'],
  run: (session) => runPod(session),
};

const POD = mappingOf({ group: '', version: 'v1', kind: 'Pod', resource: 'pods', namespaced: true });
const SERVICE = mappingOf({ group: '', version: 'v1', kind: 'Service', resource: 'services', namespaced: true });
/** What an image may be called. */
export const IMAGE =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/;

const runPod = (session: Session): void | Promise<void> => {
  const { flags, io, args, dash } = session;
  if (args.length === 0 || dash === 0) throw new CliError(seeHelp(session, 'NAME is required for run'));
  if (flags.int('pod-running-timeout') <= 0)
    throw new CliError(seeHelp(session, '--pod-running-timeout must be higher than zero'));
  const image = flags.string('image');
  if (image === '') throw new CliError('--image is required');
  if (!IMAGE.test(image)) throw new CliError(`Invalid image name ${goQuote(image)}: invalid reference format`);
  if (flags.bool('tty') && !flags.bool('stdin'))
    throw new CliError(seeHelp(session, '-i/--stdin is required for containers with -t/--tty=true'));
  if (flags.bool('expose') && flags.string('port') === '')
    throw new CliError(seeHelp(session, '--port must be set when exposing a service'));
  const dryRun = dryRunOf(session);
  const restart = flags.string('restart');
  if (!['Always', 'OnFailure', 'Never'].includes(restart))
    throw new CliError(seeHelp(session, `invalid restart policy: ${restart}`));
  const attach = flags.changed('attach') ? flags.bool('attach') : flags.bool('stdin');
  if (flags.bool('rm') && !attach)
    throw new CliError(seeHelp(session, '--rm should only be used for attached containers'));
  if (attach && dryRun !== 'none')
    throw new CliError(
      seeHelp(
        session,
        "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
      ),
    );
  const policy = flags.string('image-pull-policy');
  if (!['', 'Always', 'IfNotPresent', 'Never'].includes(policy))
    throw new CliError(seeHelp(session, `invalid image pull policy: ${policy}`));
  const name = args[0]!;
  const built = podFor(session, name, args.slice(1));
  let pod = built;
  if (flags.string('overrides'))
    pod = asGoHasIt(
      mergeOverrides(pod, flags.string('overrides'), flags.string('override-type'), 'io.k8s.api.core.v1.Pod'),
    );
  if (flags.bool('save-config') && dryRun !== 'client') pod = withLastApplied(pod, true);
  const printer = printerFor(session, { operation: saidWith('created', dryRun), typed: dryRun === 'client' });
  const options = { dryRun, fieldManager: flags.string('field-manager') };
  const create = (object: Obj, mapping: typeof POD): Obj =>
    dryRun === 'client' ? object : createObject(session, mapping, session.namespace, object, options);
  if (flags.bool('expose')) {
    const service = create(serviceFor(session, name, built), SERVICE);
    if (flags.string('output') === 'yaml') io.stdout(`${printer(service)}---\n`);
    else io.stdout(printer(service));
  }
  const made = create(pod, POD);
  if (!attach) return io.stdout(printer(made));
  return attached(session, made);
};

/** Stays with a Pod until it ends, and takes it away if that is asked for. */
const attached = async (session: Session, pod: Obj): Promise<void> => {
  const { flags, io, namespace } = session;
  const name = text(pod, 'metadata', 'name');
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  try {
    await attachStarted(session, pod, name);
    if (flags.string('restart') !== 'Always' && !flags.bool('leave-stdin-open')) await ended(session, path);
  } finally {
    if (flags.bool('rm')) {
      session.rest.delete(path, {});
      if (!flags.bool('quiet')) io.stdout(`pod ${goQuote(name)} deleted from ${namespace} namespace\n`);
    }
  }
};

const POLL_MS = 500;

/** Waits for a Pod to end; kubectl ends as it ended. */
const ended = async ({ io, rest, namespace }: Session, path: string): Promise<void> => {
  for (;;) {
    const pod = rest.get(path);
    const phase = text(pod, 'status', 'phase');
    if (phase === 'Succeeded') return;
    const name = `${namespace}/${text(pod, 'metadata', 'name')}`;
    if (phase === 'Failed') {
      const state = at(list(pod, 'status', 'containerStatuses')[0], 'state', 'terminated');
      const code = num(state, 'exitCode');
      if (!code) throw new CliError(`pod ${name} failed with unknown exit code`);
      io.stderr(`pod ${name} terminated (${text(state, 'reason')})\n${text(state, 'message')}`);
      throw new Exit(code);
    }
    if (io.signal?.aborted) throw new CliError('timed out waiting for the condition');
    await io.sleep(POLL_MS);
  }
};

const podFor = (session: Session, name: string, rest: readonly string[]): Obj => {
  const { flags } = session;
  const labels = flags.string('labels')
    ? parsePairs(flags.string('labels'), (spec) => `unexpected label spec: ${spec}`)
    : { run: name };
  const env = flags.list('env').map((spec) => {
    const equals = spec.indexOf('=');
    if (equals <= 0) throw new CliError(`invalid env: ${spec}`);
    return { name: spec.slice(0, equals), ...(spec.length > equals + 1 ? { value: spec.slice(equals + 1) } : {}) };
  });
  const annotations = Object.fromEntries(
    flags.list('annotations').map((spec) => {
      const equals = spec.indexOf('=');
      if (equals <= 0) throw new CliError(`invalid annotations format: ${spec}`);
      return [spec.slice(0, equals), spec.slice(equals + 1)];
    }),
  );
  const port = flags.string('port');
  if (port && !/^\d+$/.test(port)) throw new CliError(`strconv.Atoi: parsing ${goQuote(port)}: invalid syntax`);
  const policy = flags.string('image-pull-policy');
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name,
      ...(session.explicitNamespace ? { namespace: session.namespace } : {}),
      labels,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec: {
      containers: [
        {
          name,
          image: flags.string('image'),
          ...(rest.length > 0 ? { [flags.bool('command') ? 'command' : 'args']: [...rest] } : {}),
          ...(port ? { ports: [{ containerPort: Number(port) }] } : {}),
          ...(env.length > 0 ? { env } : {}),
          resources: {},
          ...(policy ? { imagePullPolicy: policy } : {}),
          ...(flags.bool('privileged') ? { securityContext: { privileged: true } } : {}),
          ...(flags.bool('stdin') ? { stdin: true, stdinOnce: true } : {}),
          ...(flags.bool('tty') ? { tty: true } : {}),
        },
      ],
      restartPolicy: flags.string('restart'),
      dnsPolicy: 'ClusterFirst',
    },
    status: {},
  };
};

const serviceFor = (session: Session, name: string, pod: Obj): Obj => {
  const port = Number(session.flags.string('port'));
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name, ...(session.explicitNamespace ? { namespace: session.namespace } : {}) },
    spec: { ports: [{ protocol: 'TCP', port, targetPort: port }], selector: record(pod, 'metadata', 'labels') },
    status: { loadBalancer: {} },
  };
};
