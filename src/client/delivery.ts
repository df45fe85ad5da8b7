import type { Trace } from '../kernel/index.ts';

/**
 * What reaches one handler from a watch: one object at a time, so that one record serves for all. A span exists only
 * once something comes of it.
 */
export interface Delivery {
  readonly trace: Trace;
  readonly component: string;
  /** `pods`. */
  readonly resource: string;
  key: string;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resourceVersion: string | undefined;
  /** Span of the delivery, 0 until it is needed. */
  span: number;
}

let current: Delivery | undefined;

/** Makes a delivery the cause of what follows. Returns the one before, for leave(). */
export function enter(delivery: Delivery): Delivery | undefined {
  const outer = current;
  current = delivery;
  return outer;
}

export function leave(outer: Delivery | undefined): void {
  current = outer;
}

/**
 * The span that causes what is done now: the delivery being handled, whose span is opened on first use, or the
 * trace's current span. Most deliveries to a shared informer concern nobody; leaving them out of the trace
 * keeps it short and readable.
 */
export function causeNow(trace: Trace): number {
  const delivery = current;
  if (!delivery || delivery.trace !== trace) return trace.current;
  return (delivery.span ||= openDelivery(delivery));
}

/** Opens and closes the span of a delivery: `watch pods default/web-1` in the component's lane. */
export function openDelivery(delivery: Delivery): number {
  const { trace, component, resource, key, type, resourceVersion } = delivery;
  const id = trace.start(component, `watch ${resource} ${key}`, { type, resource, key, resourceVersion });
  trace.end(id);
  return id;
}
