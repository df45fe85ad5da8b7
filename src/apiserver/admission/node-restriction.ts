import { notFound } from '../../api/errors.ts';
import { equal } from '../../api/draft.ts';
import type { Node, PersistentVolumeClaim, Pod } from '../../api/types.ts';
import { nodeOf } from '../authorization/node.ts';
import { NodeRelations } from '../authorization/node-relations.ts';
import { limitNode } from '../authorization/node-limits.ts';
import type { ApiServer } from '../server.ts';
import { refuse, type AdmissionContext, type AdmissionRequest, type MutatingPlugin } from './admission.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const LEASE_NAMESPACE = 'kube-node-lease';

/** Labels of Kubernetes' own that kubelets set (k8s.io/kubelet/pkg/apis). */
const KUBELET_LABELS: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
]);
const KUBELET_NAMESPACES = ['kubelet.kubernetes.io', 'node.kubernetes.io'];
const RESTRICTED_NAMESPACE = 'node-restriction.kubernetes.io';

const quote = JSON.stringify;

const isIn = (namespace: string, parent: string): boolean => namespace === parent || namespace.endsWith(`.${parent}`);

function isForbiddenLabel(label: string): boolean {
  const slash = label.indexOf('/');
  const namespace = slash < 0 ? '' : label.slice(0, slash);
  if (isIn(namespace, RESTRICTED_NAMESPACE)) return true;
  if (!isIn(namespace, 'kubernetes.io') && !isIn(namespace, 'k8s.io')) return false;
  return !KUBELET_LABELS.has(label) && !KUBELET_NAMESPACES.some((parent) => isIn(namespace, parent));
}

type Labels = Readonly<Record<string, string>>;

/** Labels that differ and that a kubelet may not set, sorted. */
const forbiddenLabels = (now: Labels = {}, before: Labels = {}): string[] =>
  [...new Set([...Object.keys(now), ...Object.keys(before)])]
    .filter((label) => now[label] !== before[label] && isForbiddenLabel(label))
    .sort();

/** What one request of a kubelet is held to; returns why it is refused. */
type Restriction = (node: string, request: AdmissionRequest, context: AdmissionContext) => string | undefined;

