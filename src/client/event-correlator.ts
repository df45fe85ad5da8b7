import type { CoreEvent } from '../api/types.ts';
import { TokenBucket } from './rate-limiter.ts';

/** client-go's defaults (tools/record/events_cache.go). */
const CACHE_SIZE = 4096;
const SPAM_BURST = 25;
const SPAM_PER_SECOND = 1 / 300;
const AGGREGATE_ABOVE = 10;
const AGGREGATE_WITHIN_MS = 600_000;
const AGGREGATE_PREFIX = '(combined from similar events): ';

/** A map that forgets what was used longest ago. */
class RecentMap<V> {
  readonly #entries = new Map<string, V>();

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > CACHE_SIZE) this.#entries.delete(this.#entries.keys().next().value!);
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

/** What to do with an event: write it anew, or change the one that is there. */
export interface Correlated {
  readonly key: string;
  readonly event: CoreEvent;
  /** Set when the event repeats one already written: the changes to it. */
  readonly patch?: { readonly count: number; readonly lastTimestamp: string; readonly message: string };
}

/**
 * Keeps a component from flooding the API with events (client-go's EventCorrelator): an event that repeats is
 * counted up; more than ten events that differ only in their message become one; and each object may cause 25
 * events at once and then one every five minutes.
 */
export class EventCorrelator {
  readonly #similar = new RecentMap<Similar>();
  readonly #observed = new RecentMap<Observation>();
  readonly #spam = new RecentMap<TokenBucket>();

  /** Returns what to write, or undefined when the object has caused too many events. */
  correlate(event: CoreEvent, nowMs: number): Correlated | undefined {
    const subject = subjectOf(event);
    const { message, aggregateKey } = this.#aggregate(event, subject, nowMs);
    const key =
      aggregateKey ?? `${subject}|${event.involvedObject.fieldPath ?? ''}|${event.type}|${event.reason}|${message}`;
    const last = this.#observed.get(key);
    const correlated: Correlated = last
      ? {
          key,
          event: {
            ...event,
            metadata: { ...event.metadata, name: last.name },
            message,
            count: last.count + 1,
            firstTimestamp: last.firstTimestamp,
          },
          patch: { count: last.count + 1, lastTimestamp: event.lastTimestamp!, message },
        }
      : { key, event: message === event.message ? event : { ...event, message } };
    this.written(correlated);
    let bucket = this.#spam.get(subject);
    if (!bucket) this.#spam.set(subject, (bucket = new TokenBucket(SPAM_PER_SECOND, SPAM_BURST)));
    return bucket.tryAccept(nowMs) ? correlated : undefined;
  }

  /** Remembers an event as it is now in the API. */
  written({ key, event }: Correlated): void {
    const { metadata, count, firstTimestamp } = event;
    this.#observed.set(key, { name: metadata.name, count: count ?? 1, firstTimestamp: firstTimestamp! });
  }

  #aggregate(event: CoreEvent, subject: string, nowMs: number): { message: string; aggregateKey?: string } {
    const message = event.message ?? '';
    const key = `${subject}|${event.type}|${event.reason}`;
    let similar = this.#similar.get(key);
    if (!similar || nowMs - similar.lastMs > AGGREGATE_WITHIN_MS) {
      similar = { messages: new Set(), lastMs: nowMs };
      this.#similar.set(key, similar);
    }
    similar.lastMs = nowMs;
    similar.messages.add(message);
    if (similar.messages.size < AGGREGATE_ABOVE) return { message };
    // The set has grown to its limit; which messages fill it no longer matters.
    similar.messages.delete(similar.messages.values().next().value!);
    return { message: AGGREGATE_PREFIX + message, aggregateKey: key };
  }
}

function subjectOf({ source, involvedObject: o }: CoreEvent): string {
  return `${source?.component}|${source?.host ?? ''}|${o.kind}|${o.namespace ?? ''}|${o.name}|${o.uid ?? ''}|${o.apiVersion}`;
}
