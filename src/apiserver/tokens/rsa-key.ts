/** RSA (RFC 8017) with keys that follow from a seed. A modulus of four primes is found in a fraction of the time that two take. */
import type { Random } from '../../kernel/index.ts';

/** Bytes of a modulus, and so of a signature. */
export const RSA_BYTES = 256;
/** The public exponent that everybody uses. */
export const EXPONENT = 65537n;

const PRIMES = 4;
const PRIME_BITS = (RSA_BYTES * 8) / PRIMES;
const SIEVED = 2000;

const SMALL_PRIMES: readonly number[] = Array.from({ length: SIEVED }, (_, i) => i).filter(
  (n) =>
    n > 2 && n % 2 === 1 && Array.from({ length: Math.floor(Math.sqrt(n)) }, (_, i) => i).every((d) => d < 2 || n % d),
);
/** For numbers drawn at random, one of them would do. */
const WITNESSES = [2n, 3n, 5n];

/** base ** exponent % modulus */
export function powerModulo(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let factor = base % modulus;
  for (const bit of [...exponent.toString(2)].reverse()) {
    if (bit === '1') result = (result * factor) % modulus;
    factor = (factor * factor) % modulus;
  }
  return result;
}

/** The number whose product with `value` is 1, modulo `modulus`. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [r0, r1] = [modulus, value % modulus];
  let [t0, t1] = [0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  return t0 < 0n ? t0 + modulus : t0;
}

/** Miller and Rabin's test. */
function isPrime(candidate: bigint): boolean {
  let odd = candidate - 1n;
  let twos = 0;
  for (; odd % 2n === 0n; odd /= 2n) twos++;
  return WITNESSES.every((witness) => {
    let power = powerModulo(witness, odd, candidate);
    if (power === 1n) return true;
    for (let i = 0; i < twos; i++) {
      if (power === candidate - 1n) return true;
      power = (power * power) % candidate;
    }
    return false;
  });
}

function drawNumber(random: Random, bits: number): bigint {
  const digits = Array.from({ length: bits / 4 }, () => random.int(16).toString(16));
  return BigInt(`0x${digits.join('')}`);
}

/** A prime close to the largest of its size, so that the product of all is of the full size, too. */
function drawPrime(random: Random): bigint {
  // The first four bits are set: 15/16 to the fourth is more than a half.
  const start = drawNumber(random, PRIME_BITS) | (0xfn << BigInt(PRIME_BITS - 4)) | 1n;
  const remainders = SMALL_PRIMES.map((prime) => Number(start % BigInt(prime)));
  for (let step = 0; ; step += 2) {
    if (SMALL_PRIMES.some((prime, i) => (remainders[i]! + step) % prime === 0)) continue;
    const candidate = start + BigInt(step);
    if ((candidate - 1n) % EXPONENT !== 0n && isPrime(candidate)) return candidate;
  }
}

interface Factor {
  readonly prime: bigint;
  /** The private exponent modulo prime - 1. */
  readonly exponent: bigint;
  /** The product of the primes before, and its inverse modulo this one. */
  readonly before: bigint;
  readonly coefficient: bigint;
}

/** A private key. */
export class RsaKey {
  readonly modulus: bigint;
  readonly #factors: readonly Factor[];

  private constructor(primes: readonly bigint[]) {
    let before = 1n;
    this.#factors = primes.map((prime) => {
      const factor = {
        prime,
        exponent: inverse(EXPONENT, prime - 1n),
        before,
        coefficient: inverse(before % prime, prime),
      };
      before *= prime;
      return factor;
    });
    this.modulus = before;
  }

  /** The same for the same random stream. */
  static draw(random: Random): RsaKey {
    const primes = new Set<bigint>();
    while (primes.size < PRIMES) primes.add(drawPrime(random));
    return new RsaKey([...primes]);
  }

  /** The private operation (RSASP1), by the Chinese remainder theorem. */
  sign(message: bigint): bigint {
    let result = 0n;
    for (const { prime, exponent, before, coefficient } of this.#factors) {
      const part = powerModulo(message, exponent, prime);
      const difference = (((part - result) % prime) + prime) % prime;
      result += before * ((difference * coefficient) % prime);
    }
    return result;
  }
}
