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

/** An event as it was last written, to be counted up when it happens again: as the server has it, once it has answered. */
interface Observation {
  written: CoreEvent;
}

/** What a group remembers once it is more than one event. */
class Crowd {
  /** Different messages since the group was last quiet for long. */
  readonly messages: string[];
  observed: readonly Observation[];
  /** The one event that they have become. */
  combined: Observation | undefined = undefined;

  constructor(first: Observation) {
    this.messages = [first.written.message ?? ''];
    this.observed = [first];
  }
}

/** Events about one object that differ in their message at most. Mostly there is one, which needs no lists. */
class Group implements Observation {
  /** The first of them. */
  written: CoreEvent;
  lastMs: number;
  crowd: Crowd | undefined = undefined;
  /** The next of the same object. */
  readonly next: Group | undefined;

  constructor(first: CoreEvent, nowMs: number, next: Group | undefined) {
    this.written = first;
    this.lastMs = nowMs;
    this.next = next;
  }

  holds({ type, reason }: CoreEvent): boolean {
    return this.written.reason === reason && (this.written.type === 'Normal') === (type === 'Normal');
  }
}

/** All that is remembered about the events of one object. */
class Subject extends TokenBucket {
  groups: Group | undefined = undefined;
}

/** What to do with an event: write it anew, or change the one that is there. */
export interface Correlated {
  readonly event: CoreEvent;
  /** Where what the server made of it is to be noted. */
  readonly observation: Observation;
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

function groupOf(subject: Subject, event: CoreEvent, nowMs: number): Group {
  let group = subject.groups;
  while (group && !group.holds(event)) group = group.next;
  if (!group) return (subject.groups = new Group(event, nowMs, subject.groups));
  const { message = '' } = event;
  if (message !== group.written.message) group.crowd ??= new Crowd(group);
  const { crowd } = group;
  if (crowd) {
    if (nowMs - group.lastMs > AGGREGATE_WITHIN_MS) crowd.messages.length = 0;
    if (!crowd.messages.includes(message)) crowd.messages.push(message);
  }
  group.lastMs = nowMs;
  return group;
}

/** Counts an event up if it, or what it has been combined with, was written before. */
function observe(event: CoreEvent, group: Group): Correlated {
  const { crowd } = group;
  const combine = crowd !== undefined && crowd.messages.length >= AGGREGATE_ABOVE;
  // Which messages fill the list no longer matters once it is full.
  if (combine) crowd.messages.shift();
  const own = event.message ?? '';
  const message = combine ? AGGREGATE_PREFIX + own : own;
  const last = combine ? crowd.combined : knownOf(group, event);
  if (!last) {
    const observation = { written: combine ? { ...event, message } : event };
    if (combine) crowd.combined = observation;
    else {
      const all = (group.crowd ??= new Crowd(group));
      all.observed = [...all.observed, observation].slice(-OBSERVED);
    }
    return { event: observation.written, observation };
  }
  if (last.written === event) return { event, observation: last };
  const { metadata, firstTimestamp, count: before } = last.written;
  const count = (before ?? 1) + 1;
  last.written = { ...event, metadata: { ...event.metadata, name: metadata.name }, message, count, firstTimestamp };
  const patch = { count, lastTimestamp: event.lastTimestamp!, message };
  return { event: last.written, observation: last, patch };
}

/** The observation of this very event, of its message about the same part of the object. */
function knownOf(group: Group, { message, involvedObject: { fieldPath } }: CoreEvent): Observation | undefined {
  const same = ({ written }: Observation): boolean =>
    written.message === message && written.involvedObject.fieldPath === fieldPath;
  return group.crowd ? group.crowd.observed.find(same) : same(group) ? group : undefined;
}
