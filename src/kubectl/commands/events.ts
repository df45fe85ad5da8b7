import { allNamespacesFlags, chunkFlags, printFlags } from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { pathOf } from '../discovery.ts';
import { CliError } from '../errors.ts';
import { eventInterval } from '../describe/events.ts';
import { printerFor } from '../print/printer.ts';
import { alignTable } from '../print/table.ts';
import type { Session } from '../session.ts';
import { list, text, type Obj } from '../value.ts';
import { EventStream } from '../wait-stream.ts';
import { mappingOf } from './create/generate.ts';

export const eventsCommand: Command = {
  name: 'events',
  short: 'List events',
  flags: {
    ...printFlags,
    ...allNamespacesFlags,
    ...chunkFlags,
    for: { type: 'string' },
    'no-headers': { type: 'bool' },
    types: { type: 'list' },
    watch: { type: 'bool', short: 'w' },
  },
  run: (session) => events(session),
};

const EVENT = mappingOf({ group: '', version: 'v1', kind: 'Event', resource: 'events', namespaced: true });

const events = (session: Session): void | Promise<void> => {
  const { flags, io, rest } = session;
  const all = flags.bool('all-namespaces');
  const types = flags.list('types').map((type) => type.toLowerCase());
  for (const type of types)
    if (type !== 'normal' && type !== 'warning') throw new CliError('valid --types are Normal or Warning');
  const path = pathOf(EVENT, all ? undefined : session.namespace);
  const fieldSelector = flags.string('for') ? forSelector(session, flags.string('for')) : '';
  const found = rest.get(path, { query: { limit: flags.int('chunk-size') || undefined, fieldSelector } });
  const wanted = (event: Obj): boolean => types.length === 0 || types.includes(text(event, 'type').toLowerCase());
  const items = list(found, 'items')
    .filter(wanted)
    .map((event) => ({ apiVersion: 'v1', kind: 'Event', ...event }));
  const watch = flags.bool('watch');
  if (items.length === 0 && !watch)
    return io.stderr(all ? 'No events found.\n' : `No events found in ${session.namespace} namespace.\n`);
  const sorted = [...items].sort((a, b) => lastSeen(a) - lastSeen(b));
  const output = flags.string('output');
  const widths: number[] = [];
  let headed = flags.bool('no-headers');
  const print = (shown: readonly Obj[]): void => {
    const lines = shown.map((event) => rowOf(event, all, io.now()));
    if (!headed) lines.unshift(`${all ? 'NAMESPACE\t' : ''}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n`);
    headed = true;
    io.stdout(alignTable(lines.join(''), widths));
  };
  if (output !== '') {
    const printer = printerFor(session);
    if (output === 'name') for (const event of sorted) io.stdout(printer(event));
    else io.stdout(printer({ apiVersion: 'v1', kind: 'EventList', metadata: found['metadata'] ?? {}, items: sorted }));
  } else if (sorted.length > 0) print(sorted);
  if (!watch) return;
  return (async () => {
    const stream = new EventStream(
      rest,
      io,
      path,
      { query: { watch: true, fieldSelector, resourceVersion: text(found, 'metadata', 'resourceVersion') } },
      session.requestTimeoutMs || undefined,
    );
    try {
      for (let event = await stream.next(); event; event = await stream.next())
        if ((event.type === 'ADDED' || event.type === 'MODIFIED') && wanted(event.object)) print([event.object]);
    } finally {
      stream.close();
    }
  })();
};

const forSelector = (session: Session, spec: string): string => {
  const [type, name, ...more] = spec.split('/');
  if (!type || !name || more.length > 0) throw new CliError(`--for must be in resource/name form`);
  const { kind, group, version } = session.discovery.mappingFor(type);
  return `involvedObject.kind=${kind},involvedObject.name=${name},involvedObject.apiVersion=${group ? `${group}/${version}` : version}`;
};

const lastSeen = (event: Obj): number =>
  Date.parse(
    text(event, 'series', 'lastObservedTime') ||
      text(event, 'lastTimestamp') ||
      text(event, 'eventTime') ||
      '1970-01-01T00:00:00Z',
  );

const rowOf = (event: Obj, withNamespace: boolean, now: number): string =>
  `${[
    ...(withNamespace ? [text(event, 'metadata', 'namespace')] : []),
    eventInterval(event, now),
    text(event, 'type'),
    text(event, 'reason'),
    `${text(event, 'involvedObject', 'kind')}/${text(event, 'involvedObject', 'name')}`,
    text(event, 'message').trim(),
  ].join('\t')}\n`;
