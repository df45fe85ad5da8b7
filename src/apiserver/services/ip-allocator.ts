import type { Random } from '../../kernel/index.ts';
import { NumberPool } from './number-pool.ts';

/** An IPv4 address as a number; undefined for anything else. */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    address = address * 256 + Number(part);
  }
  return address;
}

export const formatIpv4 = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

/** Hands out the addresses of --service-cluster-ip-range. */
export class IpAllocator {
  readonly #base: number;
  readonly #pool: NumberPool;

  constructor(cidr: string, random: Random) {
    const [address = '', bits = ''] = cidr.split('/');
    const base = parseIpv4(address);
    if (base === undefined || !/^\d+$/.test(bits)) {
      throw new Error(`The service range ${cidr} is no IPv4 CIDR; write it as 10.96.0.0/16.`);
    }
    // Neither the network's own address nor the broadcast address is given away.
    const size = 2 ** (32 - Number(bits)) - 2;
    this.#base = base + 1;
    this.#pool = new NumberPool(size, size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256), random);
  }

  /** Takes an address; what is wrong with it, or undefined. */
  allocate(ip: string): string | undefined {
    const offset = (parseIpv4(ip) ?? -1) - this.#base;
    if (offset < 0 || offset >= this.#pool.size) return 'the provided network does not match the current range';
    return this.#pool.take(offset) ? undefined : 'provided IP is already allocated';
  }

  /** The first address of the range: what a dry run shows. */
  get first(): string {
    return formatIpv4(this.#base);
  }

  /** Takes some free address; undefined when the range is full. */
  allocateNext(): string | undefined {
    const offset = this.#pool.draw();
    return offset === undefined ? undefined : formatIpv4(this.#base + offset);
  }

  release(ip: string): void {
    const address = parseIpv4(ip);
    if (address !== undefined) this.#pool.release(address - this.#base);
  }
}
