import type { Random } from '../../kernel/index.ts';
import { NumberPool } from './number-pool.ts';

/** Hands out the ports of --service-node-port-range. */
export class PortAllocator {
  readonly #first: number;
  readonly #last: number;
  readonly #pool: NumberPool;

  constructor([first, last]: readonly [number, number], random: Random) {
    this.#first = first;
    this.#last = last;
    const size = last - first + 1;
    this.#pool = new NumberPool(size, size < 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128), random);
  }

  /** Takes a port; what is wrong with it, or undefined. */
  allocate(port: number): string | undefined {
    if (port < this.#first || port > this.#last) {
      return `provided port is not in the valid range. The range of valid ports is ${this.#first}-${this.#last}`;
    }
    return this.#pool.take(port - this.#first) ? undefined : 'provided port is already allocated';
  }

  /** Takes some free port; undefined when all are taken. */
  allocateNext(): number | undefined {
    const offset = this.#pool.draw();
    return offset === undefined ? undefined : this.#first + offset;
  }

  release(port: number): void {
    this.#pool.release(port - this.#first);
  }
}
