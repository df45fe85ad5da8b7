import type { PodTemplateSpec } from '../api/types.ts';

/** Digits become letters and digits that spell no words (k8s.io/apimachinery/pkg/util/rand.SafeEncodeString). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** FNV-1a, 32 bits. */
function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** JSON with sorted keys: the same text for the same value. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
}

/**
 * The pod-template-hash of a template. As in Kubernetes, equal templates have equal hashes, and `collisionCount` gives
 * another one when a hash is already taken; the hashes themselves differ from Go's, which hashes its own dump of the
 * object in memory.
 */
export function podTemplateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  const hash = String(fnv(canonical(template) + (collisionCount === undefined ? '' : `#${collisionCount}`)));
  return [...hash].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join('');
}
