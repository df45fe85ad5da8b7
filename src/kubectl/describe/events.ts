import { list, num, text, type Obj } from '../value.ts';
import type { DescribeContext } from './context.ts';
import { since, type DescribeWriter } from './writer.ts';

/** The events about an object, oldest first. `kind` is left out where events may name another. */
export const searchEvents = (context: DescribeContext, options: { kind?: boolean; uid?: string } = {}): Obj[] => {
  const { object, session } = context;
  const namespace = text(object, 'metadata', 'namespace');
  const uid = options.uid ?? text(object, 'metadata', 'uid');
  const selector = [
    `involvedObject.name=${text(object, 'metadata', 'name')}`,
    `involvedObject.namespace=${namespace}`,
    ...(options.kind === false ? [] : [`involvedObject.kind=${text(object, 'kind')}`]),
    ...(uid ? [`involvedObject.uid=${uid}`] : []),
  ]
    .sort()
    .join(',');
  const path = namespace ? `/api/v1/namespaces/${namespace}/events` : '/api/v1/events';
  try {
    return list(session.rest.get(path, { query: { fieldSelector: selector, limit: 500 } }), 'items');
  } catch {
    return [];
  }
};

/** The table of events at the end of a description. */
export const describeEvents = (w: DescribeWriter, events: readonly Obj[], now: number): void => {
  if (events.length === 0) return w.line(0, 'Events:', '<none>');
  w.flush();
  const sorted = [...events].sort((a, b) => eventTime(a) - eventTime(b));
  w.write(0, 'Events:\n  Type\tReason\tAge\tFrom\tMessage\n');
  w.line(1, '----', '------', '----', '----', '-------');
  for (const event of sorted) {
    const path = text(event, 'involvedObject', 'fieldPath');
    const message = text(event, 'message').trim();
    w.line(
      1,
      text(event, 'type'),
      text(event, 'reason'),
      eventInterval(event, now),
      text(event, 'source', 'component') || text(event, 'reportingComponent'),
      path ? `${path}: ${message}` : message,
    );
  }
};

/** kubectl sorts by the last timestamp. */
const eventTime = (event: Obj): number => {
  const found = text(event, 'series', 'lastObservedTime') || text(event, 'lastTimestamp') || text(event, 'eventTime');
  return found ? Date.parse(found) : -Infinity;
};

/** `3m (x4 over 5m)`. */
export const eventInterval = (event: Obj, now: number): string => {
  const first = text(event, 'eventTime')
    ? since(now, text(event, 'eventTime'))
    : since(now, text(event, 'firstTimestamp'));
  if (event['series'])
    return `${since(now, text(event, 'series', 'lastObservedTime'))} (x${num(event, 'series', 'count')} over ${first})`;
  if (num(event, 'count') > 1)
    return `${since(now, text(event, 'lastTimestamp'))} (x${num(event, 'count')} over ${first})`;
  return first;
};

/** Events, where they are wanted. */
export const eventsOf = (context: DescribeContext, w: DescribeWriter): void => {
  if (context.showEvents) describeEvents(w, searchEvents(context), context.now);
};
