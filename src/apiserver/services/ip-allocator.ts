import type { Random } from '../../kernel/index.ts';
import type { AddressSource } from './address-source.ts';
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

const OUT_OF_RANGE = 'the provided network does not match the current range';
const TAKEN = 'provided IP is already allocated';

/** Hands out the addresses of one range, --service-cluster-ip-range. */
export class IpAllocator implements AddressSource {
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

  #offset(ip: string): number {
    return (parseIpv4(ip) ?? -1) - this.#base;
  }

  /** Whether the address is one of the range, free or not. */
  contains(ip: string): boolean {
    const offset = this.#offset(ip);
    return offset >= 0 && offset < this.#pool.size;
  }

  check(ip: string): string | undefined {
    if (!this.contains(ip)) return OUT_OF_RANGE;
    return this.#pool.has(this.#offset(ip)) ? TAKEN : undefined;
  }

  allocate(ip: string): string | undefined {
    if (!this.contains(ip)) return OUT_OF_RANGE;
    return this.#pool.take(this.#offset(ip)) ? undefined : TAKEN;
  }

  get first(): string {
    return formatIpv4(this.#base);
  }

  allocateNext(): string | undefined {
    const offset = this.#pool.draw();
    return offset === undefined ? undefined : formatIpv4(this.#base + offset);
  }

  release(ip: string): void {
    if (this.contains(ip)) this.#pool.release(this.#offset(ip));
  }
}
