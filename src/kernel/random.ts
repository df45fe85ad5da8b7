import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

const HEX = '0123456789abcdef';
const DASH = 0x2d;
const FOUR = 0x34;

/** FNV-1a over UTF-16 code units: spreads stream names over the 32-bit seed space. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h | 0;
}

/**
 * One named stream of seeded randomness. Streams of one kernel are independent: drawing more from one
 * never changes what another gives, so a new consumer does not rewrite the history of the others.
 */
export class Random {
  readonly #generator: RandomGenerator;
  /** Room for the characters of a UUID. */
  readonly #codes = new Array<number>(36).fill(0);

  constructor(seed: number, stream: string) {
    this.#generator = xoroshiro128plus(hash(stream) ^ Math.imul(seed | 0, 0x9e3779b1));
  }

  /** A float in [0, 1). */
  next(): number {
    return (this.#generator.next() >>> 0) / 0x1_0000_0000;
  }

  /** An integer in [0, bound). */
  int(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** `length` characters drawn from `alphabet`. */
  string(length: number, alphabet: string): string {
    const codes = new Array<number>(length);
    for (let i = 0; i < length; i++) codes[i] = alphabet.charCodeAt(this.int(alphabet.length));
    // In one piece: a string grown letter by letter stays a chain of pieces, ten times its size.
    return String.fromCharCode.apply(null, codes);
  }

  /** A version 4 UUID (RFC 9562). */
  uuid(): string {
    const codes = this.#codes;
    let at = 0;
    for (let word = 0; word < 4; word++) {
      let bits = this.#generator.next();
      for (let i = 0; i < 8; i++, bits >>>= 4) {
        if (at === 8 || at === 13 || at === 18 || at === 23) codes[at++] = DASH;
        codes[at++] = HEX.charCodeAt(bits & 15);
      }
    }
    codes[14] = FOUR;
    codes[19] = HEX.charCodeAt(8 + (codes[19]! & 3));
    // In one piece: a string put together from parts stays a chain of them, ten times its size.
    return String.fromCharCode.apply(null, codes);
  }
}
