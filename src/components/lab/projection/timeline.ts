/**
 * The trace as swim lanes. Columns follow the order in which things happened, not the clock: within one virtual
 * millisecond a dozen things can cause one another, and seconds can pass in which nothing does. Time that passes
 * between two columns widens the space between them, by its logarithm.
 */
import type { ShownSpan } from '../../../lab/protocol.ts';

export interface TimelineBar {
  readonly span: ShownSpan;
  /** Index into `lanes`. */
  readonly lane: number;
  /** Where it starts and how wide it is, in units of which a column is COLUMN wide. */
  readonly x: number;
  readonly width: number;
}

export interface TimelinePicture {
  readonly lanes: readonly string[];
  /** In the order in which they began. */
  readonly bars: readonly TimelineBar[];
  readonly barOf: ReadonlyMap<number, TimelineBar>;
  readonly width: number;
  /** Where the last command from outside begins. */
  readonly latest: number;
}

export const COLUMN = 16;

/** Lanes from the reader's command down to the machine that runs it. */
const LANE_ORDER: readonly RegExp[] = [
  /^kubectl/,
  /^kube-apiserver/,
  /^etcd/,
  /^deployment/,
  /^replicaset/,
  /^(?!kube|cri|runtime|container)/,
  /scheduler/,
  /^kubelet/,
  /^(cri|runtime|container)/,
  /^kube-proxy/,
];

const laneRank = (component: string): number => {
  const index = LANE_ORDER.findIndex((pattern) => pattern.test(component));
  return index < 0 ? LANE_ORDER.length : index;
};

/** Space for virtual time that passes between two columns; nothing for a few milliseconds. */
const spaceFor = (ms: number): number => (ms <= 2 ? 0 : COLUMN * Math.log10(ms));

/** A command of the reader's, or something else from outside of the cluster. */
const isOutside = ({ component, parent }: ShownSpan): boolean => parent === 0 && component === 'kubectl';

const isProbe = ({ name }: ShownSpan): boolean => / probe /.test(name);

/** What goes on at all times and tells nothing: heartbeats, probes, and the writing of Events (they have a view of their own). */
function isRoutine(span: ShownSpan): boolean {
  if (isProbe(span)) return true;
  if (span.component !== 'kube-apiserver') return false;
  const { resource, userAgent, verb } = span.attributes;
  const byKubelet = typeof userAgent === 'string' && userAgent.startsWith('kubelet');
  return resource === 'leases' || resource === 'events' || (resource === 'nodes' && byKubelet && verb !== 'create');
}

const WRITES: ReadonlySet<unknown> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

const isWrite = ({ component, attributes }: ShownSpan): boolean =>
  component === 'kube-apiserver' && WRITES.has(attributes['verb']);

/**
 * Leaves out what is routine and what comes of it, up to the first write that is not: that write is shown, and so are
 * its causes up to the heartbeat or probe that it came of (not all the probes before that one).
 */
export function withoutRoutine(spans: readonly ShownSpan[]): ShownSpan[] {
  const quiet = new Map<number, ShownSpan>();
  const telling = new Set<number>();
  for (const span of spans) {
    const routine = isRoutine(span);
    if (routine || (quiet.has(span.parent) && !isWrite(span))) {
      quiet.set(span.id, span);
      continue;
    }
    for (let cause = quiet.get(span.parent); cause && !telling.has(cause.id); cause = quiet.get(cause.parent)) {
      telling.add(cause.id);
      if (isRoutine(cause)) break;
    }
  }
  return spans.filter(({ id }) => !quiet.has(id) || telling.has(id));
}

/**
 * Spans to draw, oldest first, up to `until`. Without `everything` only what follows the first command, without the
 * start-up of the cluster and what is routine.
 */
export function visibleSpans(spans: ReadonlyMap<number, ShownSpan>, until: number, everything: boolean): ShownSpan[] {
  const ordered = [...spans.values()].filter(({ start }) => start <= until).sort((a, b) => a.id - b.id);
  if (everything) return ordered;
  const first = ordered.findIndex(isOutside);
  return first < 0 ? [] : withoutRoutine(ordered.slice(first));
}

export function timelinePicture(spans: readonly ShownSpan[]): TimelinePicture {
  const components = [...new Set(spans.map(({ component }) => component))];
  const lanes = components.sort((a, b) => laneRank(a) - laneRank(b) || a.localeCompare(b, 'en', { numeric: true }));
  const laneOf = new Map(lanes.map((lane, index) => [lane, index]));

  const starts: number[] = [];
  let x = 0;
  spans.forEach((span, index) => {
    if (index > 0) x += COLUMN + spaceFor(span.start - spans[index - 1]!.start);
    starts.push(x);
  });
  const width = x + COLUMN;

  /** Where a span that lasts until `end` stops: at the first column that begins later. */
  const endOf = (from: number, end: number): number => {
    let low = from + 1;
    let high = spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (spans[middle]!.start > end) high = middle;
      else low = middle + 1;
    }
    return low < spans.length ? starts[low]! : width;
  };

  const bars = spans.map((span, index): TimelineBar => {
    const long = span.end > span.start + 2;
    const end = long ? Math.max(endOf(index, span.end) - 4, starts[index]! + COLUMN) : starts[index]! + COLUMN;
    return { span, lane: laneOf.get(span.component)!, x: starts[index]!, width: end - starts[index]! - 4 };
  });
  const latest = bars.findLast(({ span }) => isOutside(span))?.x ?? 0;
  return { lanes, bars, barOf: new Map(bars.map((bar) => [bar.span.id, bar])), width, latest };
}

/** The ids of what led to a span and of what came of it, itself included. */
export function causalChain(spans: ReadonlyMap<number, ShownSpan>, id: number): ReadonlySet<number> {
  const chain = new Set<number>([id]);
  for (let span = spans.get(id); span; span = spans.get(span.parent)) chain.add(span.id);
  const effects = new Set<number>([id]);
  for (const span of [...spans.values()].sort((a, b) => a.id - b.id)) {
    if (!effects.has(span.parent)) continue;
    effects.add(span.id);
    chain.add(span.id);
  }
  return chain;
}
