import { sha256 } from '@noble/hashes/sha2.js';
import { p256 } from '../../api/elliptic-curve.ts';
import type { Random } from '../../kernel/index.ts';
import { base64UrlToBytes, bytesToBase64Url } from '../base64url.ts';
import type { ApiServer } from '../server.ts';
import { drawP256Key, P256_BYTES } from './p256-key.ts';
import type { TokenSigner } from './token-signer.ts';

/** What stands before the point of a P-256 key in its SubjectPublicKeyInfo (RFC 5480): the algorithm and the curve. */
const SPKI_PREFIX = Uint8Array.from([
  0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
  0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
]);

/** Signatures may have a high s: Go writes them so. */
const ANY_S = { lowS: false } as const;

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);

/** ECDSA over P-256 with SHA-256 (ES256, RFC 7518 §3.4). The public key is worked out when it is first needed: that takes long. */
class Es256Signer implements TokenSigner {
  readonly algorithm = 'ES256';
  readonly #key: Uint8Array;
  #public: { readonly point: Uint8Array; readonly keyId: string } | undefined;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  get keyId(): string {
    return this.#publicPart.keyId;
  }

  get publicKey(): Readonly<Record<string, string>> {
    const { point, keyId } = this.#publicPart;
    return {
      use: 'sig',
      kty: 'EC',
      kid: keyId,
      crv: 'P-256',
      alg: this.algorithm,
      x: bytesToBase64Url(point.subarray(1, 1 + P256_BYTES)),
      y: bytesToBase64Url(point.subarray(1 + P256_BYTES)),
    };
  }

  sign(text: string): string {
    return bytesToBase64Url(p256.value.sign(encoded(text), this.#key, ANY_S));
  }

  verify(text: string, signature: string): boolean {
    const decoded = base64UrlToBytes(signature);
    if ('brokenAt' in decoded || decoded.bytes.length !== 2 * P256_BYTES) return false;
    return p256.value.verify(decoded.bytes, encoded(text), this.#publicPart.point, ANY_S);
  }

  get #publicPart(): { readonly point: Uint8Array; readonly keyId: string } {
    if (this.#public) return this.#public;
    const point = p256.value.getPublicKey(this.#key, false);
    const spki = new Uint8Array(SPKI_PREFIX.length + point.length);
    spki.set(SPKI_PREFIX);
    spki.set(point, SPKI_PREFIX.length);
    return (this.#public = { point, keyId: bytesToBase64Url(sha256(spki)) });
  }
}

/** A signer whose key follows from the seed. */
export const es256Signer = (random: Random): TokenSigner => new Es256Signer(drawP256Key(random));

/** Lets a server sign the tokens that it issues. */
export function signTokens(server: ApiServer): void {
  server.tokens.signer = es256Signer(server.kernel.random('kube-apiserver/service-account-key'));
}
