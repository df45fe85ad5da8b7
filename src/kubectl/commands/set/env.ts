import type { Command } from '../../cli/command.ts';
import { build } from '../../builder.ts';
import { CliError } from '../../errors.ts';
import { goQuote } from '../../go-format.ts';
import type { Session } from '../../session.ts';
import { list, sortedKeys, text, type Obj } from '../../value.ts';
import { at } from '../../value.ts';
import { changePodSpecs, setFlags } from './apply-change.ts';
import { containersNamed, podSpecPath } from './pod-template.ts';

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
    const isChange = (arg: string): boolean => arg.includes('=') || (arg.endsWith('-') && arg.length > 1);
    const resources = session.args.filter((arg) => !isChange(arg));
    const changes = [...session.args.filter(isChange), ...session.flags.list('env')];
    const from = session.flags.string('from');
    if (session.flags.bool('list')) return listEnv(session, resources);
    if (resources.length === 0 && session.flags.list('filename').length === 0)
      throw new CliError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
    const imported = from ? fromObject(session, from) : [];
    const pattern = session.flags.string('containers');
    changePodSpecs(session, {
      resources,
      operation: 'env updated',
      change: (podSpec, info) => {
        const containers = [
          ...containersNamed(podSpec, 'initContainers', pattern),
          ...containersNamed(podSpec, 'containers', pattern),
        ];
        if (containers.length === 0)
          session.io.stderr(
            `Warning: ${info.mapping.kind}/${info.name} does not have any containers matching ${goQuote(pattern)}\n`,
          );
        for (const container of containers)
          changeEnv(container, [...imported, ...changes.map(parseEnv)], session.flags.bool('overwrite'));
      },
    });
  },
};

interface EnvChange {
  readonly name: string;
  /** Undefined: remove it. */
  readonly value?: Obj;
}

const parseEnv = (spec: string): EnvChange => {
  const equals = spec.indexOf('=');
  if (equals < 0) return { name: spec.slice(0, -1) };
  const name = spec.slice(0, equals);
  if (!NAME.test(name))
    throw new CliError(
      `${goQuote(name)} is not a valid key name: a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')`,
    );
  const value = spec.slice(equals + 1);
  return { name, value: { name, ...(value ? { value } : {}) } };
};

const changeEnv = (container: Obj, changes: readonly EnvChange[], overwrite: boolean): void => {
  let env = [...list(container, 'env')];
  for (const { name, value } of changes) {
    const found = env.findIndex((each) => each['name'] === name);
    if (value === undefined) env = env.filter((_, i) => i !== found);
    else if (found < 0) env.push(value);
    else if (overwrite) env[found] = value;
    else if (text(env[found], 'value') !== text(value, 'value'))
      throw new CliError(`'${name}' already has a value (${text(env[found], 'value')}), and --overwrite is false`);
  }
  if (env.length > 0) container['env'] = env;
  else delete container['env'];
};

/** `--from=configmap/settings`: one variable for each key. */
const fromObject = (session: Session, from: string): EnvChange[] => {
  const { infos, errors } = build(session, { args: [from] });
  if (errors.length > 0) throw errors[0]!;
  const { object, mapping, name } = infos[0]!;
  const wanted = session.flags.list('keys');
  const prefix = session.flags.string('prefix');
  return sortedKeys((object['data'] ?? {}) as Obj)
    .filter((key) => wanted.length === 0 || wanted.includes(key))
    .map((key) => {
      const variable = `${prefix}${key.toUpperCase().replace(/[^A-Z0-9_]/g, '_')}`;
      const source = mapping.kind === 'Secret' ? 'secretKeyRef' : 'configMapKeyRef';
      return { name: variable, value: { name: variable, valueFrom: { [source]: { key, name } } } };
    });
};

const listEnv = (session: Session, resources: readonly string[]): void => {
  const { infos, errors } = build(session, {
    args: resources,
    filenames: session.flags.list('filename'),
    selectAll: session.flags.bool('all'),
  });
  if (errors.length > 0) throw errors[0]!;
  for (const info of infos) {
    const path = podSpecPath(info.object);
    for (const container of path
      ? containersNamed(at(info.object, ...path), 'containers', session.flags.string('containers'))
      : []) {
      session.io.stdout(`# ${info.mapping.kind} ${info.name}, container ${text(container, 'name')}\n`);
      for (const env of list(container, 'env')) {
        if (env['valueFrom'] === undefined) session.io.stdout(`${text(env, 'name')}=${text(env, 'value')}\n`);
        else {
          const ref = (at(env, 'valueFrom', 'secretKeyRef') ?? at(env, 'valueFrom', 'configMapKeyRef')) as
            Obj | undefined;
          const kind = at(env, 'valueFrom', 'secretKeyRef') ? 'secret' : 'configmap';
          session.io.stdout(
            ref
              ? `# ${text(env, 'name')} from ${kind} ${text(ref, 'name')}, key ${text(ref, 'key')}\n`
              : `# ${text(env, 'name')} from field path ${text(env, 'valueFrom', 'fieldRef', 'fieldPath')}\n`,
          );
        }
      }
    }
  }
};
