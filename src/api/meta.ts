import { apiVersionOf, type Kind } from './kind.ts';
import type { KubeObject, ObjectMeta, OwnerReference } from './object.ts';

/** The key under which caches and queues know an object: `namespace/name`, or `name` where there is no namespace. */
export const keyOf = (object: { metadata: { namespace?: string; name?: string } }): string =>
  joinKey(object.metadata.namespace, object.metadata.name ?? '');

export const joinKey = (namespace: string | undefined, name: string): string =>
  namespace ? `${namespace}/${name}` : name;

/** The inverse of keyOf; the namespace is '' for objects that have none. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The one owner that manages the object, if any. */
export function controllerOf(object: { metadata: ObjectMeta }): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** Whether `owner`, by uid, is the object's controller. */
export const isControlledBy = (object: { metadata: ObjectMeta }, owner: { metadata: ObjectMeta }): boolean => {
  const uid = owner.metadata.uid;
  return uid !== undefined && controllerOf(object)?.uid === uid;
};

/** A controller reference to `owner`: deleting the owner waits for the owned (metav1.NewControllerRef). */
export function ownerReference<T extends KubeObject>(owner: T, kind: Kind<T>): OwnerReference {
  return {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** metav1.Time: whole seconds, `2026-01-01T00:00:00Z`. `ms` is milliseconds since the Unix epoch. */
export function formatTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastTime = [secondText(second), 'Z'].join('');
  }
  return lastTime;
}
let lastSecond = NaN;
let lastTime = '';

/** `2026-01-01T00:00:00`. The clock moves from minute to minute: what stands before the seconds is kept. */
function secondText(second: number): string {
  const minute = Math.floor(second / 60);
  if (minute !== lastMinute) {
    lastMinute = minute;
    minuteText = new Date(minute * 60_000).toISOString().slice(0, 17);
  }
  return minuteText + TWO_DIGITS[second - minute * 60];
}
let lastMinute = NaN;
let minuteText = '';
const TWO_DIGITS = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, '0'));

/** metav1.MicroTime: six decimals, `2026-01-01T00:00:00.000000Z`. */
export function formatMicroTime(ms: number): string {
  const whole = Math.floor(ms);
  const micros = (whole % 1000) * 1000 + Math.round((ms - whole) * 1000);
  if (micros === MICROS_PER_SECOND) return formatMicroTime(whole + 1);
  // Joined, which makes one text; put together otherwise, it would hold on to what it was cut from.
  return [secondText(Math.floor(whole / 1000)), '.', String(micros).padStart(6, '0'), 'Z'].join('');
}
const MICROS_PER_SECOND = 1_000_000;

/** Milliseconds since the Unix epoch of an RFC 3339 time; NaN when it is not one. */
export function parseTime(text: string): number {
  return Date.parse(text);
}
