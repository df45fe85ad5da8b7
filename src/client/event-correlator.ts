import type { CoreEvent } from '../api/types.ts';
import { TokenBucket } from './rate-limiter.ts';

/** client-go's defaults (tools/record/events_cache.go). */
const CACHE_SIZE = 4096;
const SPAM_BURST = 25;
const SPAM_PER_SECOND = 1 / 300;
const AGGREGATE_ABOVE = 10;
const AGGREGATE_WITHIN_MS = 600_000;
/** Different events of one reason about one object that are remembered. */
const OBSERVED = 32;
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

/** An event as it was last written, to be counted up when it happens again. */
interface Observation {
  readonly message: string;
  readonly fieldPath: string | undefined;
  readonly name: string;
  readonly firstTimestamp: string;
  count: number;
}

/** Events about one object that differ in their message at most. Mostly there is one, which needs no lists. */
interface Group {
  /** The reason; of Warnings with a mark before it. */
  readonly key: string;
  lastMs: number;
  /** Different messages since the group was last quiet for long. */
  messages: string | string[];
  observed: Observation | Observation[] | undefined;
  /** The one event that they have become. */
  combined: Observation | undefined;
  /** The next of the same object. */
  next: Group | undefined;
}

/** All that is remembered about the events of one object. */
class Subject extends TokenBucket {
  groups: Group | undefined = undefined;
}

const listOf = <T>(values: T | T[] | undefined): T[] =>
  values === undefined ? [] : Array.isArray(values) ? values : [values];

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
  readonly #byType: boolean;

  /** `byType`: Warnings and other events of an object are limited apart, as the kubelet's are. */
  constructor(byType = false) {
    this.#byType = byType;
  }

  /** Returns what to write, or undefined when the object has caused too many events. */
  correlate(event: CoreEvent, nowMs: number): Correlated | undefined {
    const subject = this.#subjectOf(event);
    const correlated = observe(event, groupOf(subject, event, nowMs));
    return subject.tryAccept(nowMs) ? correlated : undefined;
  }

  #subjectOf({ type, involvedObject: { kind, namespace, name, uid, apiVersion } }: CoreEvent): Subject {
    const object = uid ?? `${apiVersion} ${kind} ${namespace ?? ''}/${name}`;
    const key = this.#byType && type === 'Warning' ? `!${object}` : object;
    let subject = this.#subjects.get(key);
    if (!subject) {
      subject = new Subject(SPAM_PER_SECOND, SPAM_BURST);
      this.#subjects.set(key, subject);
    }
    return subject;
  }
}

function groupOf(subject: Subject, { type, reason = '', message = '' }: CoreEvent, nowMs: number): Group {
  const key = type === 'Normal' ? reason : `!${reason}`;
  let group = subject.groups;
  while (group && group.key !== key) group = group.next;
  if (!group) {
    group = { key, lastMs: nowMs, messages: message, observed: undefined, combined: undefined, next: subject.groups };
    subject.groups = group;
    return group;
  }
  if (nowMs - group.lastMs > AGGREGATE_WITHIN_MS) group.messages = message;
  group.lastMs = nowMs;
  const messages = listOf(group.messages);
  if (!messages.includes(message)) group.messages = [...messages, message];
  return group;
}

/** Counts an event up if it, or what it has been combined with, was written before. */
function observe(event: CoreEvent, group: Group): Correlated {
  const combine = typeof group.messages !== 'string' && group.messages.length >= AGGREGATE_ABOVE;
  // Which messages fill the list no longer matters once it is full.
  if (combine) group.messages = group.messages.slice(1);
  const { fieldPath } = event.involvedObject;
  const own = event.message ?? '';
  const message = combine ? AGGREGATE_PREFIX + own : own;
  const last = combine
    ? group.combined
    : listOf(group.observed).find((known) => known.message === own && known.fieldPath === fieldPath);
  if (!last) {
    const { metadata, firstTimestamp } = event;
    const observation = { message: own, fieldPath, name: metadata.name, firstTimestamp: firstTimestamp!, count: 1 };
    if (combine) group.combined = observation;
    else if (group.observed === undefined) group.observed = observation;
    else group.observed = [...listOf(group.observed), observation].slice(-OBSERVED);
    return { event: combine ? { ...event, message } : event };
  }
  const count = ++last.count;
  return {
    event: {
      ...event,
      metadata: { ...event.metadata, name: last.name },
      message,
      count,
      firstTimestamp: last.firstTimestamp,
    },
    patch: { count, lastTimestamp: event.lastTimestamp!, message },
  };
}
