import { formatMicroTime } from '../../api/meta.ts';
import { textAnswer } from '../http/health.ts';
import type { ApiServer } from '../server.ts';
import type { FlowControl } from './flow-control.ts';
import type { Arrived } from './work.ts';

const ROOT = '/debug/api_priority_and_fairness';
/** What Go writes for a time that has not come. */
const NO_TIME = '0001-01-01T00:00:00Z';
const LEAST_WIDTH = 8;

/** RFC 3339 without zeros at the end. */
const timeText = (ms: number): string => formatMicroTime(ms).replace(/\.?0+Z$/, 'Z');

/** Comma-separated values with their columns aligned, as text/tabwriter does it. */
function aligned(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell, i) => (i < row.length - 1 ? `${cell},` : cell)));
  const widths = cells[0]!.map((_, i) => Math.max(LEAST_WIDTH, ...cells.map((row) => row[i]!.length + 1)));
  return cells
    .map((row) => `${row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i]!) : cell)).join('')}\n`)
    .join('');
}

const seatSeconds = (value: number): string => `${value.toFixed(8)}ss`;

const duration = (ms: number): string => (ms === 0 ? '0s' : `${ms}ms`);

function priorityLevels({ levels }: FlowControl): string[][] {
  const header =
    'PriorityLevelName ActiveQueues IsIdle IsQuiescing WaitingRequests ExecutingRequests DispatchedRequests RejectedRequests TimedoutRequests CancelledRequests';
  return [
    header.split(' '),
    ...levels.map((level) => [
      level.name,
      String(level.queues.filter(({ length }) => length > 0).length),
      String(level.isIdle),
      'false',
      String(level.waiting),
      String(level.executing),
      String(level.dispatched),
      String(level.rejected),
      String(level.timedOut),
      '0',
    ]),
  ];
}

function queues({ levels }: FlowControl): string[][] {
  const header =
    'PriorityLevelName Index PendingRequests ExecutingRequests SeatsInUse NextDispatchR InitialSeatsSum MaxSeatsSum TotalWorkSum';
  return [
    header.split(' '),
    ...levels.flatMap(({ name, queues }) =>
      queues.map((queue) => [
        name,
        String(queue.index),
        String(queue.length),
        String(queue.executing),
        String(queue.seatsInUse),
        seatSeconds(queue.nextDispatch),
        String(queue.seats),
        String(queue.widest),
        seatSeconds(queue.work),
      ]),
    ),
  ];
}

function requests({ levels }: FlowControl, withDetails: boolean): string[][] {
  const header =
    'PriorityLevelName FlowSchemaName QueueIndex RequestIndexInQueue FlowDistingsher ArriveTime InitialSeats FinalSeats AdditionalLatency StartTime';
  const details = 'UserName Verb APIPath Namespace Name APIVersion Resource SubResource';
  const row = (level: string, { work, arrived, started, queue }: Arrived, index: number): string[] => {
    const { description: of } = work;
    return [
      level,
      work.schema,
      String(queue),
      String(index),
      work.distinguisher,
      timeText(arrived),
      String(work.seats),
      String(work.finalSeats),
      duration(work.finalMs),
      started === undefined ? NO_TIME : timeText(started),
      ...(withDetails
        ? [of.user, of.verb, of.path, of.namespace, of.name, of.apiVersion, of.resource, of.subresource]
        : []),
    ];
  };
  return [
    [...header.split(' '), ...(withDetails ? details.split(' ') : [])],
    ...levels.flatMap((level) => [
      ...[...level.inFlight].map((request) => row(level.name, request, -1)),
      ...level.queues.flatMap((queue) => [...queue.requests].map((request, i) => row(level.name, request, i))),
    ]),
  ];
}

/** Serves what is in the queues at `/debug/api_priority_and_fairness/dump_*`. The paths are not listed at `/`. */
export function serveDumps({ documents }: ApiServer, flowControl: FlowControl): void {
  documents.set(`${ROOT}/dump_priority_levels`, () => textAnswer(aligned(priorityLevels(flowControl))));
  documents.set(`${ROOT}/dump_queues`, () => textAnswer(aligned(queues(flowControl))));
  documents.set(`${ROOT}/dump_requests`, (_, query) =>
    textAnswer(aligned(requests(flowControl, query.get('includeRequestDetails') !== null))),
  );
}