/** Only mirror Pods, which show what the node runs by itself: bound to it, owned by it, in need of nothing. */
const createPod: Restriction = (node, { object }, context) => {
  const { metadata, spec } = object as unknown as Pod;
  const can = `node ${quote(node)} can only create`;
  if (metadata.annotations?.[MIRROR] === undefined)
    return `pod does not have ${quote(MIRROR)} annotation, ${can} mirror pods`;
  if (spec.nodeName !== node) return `${can} pods with spec.nodeName set to itself`;
  const [owner, ...others] = metadata.ownerReferences ?? [];
  if (others.length > 0) return `${can} pods with a single owner reference set to itself`;
  if (!owner || owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node)
    return `${can} pods with an owner reference set to itself`;
  if (!owner.controller) return `${can} pods with a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion) return `node ${quote(node)} must not set blockOwnerDeletion on an owner reference`;
  const self = context.get('', 'nodes', undefined, node);
  if (!self) throw notFound({ group: '', resource: 'nodes' }, node);
  if (self.metadata.uid !== owner.uid)
    return `node ${node} UID mismatch: expected ${owner.uid} got ${self.metadata.uid}`;
  const refers = (what: string): string => `node ${quote(node)} can not create pods that reference ${what}`;
  if (spec.serviceAccountName) return refers('a service account');
  const text = JSON.stringify(spec);
  if (/"secret(Name|KeyRef|Ref)?":|"imagePullSecrets":/.test(text)) return refers('secrets');
  if (/"configMap(KeyRef|Ref)?":/.test(text)) return refers('configmaps');
  if (/"clusterTrustBundle":/.test(text)) return refers('clustertrustbundles');
  if (spec.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim)) return refers('persistentvolumeclaims');
  return undefined;
};

const pods: Restriction = (node, request, context) => {
  const { operation, subresource, old, object } = request;
  const before = old as unknown as Pod | undefined;
  switch (subresource) {
    case undefined:
    case '':
      if (operation === 'CREATE') return createPod(node, request, context);
      if (operation !== 'DELETE')
        return `unexpected operation ${quote(operation)}, node ${quote(node)} can only create and delete mirror pods`;
      return before?.spec.nodeName === node
        ? undefined
        : `node ${quote(node)} can only delete pods with spec.nodeName set to itself`;
    case 'status':
      if (operation !== 'UPDATE') return `unexpected operation ${quote(operation)}`;
      if (before?.spec.nodeName !== node)
        return `node ${quote(node)} can only update pod status for pods with spec.nodeName set to itself`;
      if (!equal(before.metadata.labels, object?.metadata.labels))
        return `node ${quote(node)} cannot update labels through pod status`;
      return equal(
        before.status?.resourceClaimStatuses,
        (object as unknown as Pod | undefined)?.status?.resourceClaimStatuses,
      )
        ? undefined
        : `node ${quote(node)} cannot update resource claim statues`;
    case 'eviction': {
      if (operation !== 'CREATE') return `unexpected operation ${quote(operation)}`;
      const pod = context.get('', 'pods', request.namespace, request.name) as unknown as Pod | undefined;
      if (!pod) throw notFound({ group: '', resource: 'pods' }, request.name);
      return pod.spec.nodeName === node
        ? undefined
        : `node ${quote(node)} can only evict pods with spec.nodeName set to itself`;
    }
    default:
      return `unexpected pod subresource ${quote(subresource)}, only 'status' and 'eviction' are allowed`;
  }
};

const nodes: Restriction = (node, { operation, name, object, old }) => {
  const asked = name || (object?.metadata.name ?? '');
  if (asked !== node) return `node ${quote(node)} is not allowed to modify node ${quote(asked)}`;
  if (operation === 'CREATE') {
    const labels = forbiddenLabels(object?.metadata.labels);
    return labels.length > 0
      ? `node ${quote(node)} is not allowed to set the following labels: ${labels.join(', ')}`
      : undefined;
  }
  if (operation !== 'UPDATE') return undefined;
  const [now, before] = [object, old] as unknown as [Node, Node];
  if (!equal(now.spec?.taints, before.spec?.taints)) return `node ${quote(node)} is not allowed to modify taints`;
  const labels = forbiddenLabels(now.metadata.labels, before.metadata.labels);
  return labels.length > 0 ? `is not allowed to modify labels: ${labels.join(', ')}` : undefined;
};

const claims: Restriction = (node, { operation, subresource, object, old }) => {
  if (subresource !== 'status') return 'may only update PVC status';
  if (operation !== 'UPDATE') return `unexpected operation ${quote(operation)}`;
  const rest = (claim: PersistentVolumeClaim): object => {
    const {
      capacity: _1,
      conditions: _2,
      allocatedResources: _3,
      allocatedResourceStatuses: _4,
      ...status
    } = claim.status ?? {};
    const { resourceVersion: _5, ...metadata } = claim.metadata;
    return { ...claim, metadata, status };
  };
  const [now, before] = [object, old] as unknown as [PersistentVolumeClaim, PersistentVolumeClaim];
  return equal(rest(now), rest(before))
    ? undefined
    : `node ${quote(node)} is not allowed to update fields other than status.capacity and status.conditions`;
};

const tokens: Restriction = (node, { operation, subresource, object, namespace }, context) => {
  if (operation !== 'CREATE' || subresource !== 'token') return undefined;
  const { boundObjectRef: bound } = (object?.['spec'] ?? {}) as {
    boundObjectRef?: { apiVersion?: string; kind?: string; name?: string; uid?: string };
  };
  if (bound?.apiVersion !== 'v1' || bound.kind !== 'Pod' || !bound.name)
    return 'node requested token not bound to a pod';
  if (!bound.uid) return 'node requested token with a pod binding without a uid';
  const pod = context.get('', 'pods', namespace, bound.name) as Pod | undefined;
  if (!pod) throw notFound({ group: '', resource: 'pods' }, bound.name);
  if (pod.metadata.uid !== bound.uid)
    return (
      `the UID in the bound object reference (${bound.uid}) does not match the UID in record. ` +
      'The object might have been deleted and then recreated'
    );
  return pod.spec.nodeName === node ? undefined : 'node requested token bound to a pod scheduled on a different node';
};

const ownName =
  (what: string): Restriction =>
  (node, { name, object }) =>
    (name || object?.metadata.name) === node
      ? undefined
      : `can only access ${what} with the same name as the requesting node`;

const leases: Restriction = (node, request, context) =>
  request.namespace === LEASE_NAMESPACE
    ? ownName('node lease')(node, request, context)
    : `can only access leases in the ${quote(LEASE_NAMESPACE)} system namespace`;

const RESTRICTIONS: Readonly<Record<string, Restriction>> = {
  '/pods': pods,
  '/nodes': nodes,
  '/persistentvolumeclaims': claims,
  '/serviceaccounts': tokens,
  'coordination.k8s.io/leases': leases,
  'storage.k8s.io/csinodes': ownName('CSINode'),
};

/** Holds kubelets to their own Node and the Pods on it, where authorization cannot look into what they write. */
const nodeRestriction: MutatingPlugin = {
  name: 'NodeRestriction',
  bodies: true,
  admit(request, context) {
    const { kind, user, operation } = request;
    if (operation === 'CONNECT') return;
    const node = nodeOf(user);
    if (node === undefined) return;
    if (node === '') throw refuse(request, `could not determine node from user ${quote(user.username)}`);
    const reason = RESTRICTIONS[`${kind.group}/${kind.resource}`]?.(node, request, context);
    if (reason) throw refuse(request, reason);
  },
};

/** Lets kubelets reach what their Pods need and no more: the Node authorizer in its depth, and NodeRestriction. */
export function restrictNodes(server: ApiServer): void {
  const { endpoints, etcd, nodeAuthorizer, admission } = server;
  const relations = new NodeRelations({
    *podsOn(node) {
      for (const key of endpoints.find('', 'v1', 'pods')?.store.cache.keysWith(node) ?? []) {
        const pod = etcd.get(key)?.value as Pod | undefined;
        if (pod) yield pod;
      }
    },
    get: (group, resource, namespace, name) => endpoints.findAnyVersion(group, resource)?.store.get(namespace, name),
  });
  nodeAuthorizer.limits = (node, attributes) => limitNode(relations, node, attributes);
  admission.insert(nodeRestriction, 'ServiceAccount');
}
