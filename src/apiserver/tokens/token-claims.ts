import type { ObjectMeta } from '../../api/object.ts';

/** --service-account-issuer, which is also the audience of tokens that name none (--api-audiences). */
export const ISSUER = 'https://kubernetes.default.svc';

/** Who issues the tokens in Secrets. */
export const SECRET_TOKEN_ISSUER = 'kubernetes/serviceaccount';

/** Tokens that last this long are the Pods' own, which older clients do not renew: they go on for a year. */
const WARN_AFTER_SECONDS = 3607;
const EXTENDED_SECONDS = 365 * 24 * 3600;

/** Something that a token names and dies with. */
export interface Reference {
  readonly name: string;
  readonly uid: string;
}

/** What a token is asked for. */
export interface TokenClaims {
  readonly namespace: string;
  readonly serviceAccount: ObjectMeta;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly pod?: Reference | undefined;
  readonly secret?: Reference | undefined;
  /** The node that the token is for, or that of its Pod. */
  readonly node?: Partial<Reference> | undefined;
}

/** A token for a Secret of type kubernetes.io/service-account-token: it does not expire, but dies with the Secret. */
export interface SecretTokenClaims {
  readonly namespace: string;
  readonly secret: string;
  readonly account: ObjectMeta;
}

/** The body of a token that TokenRequest gives (KEP-1205). Times are seconds since the epoch. */
export interface BoundPayload {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly iss: string;
  readonly jti: string;
  readonly 'kubernetes.io': {
    readonly namespace: string;
    readonly node?: Partial<Reference>;
    readonly pod?: Reference;
    readonly secret?: Reference;
    readonly serviceaccount: Reference;
    readonly warnafter?: number;
  };
  readonly nbf: number;
  readonly sub: string;
}

/** The name of a service account among users. */
export const accountUsername = (namespace: string, name: string): string =>
  `system:serviceaccount:${namespace}:${name}`;

/** The payload of a token that is issued now, `issuedAt` seconds since the epoch. */
export function boundPayload(claims: TokenClaims, issuedAt: number, id: string): BoundPayload {
  const { namespace, serviceAccount, audiences, expirationSeconds, node, pod, secret } = claims;
  const extended = pod && expirationSeconds === WARN_AFTER_SECONDS && audiences.every((one) => one === ISSUER);
  return {
    aud: audiences,
    exp: issuedAt + (extended ? EXTENDED_SECONDS : expirationSeconds),
    iat: issuedAt,
    iss: ISSUER,
    jti: id,
    'kubernetes.io': {
      namespace,
      ...(node ? { node } : {}),
      ...(pod ? { pod } : {}),
      ...(secret ? { secret } : {}),
      serviceaccount: { name: serviceAccount.name, uid: serviceAccount.uid ?? '' },
      ...(extended ? { warnafter: issuedAt + expirationSeconds } : {}),
    },
    nbf: issuedAt,
    sub: accountUsername(namespace, serviceAccount.name),
  };
}

const SECRET_CLAIM = 'kubernetes.io/serviceaccount';

/** The body of a token in a Secret. */
export interface SecretPayload {
  readonly iss: string;
  readonly 'kubernetes.io/serviceaccount/namespace': string;
  readonly 'kubernetes.io/serviceaccount/secret.name': string;
  readonly 'kubernetes.io/serviceaccount/service-account.name': string;
  readonly 'kubernetes.io/serviceaccount/service-account.uid': string;
  readonly sub: string;
}

export const secretPayload = ({ namespace, secret, account }: SecretTokenClaims): SecretPayload =>
  ({
    iss: SECRET_TOKEN_ISSUER,
    [`${SECRET_CLAIM}/namespace`]: namespace,
    [`${SECRET_CLAIM}/secret.name`]: secret,
    [`${SECRET_CLAIM}/service-account.name`]: account.name,
    [`${SECRET_CLAIM}/service-account.uid`]: account.uid ?? '',
    sub: accountUsername(namespace, account.name),
  }) as unknown as SecretPayload;
