import { EventKind } from '../api/core/event.ts';
import { formatTime } from '../api/meta.ts';
import type { KubeObject } from '../api/object.ts';
import { sharedText } from '../api/shared-text.ts';
import { ApiError, hasReason } from '../api/status.ts';
import type { CoreEvent } from '../api/types.ts';
import type { Kernel, Random } from '../kernel/index.ts';
import type { Client } from './client.ts';
import { causeNow } from './delivery.ts';
import { EventCorrelator, type Correlated } from './event-correlator.ts';
import type { ResourceClient } from './resource-client.ts';

/** Events leave a component a little after what they tell of: the broadcaster has a queue of its own. */
const BROADCAST_LATENCY_MS = 1;
const RETRY_MS = 10_000;
const MAX_TRIES = 12;
/** Events are made here as the API server would read them. */
const WELL_FORMED = { trusted: true } as const;

/** What an event is about, as the event says it. */
export type EventReference = CoreEvent['involvedObject'];

/** What an event is about: an object, or a reference made once for several events. */
export type EventSubject =
  | EventReference
  | (Pick<KubeObject, 'apiVersion' | 'kind'> & {
      readonly metadata: {
        readonly name: string;
        readonly namespace?: string;
        readonly uid?: string;
        readonly resourceVersion?: string;
      };
    });

/** Refers to an object, or to a part of it such as `spec.containers{nginx}`. */
export function referenceTo(subject: EventSubject, fieldPath?: string): EventReference {
  if (!('metadata' in subject)) return subject;
  const { apiVersion, kind, metadata } = subject;
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...(uid === undefined ? {} : { uid }),
    apiVersion,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(fieldPath === undefined ? {} : { fieldPath: sharedText(fieldPath) }),
  };
}

export interface EventRecorderOptions {
  readonly kernel: Kernel;
  readonly client: Client;
  /** source.component: `replicaset-controller`. */
  readonly component: string;
  /** source.host, for components of a node. */
  readonly host?: string;
  /** Limits Warnings and other events of an object apart. */
  readonly limitByType?: boolean;
}

interface Pending {
  readonly event: CoreEvent;
  readonly cause: number;
}

/** Writes core/v1 Events on behalf of one component, correlated as client-go does it. */
export class EventRecorder {
  readonly #kernel: Kernel;
  readonly #component: string;
  readonly #host: string | undefined;
  readonly #events: ResourceClient<CoreEvent>;
  readonly #correlator: EventCorrelator;
  readonly #source: NonNullable<CoreEvent['source']>;
  #random: Random | undefined;
  #pending: Pending[] = [];
  #lastNanos = 0n;

  constructor(options: EventRecorderOptions) {
    this.#kernel = options.kernel;
    this.#component = options.component;
    this.#host = options.host;
    this.#correlator = new EventCorrelator(options.limitByType);
    const { component, host } = options;
    this.#source = host === undefined ? { component } : { component, host };
    this.#events = options.client.resource(EventKind);
  }

  /** Records that something happened to an object; written shortly after. */
  event(subject: EventSubject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const kernel = this.#kernel;
    this.#pending.push({ event: this.#compose(subject, type, reason, message), cause: causeNow(kernel.trace) });
    if (this.#pending.length === 1) kernel.after(BROADCAST_LATENCY_MS, this.#component, () => this.#broadcast());
  }

  #compose(subject: EventSubject, type: string, reason: string, message: string): CoreEvent {
    const time = formatTime(this.#kernel.now);
    const involvedObject = referenceTo(subject);
    const { name, namespace = 'default' } = involvedObject;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: [name, this.#stamp()].join('.'), namespace },
      involvedObject,
      reason,
      message: sharedText(message),
      source: this.#source,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      type,
      reportingComponent: this.#component,
      reportingInstance: this.#host ?? '',
      eventTime: null as unknown as string,
    };
  }

  /** Nanoseconds since the epoch in hexadecimal, never twice the same. */
  #stamp(): string {
    this.#random ??= this.#kernel.random(`events/${this.#component}/${this.#host ?? ''}`);
    const within = this.#random.int(1_000_000);
    let nanos = BigInt(Math.floor(this.#kernel.now)) * 1_000_000n + BigInt(within);
    if (nanos <= this.#lastNanos) nanos = this.#lastNanos + 1n;
    this.#lastNanos = nanos;
    return nanos.toString(16);
  }

  #broadcast(): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const { event, cause } of pending) {
      const correlated = this.#correlator.correlate(event, this.#kernel.now);
      if (correlated) this.#kernel.trace.within(cause, () => this.#write(correlated, 1));
    }
  }

  #write(correlated: Correlated, tries: number): void {
    const { event, observation, patch } = correlated;
    try {
      // What the server keeps anyway is remembered in place of a copy of it.
      observation.written = patch
        ? this.#events.patch(event.metadata.name, event.metadata.namespace, 'strategic', patch)
        : this.#events.create(event, WELL_FORMED);
    } catch (error) {
      if (patch && hasReason(error, 'NotFound')) {
        this.#write({ event, observation }, tries);
        return;
      }
      // The server's refusal is final; only a server that did not answer is asked again.
      if (error instanceof ApiError) return;
      if (!(error instanceof Error) || error instanceof TypeError) throw error;
      if (tries >= MAX_TRIES) return;
      this.#kernel.after(RETRY_MS, this.#component, () => this.#write(correlated, tries + 1), { background: true });
    }
  }
}
