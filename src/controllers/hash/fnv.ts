const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Goes on hashing with FNV-1a, 32 bits; without `hash`, begins. */
export function fnv1a(bytes: Uint8Array | string, hash = OFFSET): number {
  for (const byte of typeof bytes === 'string' ? bytesOf(bytes) : bytes) hash = Math.imul(hash ^ byte, PRIME);
  return hash >>> 0;
}

/** FNV-1, 32 bits: multiplies first. */
export function fnv1(text: string): number {
  let hash = OFFSET;
  for (const byte of bytesOf(text)) hash = Math.imul(hash, PRIME) ^ byte;
  return hash >>> 0;
}

/** Letters and digits that spell no words. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A hash as it stands in names: its decimal digits in the alphabet of generated names (rand.SafeEncodeString). */
export const safeEncode = (hash: number): string =>
  Array.from(String(hash), (digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join('');
