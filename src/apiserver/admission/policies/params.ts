/** The objects that parametrize a policy (apiserver's generic.CollectParams). */
import type { ParamRef } from '../../../api/admissionregistration/matching.ts';
import type { UntypedObject } from '../../../api/object.ts';
import { matcherOf } from '../../../api/selector.ts';
import type { Endpoint, EndpointTable } from '../../endpoint.ts';
import { present } from '../../endpoint.ts';
import type { AdmissionContext } from '../admission.ts';

/** A policy or a binding that cannot be put into effect. */
export class ConfigurationError extends Error {}

export interface ParamKind {
  readonly apiVersion?: string;
  readonly kind?: string;
}

/** Where parameters of a kind are kept. Throws ConfigurationError when there is no such kind. */
export function paramEndpoint({ apiVersion = '', kind = '' }: ParamKind, endpoints: EndpointTable): Endpoint {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  for (const endpoint of endpoints) {
    const { kind: served } = endpoint;
    if (served.kind === kind && served.group === group && served.version === version) return endpoint;
  }
  throw new ConfigurationError(`failed to find resource referenced by paramKind: '${group}/${version}, Kind=${kind}'`);
}

function namespaceOf(ref: ParamRef, { kind }: Endpoint, requestNamespace: string): string | undefined {
  if (!kind.namespaced) {
    if (ref.namespace)
      throw new ConfigurationError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
    return undefined;
  }
  const namespace = ref.namespace || requestNamespace;
  if (!namespace)
    throw new ConfigurationError(
      'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
    );
  return namespace;
}

/**
 * The parameters with which a policy is to be evaluated, once each: null where it has none. Throws ConfigurationError
 * when there are none though there must be.
 */
export function collectParams(
  endpoint: Endpoint | undefined,
  ref: ParamRef | undefined,
  requestNamespace: string,
  context: AdmissionContext,
): readonly (UntypedObject | null)[] {
  if (!endpoint || !ref) return [null];
  const namespace = namespaceOf(ref, endpoint, requestNamespace);
  const { group, resource } = endpoint.kind;
  let found: readonly UntypedObject[];
  if (ref.name) {
    const stored = endpoint.store.get(namespace, ref.name);
    found = stored ? [present(endpoint, stored)] : [];
  } else {
    const matcher = matcherOf(ref.selector);
    found = context.list(group, resource, namespace).filter(({ metadata }) => matcher.matches(metadata.labels));
  }
  if (found.length === 0 && ref.parameterNotFoundAction === 'Deny')
    throw new ConfigurationError('no params found for policy binding with `Deny` parameterNotFoundAction');
  return found;
}
