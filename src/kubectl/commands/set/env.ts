import type { Command } from '../../cli/command.ts';
import { build, type Info } from '../../builder.ts';
import { CliError } from '../../errors.ts';
import { goQuote } from '../../go-format.ts';
import type { Session } from '../../session.ts';
import { list, sortedKeys, text, type Obj } from '../../value.ts';
import { changePodSpecs, setFlags } from './apply-change.ts';
import { referenceText, ReferenceReader } from './env-references.ts';
import { containersNamed } from './pod-template.ts';

const NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

export const setEnv: Command = {
  name: 'env',
  short: 'Update environment variables on a pod template',
  flags: {
    ...setFlags,
    containers: { type: 'string', short: 'c', default: '*' },
    env: { type: 'array', short: 'e' },
    from: { type: 'string' },
    keys: { type: 'list' },
    list: { type: 'bool' },
    overwrite: { type: 'bool', default: true },
    prefix: { type: 'string' },
    resolve: { type: 'bool' },
  },
  run: (session) => {
    const { flags, io } = session;
    const [resources, specs] = splitEnv(session.args);
    const changes = parseEnv(session, [...flags.list('env'), ...specs]);
    const from = flags.string('from');
    if (resources.length === 0 && flags.list('filename').length === 0 && !flags.string('kustomize'))
      throw new CliError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
    const added = [...changes.added, ...(from ? fromObject(session, from) : [])];
    const pattern = flags.string('containers');
    changePodSpecs(session, {
      resources: flags.bool('local') ? [] : resources,
      operation: 'env updated',
      listsOnly: flags.bool('list'),
      change: (podSpec, info) => {
        const containers = [
          ...containersNamed(podSpec, 'containers', pattern),
          ...containersNamed(podSpec, 'initContainers', pattern),
        ];
        if (containers.length === 0)
          io.stderr(
            `Warning: ${info.mapping.kind}/${info.name} does not have any containers matching ${goQuote(pattern)}\n`,
          );
        for (const container of containers) {
          if (!flags.bool('overwrite')) refuseOverwriting(info, list(container, 'env'), added);
          const env = updated(list(container, 'env'), added, changes.removed);
          if (env.length > 0) container['env'] = env;
          else delete container['env'];
          if (flags.bool('list')) listEnv(session, info, container);
        }
      },
    });
  },
};

/** Splits `deployment web A=1 B-` into what is meant and what changes. */
const splitEnv = (args: readonly string[]): [string[], string[]] => {
  const isSpec = (arg: string): boolean => (arg.includes('=') && !arg.startsWith('=')) || arg.endsWith('-');
  const first = args.findIndex(isSpec);
  if (first < 0) return [[...args], []];
  if (!args.slice(first).every(isSpec))
    throw new CliError(`all resources must be specified before environment changes: ${args.join(' ')}`);
  return [args.slice(0, first), args.slice(first)];
};

interface EnvChanges {
  readonly added: readonly Obj[];
  readonly removed: readonly string[];
}

const parseEnv = (session: Session, specs: readonly string[]): EnvChanges => {
  const added: Obj[] = [];
  const removed: string[] = [];
  const lines = (session.io.stdin ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  for (const spec of specs.flatMap((each) => (each === '-' ? lines : [each]))) {
    const equals = spec.indexOf('=');
    if (equals >= 0) added.push(variable(spec.slice(0, equals), spec.slice(equals + 1)));
    else if (spec.endsWith('-')) removed.push(spec.slice(0, -1));
    else throw new CliError(`unknown environment variable: ${spec}`);
  }
  if (removed.some((name) => added.some((each) => each['name'] === name)))
    throw new CliError('can not both modify and remove an environment variable in the same command');
  return { added, removed };
};

const variable = (name: string, value: string): Obj => {
  if (!NAME.test(name))
    throw new CliError(
      `${goQuote(name)} is not a valid key name: a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')`,
    );
  return { name, ...(value ? { value } : {}) };
};

const named = (env: readonly Obj[], name: unknown): Obj | undefined => env.find((each) => each['name'] === name);

const refuseOverwriting = ({ mapping, name }: Info, env: readonly Obj[], added: readonly Obj[]): void => {
  for (const each of added) {
    const current = named(env, each['name']);
    if (current && text(current, 'value') !== text(each, 'value'))
      throw new CliError(
        `${mapping.resource}/${name} '${text(each, 'name')}' already has a value (${text(current, 'value')}), and --overwrite is false`,
      );
  }
};

/** What is there keeps its place; of several for one name the first counts. */
const updated = (env: readonly Obj[], added: readonly Obj[], removed: readonly string[]): Obj[] => {
  const covered = new Set<unknown>(removed);
  const out: Obj[] = [];
  for (const each of env) {
    if (covered.has(each['name'])) continue;
    const newer = named(added, each['name']);
    if (newer) covered.add(each['name']);
    out.push(newer ?? each);
  }
  for (const each of added) {
    if (covered.has(each['name'])) continue;
    covered.add(each['name']);
    out.push(each);
  }
  return out;
};

/** `--from=configmap/settings`: one variable for each key. */
const fromObject = (session: Session, from: string): Obj[] => {
  const { infos, errors } = build(session, { args: [from] });
  if (errors.length > 0) throw errors[0]!;
  const { object, mapping, name } = infos[0]!;
  if (mapping.group !== '' || (mapping.kind !== 'ConfigMap' && mapping.kind !== 'Secret'))
    throw new CliError('unsupported resource specified in --from');
  const wanted = session.flags.list('keys');
  const prefix = session.flags.string('prefix');
  const source = mapping.kind === 'Secret' ? 'secretKeyRef' : 'configMapKeyRef';
  return sortedKeys((object['data'] ?? {}) as Obj)
    .filter((key) => wanted.length === 0 || wanted.includes(key))
    .map((key) => {
      const variableName = key.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
      if (variableName !== key) session.io.stderr(`Warning: key ${key} transferred to ${variableName}\n`);
      return { name: `${prefix}${variableName}`, valueFrom: { [source]: { key, name } } };
    });
};

/** `--list`: what a container is given; with `--resolve` also what stands behind references. */
const listEnv = (session: Session, info: Info, container: Obj): void => {
  const { io, flags } = session;
  const reader = flags.bool('resolve') ? new ReferenceReader(session, info.object, container) : undefined;
  const failures = new Map<string, string[]>();
  io.stdout(`# ${info.mapping.kind} ${info.name}, container ${text(container, 'name')}\n`);
  for (const env of list(container, 'env')) {
    const name = text(env, 'name');
    const source = env['valueFrom'];
    let value: string | undefined = source === undefined ? text(env, 'value') : undefined;
    try {
      value ??= reader?.read(source);
    } catch (error) {
      const { message } = error as Error;
      failures.set(message, [...(failures.get(message) ?? []), name]);
    }
    io.stdout(value === undefined ? `# ${name} from ${referenceText(source)}\n` : `${name}=${value}\n`);
  }
  const said = [...failures].map(
    ([message, names]) => `error retrieving reference for ${[...names].sort().join(', ')}: ${message}`,
  );
  io.stderr(said.sort().join('\n'));
};
