import { computed, Counter, Histogram, type MetricFamily } from '../metrics/metric-family.ts';
import type { FlowControl } from './flow-control.ts';
import type { LevelObserver, PriorityLevel } from './priority-level.ts';
import { widthOf, type Rejection, type Work } from './work.ts';

const SECONDS = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];
const LENGTHS = [0, 10, 25, 50, 100, 250, 500, 1000];
const SEATS = [1, 2, 4, 10];
const FLOW = ['flow_schema', 'priority_level'] as const;
const PREFIX = 'apiserver_flowcontrol';

/** Counts what becomes of requests, for the families `apiserver_flowcontrol_*` of /metrics. Durations are virtual. */
export class FlowMetrics implements LevelObserver {
  readonly #dispatched = new Counter(
    `${PREFIX}_dispatched_requests_total`,
    '[BETA] Requests that were given seats.',
    FLOW,
  );
  readonly #rejected = new Counter(
    `${PREFIX}_rejected_requests_total`,
    '[BETA] Requests that were turned away, by the reason.',
    [...FLOW, 'reason'],
  );
  readonly #inQueue = new Counter(
    `${PREFIX}_current_inqueue_requests`,
    '[BETA] Requests that wait in queues.',
    FLOW,
    'gauge',
  );
  readonly #seatsInQueue = new Counter(
    `${PREFIX}_current_inqueue_seats`,
    '[ALPHA] Seats that the requests in queues will take.',
    FLOW,
    'gauge',
  );
  readonly #executing = new Counter(
    `${PREFIX}_current_executing_requests`,
    '[BETA] Requests in flight; of watches only the beginning counts.',
    FLOW,
    'gauge',
  );
  readonly #seats = new Counter(`${PREFIX}_current_executing_seats`, '[BETA] Seats that are taken.', FLOW, 'gauge');
  readonly #waits = new Histogram(
    `${PREFIX}_request_wait_duration_seconds`,
    '[BETA] How long requests waited in queues, and whether they were executed then.',
    ['execute', ...FLOW],
    SECONDS,
  );
  readonly #durations = new Histogram(
    `${PREFIX}_request_execution_seconds`,
    '[ALPHA] How long requests had their seats.',
    [...FLOW, 'type'],
    SECONDS,
  );
  readonly #lengths = new Histogram(
    `${PREFIX}_request_queue_length_after_enqueue`,
    '[ALPHA] How long the queue was that a request came into, with that request.',
    FLOW,
    LENGTHS,
  );
  readonly #widths = new Histogram(
    `${PREFIX}_work_estimated_seats`,
    '[ALPHA] How many seats requests were thought to need.',
    FLOW,
    SEATS,
  );

  get families(): readonly MetricFamily[] {
    return [
      this.#dispatched,
      this.#rejected,
      this.#inQueue,
      this.#seatsInQueue,
      this.#executing,
      this.#seats,
      this.#waits,
      this.#durations,
      this.#lengths,
      this.#widths,
    ];
  }

  queued({ name }: PriorityLevel, work: Work, queueLength: number): void {
    this.#inQueue.add(1, work.schema, name);
    this.#seatsInQueue.add(widthOf(work), work.schema, name);
    this.#lengths.observe(queueLength, work.schema, name);
    this.#widths.observe(widthOf(work), work.schema, name);
  }

  dispatched({ name }: PriorityLevel, work: Work, waitedMs: number, queued: boolean): void {
    if (queued) this.#left(name, work);
    else this.#widths.observe(widthOf(work), work.schema, name);
    this.#dispatched.add(1, work.schema, name);
    this.#executing.add(1, work.schema, name);
    this.#seats.add(widthOf(work), work.schema, name);
    this.#waits.observe(waitedMs / 1000, 'true', work.schema, name);
  }

  rejected({ name }: PriorityLevel, work: Work, reason: Rejection, waitedMs: number): void {
    if (reason === 'time-out') this.#left(name, work);
    this.#rejected.add(1, work.schema, name, reason);
    this.#waits.observe(waitedMs / 1000, 'false', work.schema, name);
  }

  finished({ name }: PriorityLevel, work: Work): void {
    this.#executing.add(-1, work.schema, name);
    this.#seats.add(-widthOf(work), work.schema, name);
    const type = work.description.verb === 'watch' ? 'watch' : 'regular';
    this.#durations.observe(work.durationMs / 1000, work.schema, name, type);
  }

  #left(name: string, work: Work): void {
    this.#inQueue.add(-1, work.schema, name);
    this.#seatsInQueue.add(-widthOf(work), work.schema, name);
  }
}

/** What priority levels themselves know, whether requests are counted or not. */
export function levelMetrics(flowControl: FlowControl): readonly MetricFamily[] {
  const gauge = (name: string, help: string, value: (level: PriorityLevel) => number): MetricFamily =>
    computed(`${PREFIX}_${name}`, help, 'gauge', () =>
      flowControl.levels.map((level) => [{ priority_level: level.name }, value(level)] as const),
    );
  return [
    gauge('nominal_limit_seats', '[BETA] Seats of a level by its shares.', ({ nominal }) => nominal),
    gauge('lower_limit_seats', '[ALPHA] Seats that a level does not lend.', ({ least }) => least),
    gauge('upper_limit_seats', '[ALPHA] Seats of a level with all that it may borrow.', ({ most }) => most),
    gauge('current_limit_seats', '[ALPHA] Seats of a level now.', ({ limit }) => (limit === Infinity ? 0 : limit)),
    gauge(
      'demand_seats_high_watermark',
      '[ALPHA] Most seats wanted in the last period.',
      ({ demand }) => demand.highest,
    ),
    gauge(
      'demand_seats_average',
      '[ALPHA] Seats wanted in the last period, on average.',
      ({ demand }) => demand.average,
    ),
    gauge('demand_seats_stdev', '[ALPHA] Standard deviation of the seats wanted.', ({ demand }) => demand.deviation),
    gauge('demand_seats_smoothed', '[ALPHA] Seats wanted, smoothed over periods.', ({ demand }) => demand.smoothed),
    gauge('current_r', '[ALPHA] Progress of fair queuing, seat-seconds.', ({ progress }) => progress),
    computed(`${PREFIX}_seat_fair_frac`, '[ALPHA] Fraction of what they want that levels get.', 'gauge', () => [
      [{}, flowControl.fairFraction],
    ]),
  ];
}
