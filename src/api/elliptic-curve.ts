import type { p256 as P256 } from '@noble/curves/nist.js';
import { Late } from './late.ts';

/** ECDSA over the curve P-256. */
export const p256 = new Late<typeof P256>('@noble/curves');
