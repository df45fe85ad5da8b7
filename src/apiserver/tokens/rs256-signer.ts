import { sha256 } from '@noble/hashes/sha2.js';
import type { Random } from '../../kernel/index.ts';
import { base64UrlToBytes, bytesToBase64Url } from '../base64url.ts';
import type { ApiServer } from '../server.ts';
import { EXPONENT, powerModulo, RSA_BYTES, RsaKey } from './rsa-key.ts';
import type { TokenSigner } from './token-signer.ts';

/** What stands before the hash in what is signed (RFC 8017 §9.2): that it is one of SHA-256. */
const DIGEST_INFO = Uint8Array.from([
  0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
]);
/** What stands before the modulus of 2,048 bits in the SubjectPublicKeyInfo (RFC 3279), and behind it: 65537. */
const SPKI_PREFIX = Uint8Array.from([
  0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
  0x03, 0x82, 0x01, 0x0f, 0x00, 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00,
]);
const SPKI_EXPONENT = Uint8Array.from([0x02, 0x03, 0x01, 0x00, 0x01]);

const bytesOf = (number: bigint): Uint8Array =>
  Uint8Array.from(
    number
      .toString(16)
      .padStart(2 * RSA_BYTES, '0')
      .match(/../g)!,
    (digits) => parseInt(digits, 16),
  );

const numberOf = (bytes: Uint8Array): bigint =>
  BigInt(['0x', ...Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))].join(''));

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A text as it is signed (EMSA-PKCS1-v1_5). */
function encoded(text: string): bigint {
  const digest = joined(DIGEST_INFO, sha256(new TextEncoder().encode(text)));
  const padding = new Uint8Array(RSA_BYTES - digest.length - 3).fill(0xff);
  return numberOf(joined(Uint8Array.of(0, 1), padding, Uint8Array.of(0), digest));
}

/** RSASSA-PKCS1-v1_5 with SHA-256 (RS256, RFC 7518 §3.3), as clusters have it. The key is worked out when it is first needed. */
class Rs256Signer implements TokenSigner {
  readonly algorithm = 'RS256';
  readonly #random: Random;
  #known: { readonly key: RsaKey; readonly keyId: string } | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  get keyId(): string {
    return this.#own.keyId;
  }

  get publicKey(): Readonly<Record<string, string>> {
    const { key, keyId } = this.#own;
    return {
      use: 'sig',
      kty: 'RSA',
      kid: keyId,
      alg: this.algorithm,
      n: bytesToBase64Url(bytesOf(key.modulus)),
      e: bytesToBase64Url(Uint8Array.of(1, 0, 1)),
    };
  }

  sign(text: string): string {
    return bytesToBase64Url(bytesOf(this.#own.key.sign(encoded(text))));
  }

  verify(text: string, signature: string): boolean {
    const decoded = base64UrlToBytes(signature);
    if ('brokenAt' in decoded || decoded.bytes.length !== RSA_BYTES) return false;
    return powerModulo(numberOf(decoded.bytes), EXPONENT, this.#own.key.modulus) === encoded(text);
  }

  get #own(): { readonly key: RsaKey; readonly keyId: string } {
    if (this.#known) return this.#known;
    const key = RsaKey.draw(this.#random);
    const spki = joined(SPKI_PREFIX, bytesOf(key.modulus), SPKI_EXPONENT);
    return (this.#known = { key, keyId: bytesToBase64Url(sha256(spki)) });
  }
}

/** A signer whose key follows from the seed. */
export const rs256Signer = (random: Random): TokenSigner => new Rs256Signer(random);

/** Lets a server sign the tokens that it issues. */
export function signTokens(server: ApiServer): void {
  server.tokens.signer = rs256Signer(server.kernel.random('kube-apiserver/service-account-key'));
}
