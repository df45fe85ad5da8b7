import type { Random } from '../../kernel/index.ts';

/** Signs tokens and knows its own signatures again (the key of --service-account-signing-key-file). */
export interface TokenSigner {
  /** `alg` and `kid` of the tokens' header (RFC 7515). */
  readonly algorithm: string;
  readonly keyId: string;
  /** The signature of a text, as base64url. */
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
  /** The public key as clients elsewhere verify by it (RFC 7517); absent where there is none. */
  readonly publicKey?: Readonly<Record<string, string>>;
}

/** How many characters a signature of RS256 has. */
const SIGNATURE_LENGTH = 342;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** For servers without cryptography: signatures are drawn, and known again because they were. */
export function drawnSigner(random: Random): TokenSigner {
  const drawn = new Map<string, string>();
  return {
    algorithm: 'RS256',
    keyId: 'drawn',
    sign(text) {
      const signature = random.string(SIGNATURE_LENGTH, ALPHABET);
      drawn.set(text, signature);
      return signature;
    },
    verify: (text, signature) => drawn.get(text) === signature,
  };
}
