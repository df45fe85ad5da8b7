import { sha256 } from '@noble/hashes/sha2.js';
import type { PrivateKey } from 'micro-rsa-dsa-dh/rsa.js';
import { rsa } from '../../api/rsa.ts';
import type { Random } from '../../kernel/index.ts';
import { base64UrlToBytes, bytesToBase64Url } from '../base64url.ts';
import type { ApiServer } from '../server.ts';
import type { TokenSigner } from './token-signer.ts';

const MODULUS_BITS = 2048;
const RSA_BYTES = MODULUS_BITS / 8;
/** The public exponent that everybody uses. */
const EXPONENT = 65537n;
/** So much of the random stream tells one key from others. */
const SEED_BYTES = 32;

/** What stands before the modulus of 2,048 bits in the SubjectPublicKeyInfo (RFC 3279), and behind it: 65537. */
const SPKI_PREFIX = Uint8Array.from([
  0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
  0x03, 0x82, 0x01, 0x0f, 0x00, 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00,
]);
const SPKI_EXPONENT = Uint8Array.from([0x02, 0x03, 0x01, 0x00, 0x01]);

interface Key {
  readonly private: PrivateKey;
  readonly modulus: Uint8Array;
  readonly id: string;
}

/** Finding two primes takes half a second: clusters of the same seed, such as a lab that is reset, share what was found. */
const found = new Map<string, Key>();
const KEPT = 8;

/** The key that follows from a random stream of its own. */
function drawKey(random: Random): Key {
  const bytes = (length = SEED_BYTES): Uint8Array => Uint8Array.from({ length }, () => random.int(256));
  const seed = bytes().join();
  let key = found.get(seed);
  if (!key) {
    const { privateKey } = rsa.value.keygen(MODULUS_BITS, EXPONENT, bytes);
    const digits = privateKey.n.toString(16).padStart(2 * RSA_BYTES, '0');
    const modulus = Uint8Array.from(digits.match(/../g)!, (pair) => parseInt(pair, 16));
    const spki = Uint8Array.from([...SPKI_PREFIX, ...modulus, ...SPKI_EXPONENT]);
    key = { private: privateKey, modulus, id: bytesToBase64Url(sha256(spki)) };
    if (found.size >= KEPT) found.clear();
    found.set(seed, key);
  }
  return key;
}

/** RSASSA-PKCS1-v1_5 with SHA-256 (RS256, RFC 7518 §3.3), as clusters have it. The key is worked out when it is first needed. */
class Rs256Signer implements TokenSigner {
  readonly algorithm = 'RS256';
  readonly #random: Random;
  #known: Key | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  get keyId(): string {
    return this.#key.id;
  }

  get publicKey(): Readonly<Record<string, string>> {
    const { id, modulus } = this.#key;
    return {
      use: 'sig',
      kty: 'RSA',
      kid: id,
      alg: this.algorithm,
      n: bytesToBase64Url(modulus),
      e: bytesToBase64Url(Uint8Array.of(1, 0, 1)),
    };
  }

  sign(text: string): string {
    return bytesToBase64Url(rsa.value.pkcs1.sign(this.#key.private, new TextEncoder().encode(text)));
  }

  verify(text: string, signature: string): boolean {
    const decoded = base64UrlToBytes(signature);
    if ('brokenAt' in decoded || decoded.bytes.length !== RSA_BYTES) return false;
    const { n } = this.#key.private;
    return rsa.value.pkcs1.verify({ n, e: EXPONENT }, new TextEncoder().encode(text), decoded.bytes);
  }

  get #key(): Key {
    return (this.#known ??= drawKey(this.#random));
  }
}

/** A signer whose key follows from the seed. */
export const rs256Signer = (random: Random): TokenSigner => new Rs256Signer(random);

/** Lets a server sign the tokens that it issues. */
export function signTokens(server: ApiServer): void {
  server.tokens.signer = rs256Signer(server.kernel.random('kube-apiserver/service-account-key'));
}
