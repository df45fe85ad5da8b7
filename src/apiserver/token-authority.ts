import type { Kernel, Random } from '../kernel/index.ts';
import type { ObjectMeta, UntypedObject } from '../api/object.ts';
import { encodeBase64Url } from './base64url.ts';
import type { UserInfo } from './request.ts';

export const ISSUER = 'https://kubernetes.default.svc';

/** How many characters the signature of ES256 has, which clusters with elliptic keys sign with. */
const SIGNATURE_LENGTH = 86;
const SIGNATURE_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export interface TokenClaims {
  readonly namespace: string;
  readonly serviceAccount: ObjectMeta;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  /** The object with which the token dies. */
  readonly bound?: { readonly kind: string; readonly name: string; readonly uid: string } | undefined;
}

/** A token for a Secret of type kubernetes.io/service-account-token: it does not expire, but dies with the Secret. */
export interface SecretTokenClaims {
  readonly namespace: string;
  readonly secret: string;
  readonly account: ObjectMeta;
}

const SECRET_TOKEN_ISSUER = 'kubernetes/serviceaccount';

const HEADER = encodeBase64Url(JSON.stringify({ alg: 'ES256', kid: 'k8s-cookbook' }));

/** What a service account is to authorization: its user name and groups. */
export const serviceAccountUser = (namespace: string, name: string, uid?: string): UserInfo => ({
  username: `system:serviceaccount:${namespace}:${name}`,
  ...(uid ? { uid } : {}),
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
});

interface Issued {
  readonly user: UserInfo;
  /** Milliseconds since the epoch. */
  readonly expires: number;
  /** Whether what it was issued for is still there. */
  readonly stillGood?: () => boolean;
}

type Lookup = (resource: string, namespace: string, name: string) => UntypedObject | undefined;

/**
 * Issues and recognises the tokens of service accounts. They have the form and claims of the real ones; the
 * signature is drawn, not computed, and a token is good if it was issued here and has not expired.
 */
export class TokenAuthority {
  readonly #kernel: Kernel;
  readonly #random: Random;
  readonly #lookup: Lookup;
  readonly #issued = new Map<string, Issued>();

  readonly #users = new Map<string, UserInfo>();

  /** `lookup` finds the objects with which tokens die. */
  constructor(kernel: Kernel, lookup: Lookup) {
    this.#kernel = kernel;
    this.#lookup = lookup;
    this.#random = kernel.random('kube-apiserver/token');
  }

  issue(claims: TokenClaims): { readonly token: string; readonly expires: number } {
    const issuedAt = Math.floor(this.#kernel.now / 1000);
    const expires = issuedAt + claims.expirationSeconds;
    const { namespace, serviceAccount, bound } = claims;
    const payload = {
      aud: claims.audiences,
      exp: expires,
      iat: issuedAt,
      iss: ISSUER,
      jti: this.#random.uuid(),
      'kubernetes.io': {
        namespace,
        ...(bound ? { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } } : {}),
        serviceaccount: { name: serviceAccount.name, uid: serviceAccount.uid },
      },
      nbf: issuedAt,
      sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    };
    const token = this.#sign(payload);
    this.#issued.set(token, { user: this.#userOf(namespace, serviceAccount), expires: expires * 1000 });
    return { token, expires: expires * 1000 };
  }

  issueForSecret({ namespace, secret, account }: SecretTokenClaims): string {
    const prefix = 'kubernetes.io/serviceaccount';
    const token = this.#sign({
      iss: SECRET_TOKEN_ISSUER,
      [`${prefix}/namespace`]: namespace,
      [`${prefix}/secret.name`]: secret,
      [`${prefix}/service-account.name`]: account.name,
      [`${prefix}/service-account.uid`]: account.uid,
      sub: `system:serviceaccount:${namespace}:${account.name}`,
    });
    this.#issued.set(token, {
      user: this.#userOf(namespace, account),
      expires: Infinity,
      stillGood: () => {
        const { data } = (this.#lookup('secrets', namespace, secret) ?? {}) as { data?: Record<string, string> };
        const { metadata } = this.#lookup('serviceaccounts', namespace, account.name) ?? {};
        return data?.['token'] === btoa(token) && metadata?.uid === account.uid;
      },
    });
    return token;
  }

  #sign(payload: object): string {
    const signature = this.#random.string(SIGNATURE_LENGTH, SIGNATURE_ALPHABET);
    // In one piece: text put together by + stays a chain of its parts.
    return [HEADER, encodeBase64Url(JSON.stringify(payload)), signature].join('.');
  }

  /** The same user for every token of one service account. */
  #userOf(namespace: string, { name, uid }: ObjectMeta): UserInfo {
    const key = `${namespace}/${name}/${uid}`;
    let user = this.#users.get(key);
    if (!user) this.#users.set(key, (user = serviceAccountUser(namespace, name, uid)));
    return user;
  }

  /** Whose token it is, if it is good. */
  authenticate(token: string): UserInfo | undefined {
    const issued = this.#issued.get(token);
    if (!issued) return undefined;
    if (issued.expires > this.#kernel.now && (issued.stillGood?.() ?? true)) return issued.user;
    this.#issued.delete(token);
    return undefined;
  }
}
