import { selectorFlags } from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { build, type Info } from '../builder.ts';
import { chosenContainer, containerNames, initContainerNames } from '../containers.ts';
import { CliError, isNotFound, StatusError } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import { labelSelectorText } from '../label-selector.ts';
import { seeHelp, type Session } from '../session.ts';
import { at, list, record, text, type Obj } from '../value.ts';
import { labelText } from '../print/table.ts';

export const logsCommand: Command = {
  name: 'logs',
  short: 'Print the logs for a container in a pod',
  aliases: ['log'],
  flags: {
    ...selectorFlags,
    'all-containers': { type: 'bool' },
    'all-pods': { type: 'bool' },
    container: { type: 'string', short: 'c' },
    follow: { type: 'bool', short: 'f' },
    'ignore-errors': { type: 'bool' },
    'insecure-skip-tls-verify-backend': { type: 'bool' },
    'limit-bytes': { type: 'int' },
    'max-log-requests': { type: 'int', default: 5 },
    'pod-running-timeout': { type: 'duration', default: 20_000 },
    prefix: { type: 'bool' },
    previous: { type: 'bool', short: 'p' },
    since: { type: 'duration' },
    'since-time': { type: 'string' },
    tail: { type: 'int', default: -1 },
    timestamps: { type: 'bool' },
  },
  run: (session) => logs(session),
};

const USAGE =
  "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";

interface Source {
  readonly pod: Obj;
  readonly container: string;
}

const logs = (session: Session): void | Promise<void> => {
  const { flags, args, io } = session;
  const selector = flags.string('selector');
  if (args.length === 0 && !selector) throw new CliError(seeHelp(session, USAGE));
  if (args.length > 0 && selector)
    throw new CliError(seeHelp(session, 'only a selector (-l) or a POD name is allowed'));
  if (args.length > 2) throw new CliError(seeHelp(session, USAGE));
  if (args.length === 2 && !args[0]!.includes('/')) {
    if (flags.changed('container'))
      throw new CliError(seeHelp(session, 'only one of -c or an inline [CONTAINER] arg is allowed'));
    throw new CliError(seeHelp(session, USAGE));
  }
  if (flags.bool('all-containers') && flags.string('container'))
    throw new CliError(
      `--all-containers=true should not be specified with container name ${flags.string('container')}`,
    );
  if (flags.changed('since') && flags.string('since-time'))
    throw new CliError('at most one of `sinceTime` or `sinceSeconds` may be specified');
  const pods = podsOf(session, args[0], selector);
  if (pods.length === 0) return io.stderr(`No resources found in ${session.namespace} namespace.\n`);
  const sources = pods.flatMap((pod) => containersOf(session, pod).map((container) => ({ pod, container })));
  const limit = flags.int('max-log-requests');
  if (flags.bool('follow') && sources.length > limit)
    throw new CliError(
      `you are attempting to follow ${sources.length} log streams, but maximum allowed concurrency is ${limit}, use --max-log-requests to increase the limit`,
    );
  const prefixed = flags.bool('prefix') || flags.bool('all-pods');
  if (flags.bool('follow'))
    return Promise.all(sources.map((source) => follow(session, source, prefixed))).then(() => undefined);
  for (const source of sources) io.stdout(withPrefix(source, String(read(session, source) ?? ''), prefixed));
};

const withPrefix = ({ pod, container }: Source, content: string, prefixed: boolean): string =>
  prefixed
    ? content.replace(/^(?=[^])/gm, (_, offset: number) =>
        offset < content.length ? `[pod/${text(pod, 'metadata', 'name')}/${container}] ` : '',
      )
    : content;

