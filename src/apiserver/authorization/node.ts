import type { UserInfo } from '../request.ts';
import type { Attributes, Authorizer, Decision } from './authorization.ts';
import { allowedNames, type Grant } from './rbac-policy.ts';
import { coversPath } from './rule-matching.ts';
import { parseRule } from './rule-text.ts';

const PREFIX = 'system:node:';
const GROUP = 'system:nodes';

/** The node whose kubelet a user is, if it is one (nodeidentifier). */
export const nodeOf = ({ username, groups }: UserInfo): string | undefined =>
  username.startsWith(PREFIX) && groups.includes(GROUP) ? username.slice(PREFIX.length) : undefined;

/** What every kubelet may do: the rules of the ClusterRole system:node. */
export const NODE_RULES: readonly string[] = [
  'create tokenreviews authentication.k8s.io',
  'create localsubjectaccessreviews,subjectaccessreviews authorization.k8s.io',
  'get,list,watch services core',
  'create,get,list,watch nodes core',
  'patch,update nodes/status core',
  'patch,update nodes core',
  'create,patch,update events core,events.k8s.io',
  'get,list,watch pods core',
  'create,delete pods core',
  'patch,update pods/status core',
  'create pods/eviction core',
  'get,list,watch configmaps,secrets core',
  'get persistentvolumeclaims,persistentvolumes core',
  'get endpoints core',
  'create,get,list,watch certificatesigningrequests certificates.k8s.io',
  'create,delete,get,patch,update leases coordination.k8s.io',
  'get volumeattachments storage.k8s.io',
  'create serviceaccounts/token core',
  'get,patch,update persistentvolumeclaims/status core',
  'get,list,watch csidrivers storage.k8s.io',
  'create,delete,get,patch,update csinodes storage.k8s.io',
  'get,list,watch runtimeclasses node.k8s.io',
  'get resourceclaims resource.k8s.io',
  'deletecollection resourceslices resource.k8s.io',
  'get serviceaccounts core',
];

const grant: Grant = { rules: NODE_RULES.map(parseRule), errors: [], names: new Map() };

/** Leases in this namespace are the nodes' heartbeats. */
const LEASE_NAMESPACE = 'kube-node-lease';

const DENIED: Decision = { allowed: false };
const ALLOWED: Decision = { allowed: true };

/** Decides about what belongs to some nodes and not to others; undefined where the rules of all nodes decide. */
export type NodeLimits = (node: string, attributes: Attributes) => Decision | undefined;

/** --authorization-mode=Node: what kubelets may do, by their name and not by bindings. */
export class NodeAuthorizer implements Authorizer {
  /** Without it, a kubelet may read whatever any kubelet may. */
  limits: NodeLimits | undefined;

  authorize(attributes: Attributes): Decision {
    const { user, verb, group, name = '', namespace } = attributes;
    const node = nodeOf(user);
    if (node === undefined) return DENIED;
    if (node === '') return { allowed: false, reason: `unknown node for user ${JSON.stringify(user.username)}` };
    if (group === 'coordination.k8s.io' && attributes.resource === 'leases') {
      if (namespace !== LEASE_NAMESPACE)
        return { allowed: false, reason: 'can only access leases in the "kube-node-lease" system namespace' };
      if (verb !== 'create' && name !== node)
        return { allowed: false, reason: 'can only access node lease with the same name as the requesting node' };
    }
    if (group === 'storage.k8s.io' && attributes.resource === 'csinodes' && verb !== 'create' && name !== node)
      return { allowed: false, reason: 'can only access CSINode with the same name as the requesting node' };
    const limited = this.limits?.(node, attributes);
    if (limited) return limited;
    const resource = attributes.subresource ? `${attributes.resource}/${attributes.subresource}` : attributes.resource;
    return allowedNames(grant, verb, group, resource) === 'all' ? ALLOWED : DENIED;
  }

  authorizePath(user: UserInfo, verb: string, path: string): Decision {
    return nodeOf(user) !== undefined && grant.rules.some((rule) => coversPath(rule, verb, path)) ? ALLOWED : DENIED;
  }
}
