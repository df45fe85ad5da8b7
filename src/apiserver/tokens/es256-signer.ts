import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Random } from '../../kernel/index.ts';
import { base64UrlToBytes, bytesToBase64Url } from '../base64url.ts';
import type { ApiServer } from '../server.ts';
import type { TokenSigner } from './token-signer.ts';

/** What stands before the point of a P-256 key in its SubjectPublicKeyInfo (RFC 5480): the algorithm and the curve. */
const SPKI_PREFIX = Uint8Array.from([
  0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
  0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
]);
const COORDINATE_BYTES = 32;

/** Signatures may have a high s: Go writes them so. */
const ANY_S = { lowS: false } as const;

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A private key, the same for the same seed. */
function drawKey(random: Random): Uint8Array {
  for (;;) {
    const key = Uint8Array.from({ length: COORDINATE_BYTES }, () => random.int(256));
    if (p256.utils.isValidSecretKey(key)) return key;
  }
}

/** ECDSA over P-256 with SHA-256 (ES256, RFC 7518 §3.4), with a key that follows from the seed. */
export function es256Signer(random: Random): TokenSigner {
  const key = drawKey(random);
  const point = p256.getPublicKey(key, false);
  const spki = new Uint8Array(SPKI_PREFIX.length + point.length);
  spki.set(SPKI_PREFIX);
  spki.set(point, SPKI_PREFIX.length);
  const keyId = bytesToBase64Url(sha256(spki));
  return {
    algorithm: 'ES256',
    keyId,
    sign: (text) => bytesToBase64Url(p256.sign(encoded(text), key, ANY_S)),
    verify(text, signature) {
      const decoded = base64UrlToBytes(signature);
      if ('brokenAt' in decoded || decoded.bytes.length !== 2 * COORDINATE_BYTES) return false;
      return p256.verify(decoded.bytes, encoded(text), point, ANY_S);
    },
    publicKey: {
      use: 'sig',
      kty: 'EC',
      kid: keyId,
      crv: 'P-256',
      alg: 'ES256',
      x: bytesToBase64Url(point.subarray(1, 1 + COORDINATE_BYTES)),
      y: bytesToBase64Url(point.subarray(1 + COORDINATE_BYTES)),
    },
  };
}

/** Lets a server sign the tokens that it issues. */
export function signTokens(server: ApiServer): void {
  server.tokens.signer = es256Signer(server.kernel.random('kube-apiserver/service-account-key'));
}