const podsOf = (session: Session, arg: string | undefined, selector: string): Obj[] => {
  const listed = (labelSelector: string): Obj[] =>
    list(session.rest.get(`/api/v1/namespaces/${session.namespace}/pods`, { query: { labelSelector } }), 'items');
  if (arg === undefined) return listed(selector);
  const { infos, errors } = build(session, { args: arg.includes('/') ? [arg] : ['pods', arg] });
  if (errors[0] instanceof StatusError && isNotFound(errors[0])) {
    const { status } = errors[0];
    throw new CliError(
      `error from server (${status.reason ?? ''}): ${errors[0].message} in namespace ${goQuote(session.namespace)}`,
    );
  }
  if (errors.length > 0) throw errors[0]!;
  const [info] = infos as [Info];
  if (info.mapping.kind === 'Pod') return [info.object];
  const found = listed(selectorOf(info));
  if (found.length === 0) throw new CliError(`no pods found for ${info.mapping.resource}/${info.name}`);
  if (session.flags.bool('all-pods')) return found;
  const sorted = [...found].sort((a, b) => readiness(b) - readiness(a));
  if (found.length > 1)
    session.io.stderr(`Found ${found.length} pods, using pod/${text(sorted[0], 'metadata', 'name')}\n`);
  return [sorted[0]!];
};

const readiness = (pod: Obj): number =>
  (text(pod, 'spec', 'nodeName') ? 1 : 0) +
  (text(pod, 'status', 'phase') === 'Running' ? 2 : 0) +
  (list(pod, 'status', 'conditions').some((c) => c['type'] === 'Ready' && c['status'] === 'True') ? 4 : 0);

const selectorOf = ({ object, mapping }: Info): string => {
  const selector = at(object, 'spec', 'selector') as Obj | undefined;
  if (!selector)
    throw new CliError(`cannot get the logs from ${mapping.group}/${mapping.version}, Kind=${mapping.kind}`);
  return mapping.kind === 'Service' || mapping.kind === 'ReplicationController'
    ? labelText(record(selector))
    : labelSelectorText(selector);
};

const containersOf = (session: Session, pod: Obj): string[] => {
  const { flags, args } = session;
  if (!flags.bool('all-containers'))
    return [chosenContainer(session, pod, flags.string('container') || (args[1] ?? ''))];
  const inits = initContainerNames(pod);
  return [...inits, ...containerNames(pod).filter((name) => !inits.includes(name))];
};

const query = (session: Session, container: string): Record<string, string | number | boolean | undefined> => {
  const { flags } = session;
  const tail = flags.int('tail');
  const lines = tail >= 0 ? tail : flags.string('selector') && !flags.changed('tail') ? 10 : undefined;
  return {
    container,
    ...(flags.bool('follow') ? { follow: true } : {}),
    ...(flags.bool('previous') ? { previous: true } : {}),
    ...(flags.bool('timestamps') ? { timestamps: true } : {}),
    ...(flags.int('since') > 0 ? { sinceSeconds: Math.ceil(flags.int('since') / 1000) } : {}),
    ...(flags.string('since-time') ? { sinceTime: flags.string('since-time') } : {}),
    ...(flags.int('limit-bytes') > 0 ? { limitBytes: flags.int('limit-bytes') } : {}),
    ...(lines === undefined ? {} : { tailLines: lines }),
  };
};

const logPath = ({ pod }: Source): string =>
  `/api/v1/namespaces/${text(pod, 'metadata', 'namespace')}/pods/${text(pod, 'metadata', 'name')}/log`;

const read = (session: Session, source: Source): unknown =>
  session.rest.request('GET', logPath(source), {
    query: query(session, source.container),
    accept: 'application/json, */*',
  });

const follow = (session: Session, source: Source, prefixed: boolean): Promise<void> =>
  new Promise((resolve) => {
    const decoder = new TextDecoder();
    let stop: () => void = () => undefined;
    const end = (): void => {
      stop();
      resolve();
    };
    session.io.signal?.addEventListener('abort', end, { once: true });
    stop = session.rest.stream(
      logPath(source),
      { query: query(session, source.container), accept: 'application/json, */*' },
      {
        chunk: (data) => {
          if (data === undefined || data === null) return;
          session.io.stdout(
            withPrefix(source, data instanceof Uint8Array ? decoder.decode(data) : String(data), prefixed),
          );
        },
        end: resolve,
      },
    );
    if (session.requestTimeoutMs > 0) void session.io.sleep(session.requestTimeoutMs).then(end);
  });
