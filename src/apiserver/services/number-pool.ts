import type { Random } from '../../kernel/index.ts';

/** How often a number is drawn before the pool is searched for one in order. */
const DRAWS = 16;

/**
 * Numbers 0 … size-1, each taken by at most one. Those that are not asked for by number are drawn from above the
 * lower band, which is kept for those that are, as long as there are any.
 */
export class NumberPool {
  readonly size: number;
  readonly #lowerBand: number;
  readonly #random: Random;
  readonly #taken = new Set<number>();

  constructor(size: number, lowerBand: number, random: Random) {
    this.size = size;
    this.#lowerBand = lowerBand;
    this.#random = random;
  }

  has(number: number): boolean {
    return this.#taken.has(number);
  }

  /** Takes a number; false when somebody has it. */
  take(number: number): boolean {
    if (this.#taken.has(number)) return false;
    this.#taken.add(number);
    return true;
  }

  /** Takes some free number; undefined when there is none. */
  draw(): number | undefined {
    const number = this.#free(this.#lowerBand, this.size) ?? this.#free(0, this.#lowerBand);
    if (number !== undefined) this.#taken.add(number);
    return number;
  }

  release(number: number): void {
    this.#taken.delete(number);
  }

  #free(from: number, to: number): number | undefined {
    const width = to - from;
    if (width <= 0) return undefined;
    let number = from;
    for (let i = 0; i < DRAWS; i++) {
      number = from + this.#random.int(width);
      if (!this.#taken.has(number)) return number;
    }
    for (let i = 0; i < width; i++) {
      number = number + 1 < to ? number + 1 : from;
      if (!this.#taken.has(number)) return number;
    }
    return undefined;
  }
}
