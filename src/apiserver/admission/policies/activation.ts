/** What expressions of admission see of a request. */
import {
  AuthorizerValue,
  jsonValue,
  ResourceCheck,
  type Activation,
  type Authority,
  type CelValue,
} from '../../../api/cel/index.ts';
import type { Kind } from '../../../api/kind.ts';
import type { UntypedObject } from '../../../api/object.ts';
import type { Authorizer, Decision } from '../../authorization/authorization.ts';
import type { UserInfo } from '../../request.ts';
import type { AdmissionContext, AdmissionRequest } from '../admission.ts';

const OPTIONS: Partial<Record<AdmissionRequest['operation'], string>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
};

/** The fields that have a value. */
const present = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''));

/** The options of a request as the API knows them (meta.k8s.io/v1 CreateOptions and so on). */
export function optionsOf({ operation, options }: AdmissionRequest): Record<string, unknown> {
  const { dryRun, fieldManager, fieldValidation, gracePeriodSeconds, propagationPolicy, preconditions } = options;
  const deleting = operation === 'DELETE';
  return present({
    kind: OPTIONS[operation],
    apiVersion: 'meta.k8s.io/v1',
    dryRun,
    ...(deleting ? { gracePeriodSeconds, propagationPolicy, preconditions } : { fieldManager, fieldValidation }),
  });
}

const kindOf = ({ group, version, kind }: Pick<Kind, 'group' | 'version' | 'kind'>) => ({ group, version, kind });
const resourceOf = ({ group, version, resource }: Kind) => ({ group, version, resource });

/** The request as AdmissionReviews have it, without its objects. */
export function describeRequest(request: AdmissionRequest, matched: Kind): Record<string, unknown> {
  const { kind, objectKind, subresource, name, namespace, operation, user, dryRun } = request;
  return present({
    kind: kindOf(objectKind ?? matched),
    resource: resourceOf(matched),
    subResource: subresource,
    requestKind: kindOf(objectKind ?? kind),
    requestResource: resourceOf(kind),
    requestSubResource: subresource,
    name,
    namespace: kind.group === '' && kind.resource === 'namespaces' ? name : namespace,
    operation,
    userInfo: present({ username: user.username, uid: user.uid, groups: user.groups, extra: user.extra }),
    dryRun,
    options: operation === 'CONNECT' ? undefined : optionsOf(request),
  });
}

const NAMESPACE_METADATA = [
  'name',
  'generateName',
  'labels',
  'annotations',
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'resourceVersion',
  'finalizers',
];

/** What is shown of a namespace: its owners and managers are not. */
function shownNamespace(namespace: UntypedObject): Record<string, unknown> {
  const metadata = namespace.metadata as unknown as Readonly<Record<string, unknown>>;
  return {
    metadata: present(Object.fromEntries(NAMESPACE_METADATA.map((field) => [field, metadata[field]]))),
    spec: namespace['spec'] ?? {},
    status: namespace['status'] ?? {},
  };
}

function answer(decision: Decision): { readonly allowed: boolean; readonly reason: string } {
  return { allowed: decision.allowed, reason: decision.reason ?? '' };
}

/** An authorizer that is asked for a user. */
const authorityOf = (authorizer: Authorizer, user: UserInfo): Authority => ({
  access: (question) => answer(authorizer.authorize({ ...question, user })),
  path: (path, verb) => answer(authorizer.authorizePath(user, verb, path)),
  asServiceAccount: (namespace, name) =>
    authorityOf(authorizer, {
      username: `system:serviceaccount:${namespace}:${name}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    }),
});

/** Where the values of variables come from. */
export interface Surroundings {
  readonly context: AdmissionContext;
  readonly authorizer: Authorizer;
}

/** The variables of expressions on a request, as of the kind that it was matched by. `params` is null where there are none. */
export function activationOf(
  request: AdmissionRequest,
  matched: Kind,
  { context, authorizer }: Surroundings,
  params: unknown,
): Activation {
  const known = new Map<string, CelValue>();
  const values: Readonly<Record<string, () => CelValue>> = {
    object: () => jsonValue(request.object),
    oldObject: () => jsonValue(request.old),
    request: () => jsonValue(describeRequest(request, matched)),
    params: () => jsonValue(params),
    namespaceObject: () => {
      const isNamespaced = request.namespace !== '' && request.kind.resource !== 'namespaces';
      const namespace = isNamespaced ? context.get('', 'namespaces', undefined, request.namespace) : undefined;
      return namespace ? jsonValue(shownNamespace(namespace)) : null;
    },
    authorizer: () => new AuthorizerValue(authorityOf(authorizer, request.user)),
    'authorizer.requestResource': () =>
      new ResourceCheck(authorityOf(authorizer, request.user), {
        group: request.kind.group,
        resource: request.kind.resource,
        subresource: request.subresource ?? '',
        namespace: request.namespace,
        name: request.name,
      }),
  };
  return (name) => {
    const found = known.get(name);
    if (found !== undefined || !Object.hasOwn(values, name)) return found;
    const value = values[name]!();
    known.set(name, value);
    return value;
  };
}
