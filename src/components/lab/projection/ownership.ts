/** The objects of a cluster as a forest: what owns what, by ownerReferences. */
import type { UntypedObject } from '../../../api/object.ts';

export interface OwnedObject {
  readonly key: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly depth: number;
  readonly children: readonly OwnedObject[];
}

/** Kinds that would bury what a lab is about; shown on demand. */
const QUIET_KINDS: ReadonlySet<string> = new Set([
  'Event',
  'Lease',
  'ServiceAccount',
  'Namespace',
  'Role',
  'RoleBinding',
  'ClusterRole',
  'ClusterRoleBinding',
  'PriorityClass',
  'FlowSchema',
  'PriorityLevelConfiguration',
  'APIService',
  'ServiceCIDR',
  'IPAddress',
  'CSINode',
]);

/** Objects that every cluster has from the start. */
const isBuiltIn = ({ kind, metadata }: UntypedObject): boolean =>
  metadata.name === 'kube-root-ca.crt' ||
  ((kind === 'Service' || kind === 'Endpoints' || kind === 'EndpointSlice') && metadata.name === 'kubernetes') ||
  metadata.namespace?.startsWith('kube-') === true;

const KIND_ORDER: readonly string[] = [
  'Deployment',
  'ReplicaSet',
  'Pod',
  'Service',
  'EndpointSlice',
  'Endpoints',
  'ConfigMap',
  'Secret',
];

const rank = (kind: string): number => {
  const index = KIND_ORDER.indexOf(kind);
  if (index >= 0) return index;
  return kind === 'Node' ? 99 : 50;
};

const inOrder = (a: OwnedObject, b: OwnedObject): number =>
  rank(a.kind) - rank(b.kind) || a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name, 'en', { numeric: true });

/** `all`: also the kinds and objects that every cluster is full of. */
export function ownershipForest(objects: ReadonlyMap<string, UntypedObject>, all: boolean): readonly OwnedObject[] {
  const shown = [...objects].filter(([, object]) => all || (!QUIET_KINDS.has(object.kind) && !isBuiltIn(object)));
  const uids = new Set(shown.map(([, { metadata }]) => metadata.uid));
  const childrenOf = new Map<string, [string, UntypedObject][]>();
  const roots: [string, UntypedObject][] = [];
  for (const entry of shown) {
    const owners = entry[1].metadata.ownerReferences ?? [];
    const owner = (owners.find(({ controller }) => controller) ?? owners[0])?.uid;
    if (owner === undefined || !uids.has(owner)) roots.push(entry);
    else childrenOf.set(owner, [...(childrenOf.get(owner) ?? []), entry]);
  }
  const grow = ([key, { kind, metadata }]: [string, UntypedObject], depth: number): OwnedObject => ({
    key,
    kind,
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    depth,
    children: (childrenOf.get(metadata.uid ?? '') ?? []).map((child) => grow(child, depth + 1)).sort(inOrder),
  });
  return roots.map((root) => grow(root, 0)).sort(inOrder);
}

/** The forest in the order in which it is drawn. */
export const flatten = (forest: readonly OwnedObject[]): readonly OwnedObject[] =>
  forest.flatMap((each) => [each, ...flatten(each.children)]);
