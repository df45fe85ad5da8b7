import { parseTime } from '../../api/meta.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { UserInfo } from '../request.ts';
import { accountUsername, type BoundPayload, type Reference, type SecretPayload } from './token-claims.ts';

/** Finds the objects that a token names. */
export type Lookup = (resource: string, namespace: string | undefined, name: string) => UntypedObject | undefined;

/** A token of ours that is not, or no longer, good; the message says why, for logs and reviews. */
export class TokenError extends Error {}

/** How much clocks may differ, seconds; so long after its end a token still counts. */
const LEEWAY_SECONDS = 60;

const EXTRA = 'authentication.kubernetes.io/';
const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';

/** What a service account is to authorization: its user name and groups. */
export const serviceAccountUser = (namespace: string, name: string, uid?: string): UserInfo => ({
  username: accountUsername(namespace, name),
  ...(uid ? { uid } : {}),
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
});

/** Who the bearer of a token from TokenRequest is, with what the token says of itself. */
export function boundUser({ jti, 'kubernetes.io': claims }: BoundPayload): UserInfo {
  const { namespace, serviceaccount, pod, node } = claims;
  const extra: Record<string, readonly string[]> = { [`${EXTRA}credential-id`]: [`JTI=${jti}`] };
  if (node?.name) extra[`${EXTRA}node-name`] = [node.name];
  if (node?.uid) extra[`${EXTRA}node-uid`] = [node.uid];
  if (pod) {
    extra[`${EXTRA}pod-name`] = [pod.name];
    extra[`${EXTRA}pod-uid`] = [pod.uid];
  }
  return { ...serviceAccountUser(namespace, serviceaccount.name, serviceaccount.uid), extra };
}

/** Throws TokenError unless a token of TokenRequest is good now, at `now` milliseconds since the epoch. */
export function checkBound(payload: BoundPayload, lookup: Lookup, now: number): void {
  const seconds = now / 1000;
  if (seconds > payload.exp + LEEWAY_SECONDS) throw new TokenError('service account token has expired');
  if (seconds < payload.nbf - LEEWAY_SECONDS) throw new TokenError('service account token is not valid yet');
  const { namespace, serviceaccount, pod, secret, node } = payload['kubernetes.io'];
  const isGone = ({ metadata }: UntypedObject): boolean =>
    metadata.deletionTimestamp !== undefined && parseTime(metadata.deletionTimestamp) < now - LEEWAY_SECONDS * 1000;
  const account = lookup('serviceaccounts', namespace, serviceaccount.name);
  if (!account) throw new TokenError(`serviceaccounts ${JSON.stringify(serviceaccount.name)} not found`);
  if (isGone(account)) throw new TokenError(`service account ${namespace}/${serviceaccount.name} has been deleted`);
  if (account.metadata.uid !== serviceaccount.uid)
    throw new TokenError(`service account UID (${account.metadata.uid}) does not match claim (${serviceaccount.uid})`);
  const holds = (kind: string, resource: string, place: string | undefined, reference: Reference): void => {
    const object = lookup(resource, place, reference.name);
    if (!object || isGone(object)) throw new TokenError('service account token has been invalidated');
    if (object.metadata.uid !== reference.uid)
      throw new TokenError(
        `${kind} UID (${object.metadata.uid}) does not match service account ${kind} ref claim (${reference.uid})`,
      );
  };
  if (secret) holds('secret', 'secrets', namespace, secret);
  if (pod) holds('pod', 'pods', namespace, pod);
  else if (node?.name) holds('node', 'nodes', undefined, { name: node.name, uid: node.uid ?? '' });
}

/** The same for the token of a Secret, which has to hold that very token. */
export function checkSecretToken(payload: SecretPayload, token: string, lookup: Lookup): UserInfo {
  const namespace = payload['kubernetes.io/serviceaccount/namespace'];
  const name = payload['kubernetes.io/serviceaccount/service-account.name'];
  const uid = payload['kubernetes.io/serviceaccount/service-account.uid'];
  const secret = lookup('secrets', namespace, payload['kubernetes.io/serviceaccount/secret.name']);
  if (!secret || secret.metadata.deletionTimestamp) throw new TokenError('Token has been invalidated');
  if ((secret['data'] as Record<string, string> | undefined)?.['token'] !== btoa(token))
    throw new TokenError("Token does not match server's copy");
  const account = lookup('serviceaccounts', namespace, name);
  if (!account) throw new TokenError(`serviceaccounts ${JSON.stringify(name)} not found`);
  if (account.metadata.deletionTimestamp) throw new TokenError(`ServiceAccount ${namespace}/${name} has been deleted`);
  const since = secret.metadata.labels?.[INVALID_SINCE];
  if (since)
    throw new TokenError(
      `the token in secret ${namespace}/${secret.metadata.name} for service account ${namespace}/${name} has been marked ` +
        'invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the ' +
        `'${INVALID_SINCE}' label from the secret to temporarily allow use of this token`,
    );
  if (account.metadata.uid !== uid)
    throw new TokenError(`ServiceAccount UID (${account.metadata.uid}) does not match claim (${uid})`);
  return serviceAccountUser(namespace, name, uid);
}
