import { matcherOf } from '../../src/api/selector.ts';
import type { Node, Pod } from '../../src/api/types.ts';

/** Pods on nodes, by node. */
export type Placed = readonly { readonly pod: Pod; readonly node: Node }[];

type Term = NonNullable<
  NonNullable<NonNullable<Pod['spec']['affinity']>['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>[number];

const required = (pod: Pod, kind: 'podAffinity' | 'podAntiAffinity'): readonly Term[] =>
  pod.spec.affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];

const preferred = (pod: Pod, kind: 'podAffinity' | 'podAntiAffinity') =>
  pod.spec.affinity?.[kind]?.preferredDuringSchedulingIgnoredDuringExecution ?? [];

const selected = (term: Term, owner: Pod, other: Pod): boolean =>
  owner.metadata.namespace === other.metadata.namespace && matcherOf(term.labelSelector).matches(other.metadata.labels);

const together = (a: Node, b: Node, key: string): boolean => {
  const value = a.metadata.labels?.[key];
  return value !== undefined && value === b.metadata.labels?.[key];
};

/** Why a Pod may not be on a node, by the words of the API documentation, looking at every Pod there is. */
export function objects(pod: Pod, node: Node, placed: Placed): 'affinity' | 'anti-affinity' | 'existing' | undefined {
  const terms = required(pod, 'podAffinity');
  const friends = placed.filter(({ pod: other }) => terms.every((term) => selected(term, pod, other)));
  const near = terms.every((term) => friends.some((friend) => together(friend.node, node, term.topologyKey)));
  const labelled = terms.every(({ topologyKey }) => node.metadata.labels?.[topologyKey] !== undefined);
  const anywhere = friends.some(({ node: on }) =>
    terms.some(({ topologyKey }) => on.metadata.labels?.[topologyKey] !== undefined),
  );
  const first = !anywhere && terms.every((term) => selected(term, pod, pod));
  if (terms.length > 0 && !(labelled && (near || first))) return 'affinity';
  const enemies = (one: Pod, other: Pod, on: Node): boolean =>
    required(one, 'podAntiAffinity').some((term) => selected(term, one, other) && together(on, node, term.topologyKey));
  if (placed.some((each) => enemies(pod, each.pod, each.node))) return 'anti-affinity';
  if (placed.some((each) => enemies(each.pod, pod, each.node))) return 'existing';
  return undefined;
}

/** The raw score of a node: what the Pod prefers, and what placed Pods prefer about it. */
export function preference(pod: Pod, node: Node, placed: Placed): number {
  let sum = 0;
  for (const { pod: other, node: on } of placed) {
    const count = (term: Term, owner: Pod, target: Pod, weight: number): void => {
      if (selected(term, owner, target) && together(on, node, term.topologyKey)) sum += weight;
    };
    for (const [owner, target] of [
      [pod, other],
      [other, pod],
    ] as const) {
      for (const { podAffinityTerm, weight } of preferred(owner, 'podAffinity')) {
        count(podAffinityTerm, owner, target, weight);
      }
      for (const { podAffinityTerm, weight } of preferred(owner, 'podAntiAffinity')) {
        count(podAffinityTerm, owner, target, -weight);
      }
    }
    for (const term of required(other, 'podAffinity')) count(term, other, pod, 1);
  }
  return sum;
}

/** Whether a node violates one of the Pod's DoNotSchedule constraints. */
export function violates(pod: Pod, node: Node, placed: Placed, nodes: readonly Node[]): boolean {
  const constraints = (pod.spec.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule',
  );
  const hasKeys = (each: Node): boolean =>
    constraints.every(({ topologyKey }) => each.metadata.labels?.[topologyKey] !== undefined);
  const mayUse = (each: Node): boolean =>
    Object.entries(pod.spec.nodeSelector ?? {}).every(([key, value]) => each.metadata.labels?.[key] === value);
  return constraints.some((constraint) => {
    const { topologyKey, maxSkew, minDomains = 1, labelSelector, nodeAffinityPolicy } = constraint;
    const value = node.metadata.labels?.[topologyKey];
    if (value === undefined) return true;
    const matcher = matcherOf(labelSelector);
    const counted = nodes.filter((each) => hasKeys(each) && (nodeAffinityPolicy === 'Ignore' || mayUse(each)));
    const counts = new Map(counted.map((each) => [each.metadata.labels![topologyKey]!, 0]));
    for (const { pod: other, node: on } of placed) {
      if (!counted.includes(on) || other.metadata.namespace !== pod.metadata.namespace) continue;
      const domain = on.metadata.labels![topologyKey]!;
      if (matcher.matches(other.metadata.labels)) counts.set(domain, counts.get(domain)! + 1);
    }
    const least = counts.size < minDomains ? 0 : Math.min(...counts.values());
    return (counts.get(value) ?? 0) + (matcher.matches(pod.metadata.labels) ? 1 : 0) - least > maxSkew;
  });
}
