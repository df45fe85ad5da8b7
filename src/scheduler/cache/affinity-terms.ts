import { matcherOf, type LabelMatcher, type Labels } from '../../api/selector.ts';
import type { Pod, PodSpec } from '../../api/types.ts';

/** A podAffinity term, ready to be matched. */
export interface AffinityTerm {
  /** Which Pods it selects, as text: terms that select the same have the same. */
  readonly selects: string;
  readonly topologyKey: string;
  readonly namespaces: ReadonlySet<string>;
  /** Absent where namespaces are only named. */
  readonly namespaceSelector?: LabelMatcher;
  readonly selector: LabelMatcher;
}

export interface WeightedTerm {
  readonly term: AffinityTerm;
  readonly weight: number;
}

/** What a Pod says about Pods that it wants near, or far. */
export interface PodAffinityTerms {
  /** Nothing at all. */
  readonly none: boolean;
  readonly required: readonly AffinityTerm[];
  readonly requiredAnti: readonly AffinityTerm[];
  readonly preferred: readonly WeightedTerm[];
  readonly preferredAnti: readonly WeightedTerm[];
}

type Affinity = NonNullable<PodSpec['affinity']>;
type Wanted = NonNullable<Affinity['podAffinity']>;
type Term = NonNullable<Wanted['requiredDuringSchedulingIgnoredDuringExecution']>[number];

export const NO_TERMS: PodAffinityTerms = Object.freeze({
  none: true,
  required: [],
  requiredAnti: [],
  preferred: [],
  preferredAnti: [],
});

/** Pods made from one template say the same; their terms are read once. */
const known = new Map<string, PodAffinityTerms>();
const MAX_KNOWN = 1_000;

/** The terms of a Pod. Pods that say the same mostly share one object. */
export function affinityTermsOf({ metadata, spec: { affinity } }: Pod): PodAffinityTerms {
  if (!affinity?.podAffinity && !affinity?.podAntiAffinity) return NO_TERMS;
  const namespace = metadata.namespace ?? '';
  const id = JSON.stringify([namespace, affinity.podAffinity, affinity.podAntiAffinity]);
  let terms = known.get(id);
  if (!terms) {
    const read = (term: Term): AffinityTerm => readTerm(term, namespace);
    const weigh = (wanted: Wanted | undefined): WeightedTerm[] =>
      (wanted?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm, weight }) => ({
        term: read(podAffinityTerm),
        weight,
      }));
    terms = {
      none: false,
      required: (affinity.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(read),
      requiredAnti: (affinity.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(read),
      preferred: weigh(affinity.podAffinity),
      preferredAnti: weigh(affinity.podAntiAffinity),
    };
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(id, terms);
  }
  return terms;
}

/** Neither namespaces nor a selector of them: the Pod's own. matchLabelKeys are in the selector already. */
function readTerm({ topologyKey, namespaces, namespaceSelector, labelSelector }: Term, own: string): AffinityTerm {
  const names = namespaces?.length || namespaceSelector ? [...(namespaces ?? [])].sort() : [own];
  const selector = matcherOf(labelSelector);
  const selected = namespaceSelector ? matcherOf(namespaceSelector) : undefined;
  return {
    selects: `${names.join(',')}/${selected ?? '-'}/${selector.nothing ? '-' : selector.toString()}`,
    topologyKey,
    namespaces: new Set(names),
    ...(selected ? { namespaceSelector: selected } : {}),
    selector,
  };
}

/** The labels of a namespace; undefined when it is not known. */
export type NamespaceLabels = (namespace: string) => Labels;

/** Whether a term selects a Pod, wherever it runs. */
export function selects(term: AffinityTerm, { metadata }: Pod, labelsOf: NamespaceLabels): boolean {
  const { namespace = '', labels } = metadata;
  if (!term.namespaces.has(namespace) && !term.namespaceSelector?.matches(labelsOf(namespace))) return false;
  return term.selector.matches(labels);
}
