export type AttributeValue = string | number | boolean | readonly string[] | readonly number[] | undefined;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/**
 * One thing that happened (OpenTelemetry's span): a request, a watch delivery, a reconcile, a scheduling
 * decision, a packet. Times are virtual milliseconds since the Unix epoch. `parent` is the span that caused
 * it, 0 when nothing inside the simulation did.
 */
export interface Span {
  readonly id: number;
  readonly parent: number;
  /** What happened, in the words of the component's field: `POST /api/v1/namespaces/default/pods`, `reconcile`. */
  readonly name: string;
  /** Who did it: `kubectl`, `kube-apiserver`, `deployment-controller`, `kubelet/node-1`. A timeline lane. */
  readonly component: string;
  readonly start: number;
  end: number;
  attributes: Attributes;
}

export interface TraceOptions {
  /** How many spans are kept; the oldest half is dropped when it is exceeded. 0 records nothing. */
  readonly capacity?: number;
}

const NO_ATTRIBUTES: Attributes = Object.freeze({});

/** The record of causes and effects. Ids grow by one and never repeat, also when old spans are dropped. */
export class Trace {
  readonly #capacity: number;
  readonly #clock: { readonly now: number };
  readonly #listeners = new Set<(span: Span) => void>();
  #spans: Span[] = [];
  /** Id of the span at index 0 of #spans. */
  #base = 1;
  /** Span whose effects are being computed now; 0 outside of any. */
  current = 0;

  constructor(clock: { readonly now: number }, options: TraceOptions = {}) {
    this.#clock = clock;
    this.#capacity = options.capacity ?? 50_000;
  }

  get enabled(): boolean {
    return this.#capacity > 0;
  }

  /** The id that the next span will have. */
  get nextId(): number {
    return this.#base + this.#spans.length;
  }

  /** Opens a span caused by the current one. Returns its id; 0 when nothing is recorded. */
  start(component: string, name: string, attributes: Attributes = NO_ATTRIBUTES, parent = this.current): number {
    if (this.#capacity === 0) return 0;
    if (this.#spans.length >= this.#capacity) {
      const drop = this.#capacity >> 1;
      this.#spans = this.#spans.slice(drop);
      this.#base += drop;
    }
    const id = this.nextId;
    const now = this.#clock.now;
    this.#spans.push({ id, parent, name, component, start: now, end: now, attributes });
    return id;
  }

  /** Closes a span now, adding what was learned since it opened. */
  end(id: number, attributes?: Attributes): void {
    const span = this.get(id);
    if (!span) return;
    span.end = this.#clock.now;
    if (attributes) {
      span.attributes = span.attributes === NO_ATTRIBUTES ? attributes : { ...span.attributes, ...attributes };
    }
    for (const listener of this.#listeners) listener(span);
  }

  /** Records something that took no time. */
  event(component: string, name: string, attributes?: Attributes): number {
    const id = this.start(component, name, attributes);
    this.end(id);
    return id;
  }

  /** Runs `body` inside a span: what it schedules and records has the span as its cause. */
  span<T>(component: string, name: string, attributes: Attributes, body: (id: number) => T): T {
    const id = this.start(component, name, attributes);
    try {
      return this.within(id, () => body(id));
    } finally {
      this.end(id);
    }
  }

  /** Runs `body` with `cause` as the current span. */
  within<T>(cause: number, body: () => T): T {
    const outer = this.current;
    this.current = cause;
    try {
      return body();
    } finally {
      this.current = outer;
    }
  }

  get(id: number): Span | undefined {
    return this.#spans[id - this.#base];
  }

  /** Spans still kept with an id of at least `from`, oldest first. */
  since(from: number): readonly Span[] {
    return this.#spans.slice(Math.max(0, from - this.#base));
  }

  /** The chain of causes of a span, itself first, as far back as it is kept. */
  causes(id: number): Span[] {
    const chain: Span[] = [];
    for (let span = this.get(id); span; span = this.get(span.parent)) chain.push(span);
    return chain;
  }

  /** Calls `listener` with every span that ends from now on; returns a function that stops it. */
  listen(listener: (span: Span) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
