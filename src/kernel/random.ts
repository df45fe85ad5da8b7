import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

const HEX = '0123456789abcdef';

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
    let out = '';
    for (let i = 0; i < length; i++) out += alphabet[this.int(alphabet.length)];
    return out;
  }

  /** A version 4 UUID (RFC 9562). */
  uuid(): string {
    const hex = this.string(32, HEX);
    const variant = HEX[8 + this.int(4)];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}
