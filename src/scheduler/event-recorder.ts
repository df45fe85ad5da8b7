import { EventsEventKind } from '../api/events/event.ts';
import { formatMicroTime } from '../api/meta.ts';
import { ApiError } from '../api/status.ts';
import type { EventsEvent, Pod } from '../api/types.ts';
import type { Client, ResourceClient } from '../client/index.ts';
import type { Kernel, Timer } from '../kernel/index.ts';

/** Events leave a component a little after what they tell of: the broadcaster has a queue of its own. */
const BROADCAST_LATENCY_MS = 1;
/** A series to which nothing was added for so long is over (client-go/tools/events). */
const FINISH_MS = 360_000;

/** The latest event about a Pod, and how often it has happened since it was written. */
interface Series {
  readonly name: string;
  readonly namespace: string;
  readonly reason: string;
  /** The version of the Pod that it is about. */
  readonly version: string | undefined;
  count: number;
  lastMs: number;
}

/** Events are made here as the API server would read them. */
const WELL_FORMED = { trusted: true } as const;

/** Longest note that the API takes, in bytes. */
const NOTE_LIMIT = 1024;

const truncate = (note: string): string => (note.length <= NOTE_LIMIT ? note : `${note.slice(0, NOTE_LIMIT - 4)} ...`);

const referenceTo = ({ metadata: { name, namespace, uid, resourceVersion } }: Pod): EventsEvent['regarding'] => ({
  kind: 'Pod',
  namespace,
  name,
  uid,
  apiVersion: 'v1',
  resourceVersion,
});

/**
 * Writes events.k8s.io/v1 Events about Pods. The same event about the same version of a Pod becomes a series:
 * its first repetition is written at once, the final count when the series is over.
 */
export class PodEventRecorder {
  readonly #kernel: Kernel;
  readonly #component: string;
  readonly #controller: string;
  readonly #instance: string;
  readonly #events: ResourceClient<EventsEvent>;
  /** By uid of the Pod. */
  readonly #series = new Map<string, Series>();
  #pending: { readonly event: EventsEvent; readonly cause: number }[] = [];
  #lastNanos = 0n;
  #finishTimer: Timer | undefined;

  /** `component` is the lane of its work; `controller` and `host` are what the events name as their source. */
  constructor(kernel: Kernel, client: Client, component: string, controller: string, host: string) {
    this.#kernel = kernel;
    this.#component = component;
    this.#controller = controller;
    this.#instance = `${controller}-${host}`;
    this.#events = client.resource(EventsEventKind);
  }

  record(pod: Pod, type: 'Normal' | 'Warning', reason: string, action: string, note: string): void {
    const { name, namespace } = pod.metadata;
    const event: EventsEvent = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: [name, this.#stamp()].join('.'), namespace: namespace ?? 'default' },
      eventTime: formatMicroTime(this.#kernel.now),
      reportingController: this.#controller,
      reportingInstance: this.#instance,
      action,
      reason,
      regarding: referenceTo(pod),
      note: truncate(note),
      type,
    };
    this.#pending.push({ event, cause: this.#kernel.trace.current });
    if (this.#pending.length === 1) {
      this.#kernel.after(BROADCAST_LATENCY_MS, this.#component, () => this.#broadcast());
    }
  }

  stop(): void {
    this.#finishTimer?.cancel();
  }

  /** Nanoseconds since the epoch in hexadecimal, never twice the same. */
  #stamp(): string {
    const within = this.#kernel.random('scheduler/events').int(1_000_000);
    let nanos = BigInt(Math.floor(this.#kernel.now)) * 1_000_000n + BigInt(within);
    if (nanos <= this.#lastNanos) nanos = this.#lastNanos + 1n;
    this.#lastNanos = nanos;
    return nanos.toString(16);
  }

  #broadcast(): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const { event, cause } of pending) this.#kernel.trace.within(cause, () => this.#send(event));
  }

  #send(event: EventsEvent): void {
    const { uid = '', resourceVersion: version } = event.regarding!;
    const { name, namespace = 'default' } = event.metadata;
    const { reason = '' } = event;
    const series = this.#series.get(uid);
    if (series?.reason === reason && series.version === version) {
      series.count++;
      series.lastMs = this.#kernel.now;
      if (series.count === 2) this.#writeSeries(series);
      return;
    }
    if (series) this.#finish(series);
    this.#series.set(uid, { name, namespace, reason, version, count: 1, lastMs: this.#kernel.now });
    this.#armFinish();
    this.#write(() => this.#events.create(event, WELL_FORMED));
  }

  /** The first repetition was written when it happened; later ones are written now. */
  #finish(series: Series): void {
    if (series.count > 2) this.#writeSeries(series);
  }

  #writeSeries({ name, namespace, count, lastMs }: Series): void {
    const series = { count, lastObservedTime: formatMicroTime(lastMs) };
    this.#write(() => this.#events.patch(name, namespace, 'strategic', { series }));
  }

  /** A refused event is lost: its namespace, or the event itself, is gone. */
  #write(send: () => unknown): void {
    try {
      send();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  #armFinish(): void {
    if (this.#finishTimer?.active) return;
    const finish = (): void => {
      const over = this.#kernel.now - FINISH_MS;
      for (const [uid, series] of this.#series) {
        if (series.lastMs > over) continue;
        this.#finish(series);
        this.#series.delete(uid);
      }
      if (this.#series.size > 0) this.#armFinish();
    };
    this.#finishTimer = this.#kernel.after(FINISH_MS, this.#component, finish, { background: true });
  }
}
