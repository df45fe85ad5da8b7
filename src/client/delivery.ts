import type { Trace } from '../kernel/index.ts';

/** One object on its way from a watch to one handler. Its span exists only once something comes of it. */
export interface Delivery {
  readonly trace: Trace;
  readonly component: string;
  /** `pods`. */
  readonly resource: string;
  readonly key: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resourceVersion: string | undefined;
  /** Span of the delivery, 0 until it is needed. */
  span: number;
}

let current: Delivery | undefined;

/** Runs a handler as the consequence of a delivery. */
export function deliver(delivery: Delivery, handler: () => void): void {
  const outer = current;
  current = delivery;
  try {
    handler();
  } finally {
    current = outer;
  }
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
