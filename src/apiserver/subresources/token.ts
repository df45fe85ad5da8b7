import { badRequest, invalid, notFound } from '../../api/errors.ts';
import { invalid as invalidField } from '../../api/field-error.ts';
import { formatTime } from '../../api/meta.ts';
import type { ObjectMeta, UntypedObject } from '../../api/object.ts';
import type { Decodable } from '../../api/schema/decode.ts';
import { decodeAs } from '../registry/decode-body.ts';
import type { TokenAuthority, TokenClaims } from '../token-authority.ts';
import { ISSUER } from '../token-authority.ts';
import type { Subresource } from './subresource.ts';

const TOKEN_REQUEST: Decodable = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  schema: 'io.k8s.api.authentication.v1.TokenRequest',
};

const HOUR_SECONDS = 3600;
const MINIMUM_SECONDS = 600;
const MAXIMUM_SECONDS = 2 ** 32;

/** Kinds to which a token may be bound, and where they are found. */
const BOUND_RESOURCES: Readonly<Record<string, { readonly resource: string; readonly namespaced: boolean }>> = {
  Pod: { resource: 'pods', namespaced: true },
  Secret: { resource: 'secrets', namespaced: true },
  Node: { resource: 'nodes', namespaced: false },
};

interface BoundObject {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly name?: string;
  readonly uid?: string;
}

interface TokenRequest {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: {
    readonly audiences?: readonly string[];
    readonly expirationSeconds?: number;
    readonly boundObjectRef?: BoundObject;
  };
}

export type Lookup = (resource: string, namespace: string | undefined, name: string) => UntypedObject | undefined;

/** serviceaccounts/token: a token by which a Pod, or anyone who may ask for it, is the service account. */
export const token = (authority: TokenAuthority, lookup: Lookup): Subresource => ({
  name: 'token',
  verbs: ['create'],
  kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
  serve: (registry, scope) => {
    const { endpoint, request } = scope;
    const name = request.name!;
    const namespace = request.namespace!;
    const { metadata = {}, spec = {} } = decodeAs<TokenRequest>(scope, TOKEN_REQUEST, request.body);
    if (metadata.name && metadata.name !== name) {
      throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
    }
    const account = endpoint.store.get(namespace, name);
    if (!account) throw notFound(endpoint.kind, name);
    const expirationSeconds = spec.expirationSeconds ?? HOUR_SECONDS;
    checkDuration(expirationSeconds);
    const audiences = spec.audiences?.length ? spec.audiences : [ISSUER];
    const bound = spec.boundObjectRef && findBound(spec.boundObjectRef, namespace, lookup);
    const claims: TokenClaims = { namespace, serviceAccount: account.metadata, audiences, expirationSeconds, bound };
    const issued = authority.issue(claims);
    const object = {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, creationTimestamp: formatTime(registry.kernel.now) },
      spec: { audiences, expirationSeconds, boundObjectRef: spec.boundObjectRef ?? null },
      status: { token: issued.token, expirationTimestamp: formatTime(issued.expires) },
    };
    return { code: 201, object: object as unknown as UntypedObject, warnings: scope.warnings };
  },
});

function checkDuration(seconds: number): void {
  const message =
    seconds < MINIMUM_SECONDS
      ? 'may not specify a duration less than 10 minutes'
      : seconds > MAXIMUM_SECONDS
        ? 'may not specify a duration larger than 2^32 seconds'
        : undefined;
  if (!message) return;
  throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [
    invalidField('spec.expirationSeconds', seconds, message),
  ]);
}

function findBound(reference: BoundObject, namespace: string, lookup: Lookup): NonNullable<TokenClaims['bound']> {
  const { kind = '', name = '', uid } = reference;
  const place = BOUND_RESOURCES[kind];
  if (!place) throw badRequest(`cannot bind token for serviceaccount to object of type /v1, Kind=${kind}`);
  const object = lookup(place.resource, place.namespaced ? namespace : undefined, name);
  if (!object) throw notFound({ group: '', resource: place.resource }, name);
  if (uid && uid !== object.metadata.uid) {
    throw badRequest(
      `the UID in the bound object reference (${uid}) does not match the UID in record (${object.metadata.uid})`,
    );
  }
  return { kind, name, uid: object.metadata.uid ?? '' };
}
