import type { PolicyRule } from '../../api/types.ts';
import type { UserInfo } from '../request.ts';
import type { Attributes, Authorizer, Decision } from './authorization.ts';
import { allowedNames, type Grant, type RbacPolicy } from './rbac-policy.ts';
import { rbacReason } from './rbac-reason.ts';
import { coversPath, coversResource } from './rule-matching.ts';

const ALLOWED: Decision = { allowed: true };
const DENIED: Decision = { allowed: false };

const allows = (grant: Grant, { verb, group, name }: Attributes, resource: string): boolean => {
  const names = allowedNames(grant, verb, group, resource);
  return names === 'all' || names.has(name ?? '');
};

function denied(errors: readonly string[]): Decision {
  if (errors.length === 0) return DENIED;
  const text = errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`;
  return { allowed: false, reason: `RBAC: ${text}` };
}

/** --authorization-mode=RBAC: what roles and bindings give, in the cluster or in the namespace of the request. */
export class RbacAuthorizer implements Authorizer {
  readonly #policy: RbacPolicy;

  constructor(policy: RbacPolicy) {
    this.#policy = policy;
  }

  authorize(attributes: Attributes): Decision {
    const { user, namespace, subresource } = attributes;
    const resource = subresource ? `${attributes.resource}/${subresource}` : attributes.resource;
    const cluster = this.#policy.clusterGrant(user);
    if (allows(cluster, attributes, resource)) return ALLOWED;
    if (!namespace) return denied(cluster.errors);
    const here = this.#policy.namespaceGrant(user, namespace);
    return allows(here, attributes, resource) ? ALLOWED : denied([...cluster.errors, ...here.errors]);
  }

  reason({ user, verb, group, namespace = '', name = '', ...asked }: Attributes): string | undefined {
    const resource = asked.subresource ? `${asked.resource}/${asked.subresource}` : asked.resource;
    return this.#reason(
      user,
      namespace,
      (rule) =>
        coversResource(rule, verb, group, resource) &&
        (!rule.resourceNames?.length || rule.resourceNames.includes(name)),
    );
  }

  reasonPath(user: UserInfo, verb: string, path: string): string | undefined {
    return this.#reason(user, '', (rule) => coversPath(rule, verb, path));
  }

  #reason(user: UserInfo, namespace: string, covers: (rule: PolicyRule) => boolean): string | undefined {
    for (const applied of this.#policy.bindings(user, namespace))
      if (applied.rules.some(covers)) return rbacReason(applied);
    return undefined;
  }

  authorizePath(user: UserInfo, verb: string, path: string): Decision {
    const { rules, errors } = this.#policy.clusterGrant(user);
    return rules.some((rule) => coversPath(rule, verb, path)) ? ALLOWED : denied(errors);
  }
}
