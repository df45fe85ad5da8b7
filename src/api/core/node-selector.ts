/** Which nodes nodeSelector and node affinity allow. */
import type { Node, PodSpec } from '../types.ts';

type NodeAffinity = NonNullable<NonNullable<PodSpec['affinity']>['nodeAffinity']>;
export type NodeSelectorTerm = NonNullable<
  NonNullable<NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>
>['nodeSelectorTerms'][number];
type Requirement = NonNullable<NodeSelectorTerm['matchExpressions']>[number];

/** What a node selector looks at. */
export interface SelectableNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A Node as node selectors see it. */
export const selectable = ({ metadata }: Node): SelectableNode => ({
  name: metadata.name,
  labels: metadata.labels ?? {},
});

/** Base-10 integers as Go's strconv.ParseInt takes them. */
const INTEGER = /^[+-]?\d+$/;

function meets({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator as string) {
    case 'In':
      return value !== undefined && (values?.includes(value) ?? false);
    case 'NotIn':
      return value === undefined || !values?.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      const bound = values?.[0];
      if (value === undefined || bound === undefined || !INTEGER.test(value) || !INTEGER.test(bound)) return false;
      return operator === 'Gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
    }
    default:
      return false;
  }
}

/** Whether a node meets every requirement of a term. A term without requirements matches nothing. */
export function matchesTerm(term: NodeSelectorTerm, { name, labels }: SelectableNode): boolean {
  const { matchExpressions, matchFields } = term;
  if (!matchExpressions?.length && !matchFields?.length) return false;
  for (const requirement of matchExpressions ?? []) if (!meets(requirement, labels[requirement.key])) return false;
  for (const requirement of matchFields ?? []) {
    if (requirement.key !== 'metadata.name' || !meets(requirement, name)) return false;
  }
  return true;
}

/** Whether a node meets one of the terms of a node selector. */
export const selects = (
  { nodeSelectorTerms }: { readonly nodeSelectorTerms: readonly NodeSelectorTerm[] },
  node: SelectableNode,
): boolean => nodeSelectorTerms.some((term) => matchesTerm(term, node));

/** Whether a node satisfies spec.nodeSelector and the required node affinity. */
export function matchesRequired({ nodeSelector, affinity }: PodSpec, node: SelectableNode): boolean {
  for (const key in nodeSelector) if (node.labels[key] !== nodeSelector[key]) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || selects(required, node);
}

/**
 * The nodes that required affinity names by metadata.name: undefined when it leaves others possible.
 * Terms are alternatives; the fields of one term hold together.
 */
export function namedNodes({ affinity }: PodSpec): ReadonlySet<string> | undefined {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (!terms?.length) return undefined;
  let all = new Set<string>();
  for (const { matchFields } of terms) {
    let named: Set<string> | undefined;
    for (const { key, operator, values } of matchFields ?? []) {
      if (key !== 'metadata.name' || operator !== 'In') continue;
      const names = new Set(values);
      named = named ? named.intersection(names) : names;
    }
    if (!named) return undefined;
    all = all.union(named);
  }
  return all;
}
