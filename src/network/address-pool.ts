const toNumber = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const toText = (value: number): string =>
  `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;

/**
 * The IPv4 addresses of one range, handed out one after the other (host-local's way): an address that was
 * given back is not used again before the others had their turn.
 */
export class AddressPool {
  readonly #first: number;
  readonly #count: number;
  readonly #used = new Set<number>();
  #next = 0;

  /** `cidr` such as 10.244.1.0/24. Its network address, gateway (.1) and broadcast address are not given out. */
  constructor(cidr: string) {
    const [base = '', bits = '24'] = cidr.split('/');
    const size = 2 ** (32 - Number(bits));
    this.#first = toNumber(base) + 2;
    this.#count = Math.max(0, size - 3);
  }

  get gateway(): string {
    return toText(this.#first - 1);
  }

  /** A free address; undefined when all are taken. */
  take(): string | undefined {
    if (this.#used.size >= this.#count) return undefined;
    while (this.#used.has(this.#next)) this.#next = (this.#next + 1) % this.#count;
    const at = this.#next;
    this.#used.add(at);
    this.#next = (at + 1) % this.#count;
    return toText(this.#first + at);
  }

  release(ip: string): void {
    this.#used.delete(toNumber(ip) - this.#first);
  }
}

/** Whether an address lies in a range. */
export function contains(cidr: string, ip: string): boolean {
  const [base = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(toNumber(base) / size) === Math.floor(toNumber(ip) / size);
}
