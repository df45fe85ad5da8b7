import type { keygen, PKCS1_SHA256 } from 'micro-rsa-dsa-dh/rsa.js';
import { Late } from './late.ts';

/** RSA: keys, and signatures with SHA-256 as PKCS #1 v1.5 has them (RFC 8017 §8.2). */
export const rsa = new Late<{ readonly keygen: typeof keygen; readonly pkcs1: typeof PKCS1_SHA256 }>(
  'micro-rsa-dsa-dh',
);
