import { p256 } from '@noble/curves/nist.js';
import type { Random } from '../../kernel/index.ts';

/** Bytes of a private key of the curve P-256, and of each coordinate of its public one. */
export const P256_BYTES = 32;

/** A private key, the same for the same random stream. */
export function drawP256Key(random: Random): Uint8Array {
  for (;;) {
    const key = Uint8Array.from({ length: P256_BYTES }, () => random.int(256));
    if (p256.utils.isValidSecretKey(key)) return key;
  }
}
