import type { Random } from '../../kernel/index.ts';

/** Bytes of a private key of the curve P-256, and of each coordinate of its public one. */
export const P256_BYTES = 32;

/** The number of points of the curve (FIPS 186-4 D.1.2.3): private keys are smaller. */
const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

const numberOf = (bytes: Uint8Array): bigint =>
  BigInt(['0x', ...Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))].join(''));

/** A private key, the same for the same random stream. */
export function drawP256Key(random: Random): Uint8Array {
  for (;;) {
    const key = Uint8Array.from({ length: P256_BYTES }, () => random.int(256));
    const number = numberOf(key);
    if (number > 0n && number < ORDER) return key;
  }
}
