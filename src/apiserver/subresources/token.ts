import { badRequest, conflict, invalid, notFound } from '../../api/errors.ts';
import { invalid as invalidField, quote } from '../../api/field-error.ts';
import { formatTime } from '../../api/meta.ts';
import type { ObjectMeta, UntypedObject } from '../../api/object.ts';
import type { Pod } from '../../api/types.ts';
import type { Decodable } from '../../api/schema/decode.ts';
import { decodeBase64Url } from '../base64url.ts';
import { decodeAs } from '../registry/decode-body.ts';
import type { TokenAuthority } from '../token-authority.ts';
import { ISSUER, type Reference, type TokenClaims } from '../tokens/token-claims.ts';
import { admitBody } from './admit-body.ts';
import type { Subresource } from './subresource.ts';

const TOKEN_REQUEST: Decodable = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  schema: 'io.k8s.api.authentication.v1.TokenRequest',
};

/** Under which the audit log tells of tokens that were issued (KEP-4193). */
const ISSUED = 'authentication.kubernetes.io/issued-credential-id';

/** The claim `jti` of a token. */
function idOf(token: string): string {
  const decoded = decodeBase64Url(token.split('.')[1] ?? '');
  return 'text' in decoded ? ((JSON.parse(decoded.text) as { jti?: string }).jti ?? '') : '';
}

const HOUR_SECONDS = 3600;
const MINIMUM_SECONDS = 600;
const MAXIMUM_SECONDS = 2 ** 32;

/** The audience of tokens that name none. */
const OWN_AUDIENCES: readonly string[] = [ISSUER];

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
    const sent = decodeAs<TokenRequest>(scope, TOKEN_REQUEST, request.body);
    const { metadata = {} } = sent;
    for (const [field, value] of [
      ['name', name],
      ['namespace', namespace],
    ] as const) {
      const said = metadata[field];
      if (!said || said === value) continue;
      const errors = [invalidField(`metadata.${field}`, said, `must match the service account ${field} if specified`)];
      throw invalid(TOKEN_REQUEST, name, errors);
    }
    const account = endpoint.store.get(namespace, name);
    if (!account) throw notFound(endpoint.kind, name);
    const asked: TokenRequest = { ...sent, spec: { expirationSeconds: HOUR_SECONDS, ...sent.spec } };
    const { spec = {} } = admitBody(registry, scope, TOKEN_REQUEST, asked);
    const { expirationSeconds = HOUR_SECONDS } = spec;
    checkDuration(expirationSeconds);
    const audiences = spec.audiences?.length ? spec.audiences : OWN_AUDIENCES;
    const bound = spec.boundObjectRef && findBound(spec.boundObjectRef, account.metadata, lookup);
    const { pod, secret, node }: Bound = bound ?? {};
    const serviceAccount = account.metadata;
    const claims: TokenClaims = { namespace, serviceAccount, audiences, expirationSeconds, pod, secret, node };
    const issued = authority.issue(claims);
    // Tokens within this process are made when they are looked at: a log must not be what looks.
    if (!request.options.trusted) registry.annotate(ISSUED, () => `JTI=${idOf(issued.token)}`);
    const object = {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, creationTimestamp: formatTime(registry.kernel.now) },
      spec: { audiences, expirationSeconds, boundObjectRef: spec.boundObjectRef ?? null },
      // Programs of this process may never look at it.
      status: request.options.trusted
        ? issued
        : { token: issued.token, expirationTimestamp: issued.expirationTimestamp },
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

type Bound = Pick<TokenClaims, 'pod' | 'secret' | 'node'>;

/** The object that a token is to be bound to, as its claims name it. */
function findBound(reference: BoundObject, account: ObjectMeta, lookup: Lookup): Bound {
  const { kind = '', apiVersion = '', name = '', uid } = reference;
  const get = (resource: string, namespace?: string): UntypedObject => {
    const object = lookup(resource, namespace, name);
    if (!object) throw notFound({ group: '', resource }, name);
    if (uid && uid !== object.metadata.uid)
      throw conflict(
        { group: '', resource: kind },
        name,
        `the UID in the bound object reference (${uid}) does not match the UID in record. ` +
          'The object might have been deleted and then recreated',
      );
    return object;
  };
  const refer = ({ metadata }: UntypedObject): Reference => ({ name: metadata.name, uid: metadata.uid ?? '' });
  switch (apiVersion === 'v1' || apiVersion === '' ? kind : '') {
    case 'Pod': {
      const pod = get('pods', account.namespace);
      const { serviceAccountName = '', nodeName } = (pod as unknown as Pod).spec;
      if (serviceAccountName !== account.name)
        throw badRequest(
          `cannot bind token for serviceaccount ${quote(account.name)} to pod running with different serviceaccount name.`,
        );
      if (!nodeName) return { pod: refer(pod) };
      const node = lookup('nodes', undefined, nodeName);
      return { pod: refer(pod), node: node ? refer(node) : { name: nodeName } };
    }
    case 'Secret':
      return { secret: refer(get('secrets', account.namespace)) };
    case 'Node':
      return { node: refer(get('nodes')) };
    default: {
      const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
      throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
    }
  }
}
