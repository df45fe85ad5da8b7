import type { CoreEvent } from '../api/types.ts';
import { TokenBucket } from './rate-limiter.ts';

/** client-go's defaults (tools/record/events_cache.go). */
const CACHE_SIZE = 4096;
const SPAM_BURST = 25;
const SPAM_PER_SECOND = 1 / 300;
const AGGREGATE_ABOVE = 10;
const AGGREGATE_WITHIN_MS = 600_000;
const AGGREGATE_PREFIX = '(combined from similar events): ';

/** A map that forgets what was not used for long: what outlives two generations of newer entries without being asked for. */
class RecentMap<V> {
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  get(key: string): V | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const aged = this.#old.get(key);
    if (aged !== undefined) this.set(key, aged);
    return aged;
  }

  set(key: string, value: V): void {
    this.#young.set(key, value);
    if (this.#young.size < CACHE_SIZE / 2) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}

interface Similar {
  readonly messages: Set<string>;
  lastMs: number;
}

/** An event as it was last written, to be counted up when it happens again. */
interface Observation {
  name: string;
  count: number;
  firstTimestamp: string;
}

/** All that is remembered about the events of one object. */
interface Subject {
  readonly bucket: TokenBucket;
  /** By type and reason. */
  readonly similar: Map<string, Similar>;
  readonly observed: Map<string, Observation>;
}

/** What to do with an event: write it anew, or change the one that is there. */
export interface Correlated {
  readonly event: CoreEvent;
  /** Set when the event repeats one already written: the changes to it. */
  readonly patch?: { readonly count: number; readonly lastTimestamp: string; readonly message: string };
}

/**
 * Keeps a component from flooding the API with events (client-go's EventCorrelator): an event that repeats is
 * counted up; more than ten events that differ only in their message become one; and each object may cause 25
 * events at once and then one every five minutes. One correlator serves one source of events.
 */
export class EventCorrelator {
  readonly #subjects = new RecentMap<Subject>();

  /** Returns what to write, or undefined when the object has caused too many events. */
  correlate(event: CoreEvent, nowMs: number): Correlated | undefined {
    const subject = this.#subjectOf(event);
    const { message, aggregateKey } = aggregate(event, subject, nowMs);
    const { type, reason, involvedObject } = event;
    const key = aggregateKey ?? `${type}|${reason}|${message}|${involvedObject.fieldPath ?? ''}`;
    const last = subject.observed.get(key);
    let correlated: Correlated;
    if (last) {
      last.count++;
      correlated = {
        event: {
          ...event,
          metadata: { ...event.metadata, name: last.name },
          message,
          count: last.count,
          firstTimestamp: last.firstTimestamp,
        },
        patch: { count: last.count, lastTimestamp: event.lastTimestamp!, message },
      };
    } else {
      subject.observed.set(key, { name: event.metadata.name, count: 1, firstTimestamp: event.firstTimestamp! });
      correlated = { event: message === event.message ? event : { ...event, message } };
    }
    return subject.bucket.tryAccept(nowMs) ? correlated : undefined;
  }

  #subjectOf({ involvedObject: { kind, namespace, name, uid, apiVersion } }: CoreEvent): Subject {
    const key = uid ?? `${apiVersion} ${kind} ${namespace ?? ''}/${name}`;
    let subject = this.#subjects.get(key);
    if (!subject) {
      subject = { bucket: new TokenBucket(SPAM_PER_SECOND, SPAM_BURST), similar: new Map(), observed: new Map() };
      this.#subjects.set(key, subject);
    }
    return subject;
  }
}

function aggregate(
  event: CoreEvent,
  subject: Subject,
  nowMs: number,
): { readonly message: string; readonly aggregateKey?: string } {
  const message = event.message ?? '';
  const key = `${event.type}|${event.reason}`;
  let similar = subject.similar.get(key);
  if (!similar || nowMs - similar.lastMs > AGGREGATE_WITHIN_MS) {
    similar = { messages: new Set(), lastMs: nowMs };
    subject.similar.set(key, similar);
  }
  similar.lastMs = nowMs;
  similar.messages.add(message);
  if (similar.messages.size < AGGREGATE_ABOVE) return { message };
  // The set has grown to its limit; which messages fill it no longer matters.
  similar.messages.delete(similar.messages.values().next().value!);
  return { message: AGGREGATE_PREFIX + message, aggregateKey: key };
}
