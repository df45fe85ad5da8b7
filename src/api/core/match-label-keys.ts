import { mapShared } from '../draft.ts';
import type { LabelSelector, Pod, PodSpec } from '../types.ts';

interface Selecting {
  labelSelector?: LabelSelector;
  matchLabelKeys?: string[];
  mismatchLabelKeys?: string[];
}

type Affinity = NonNullable<PodSpec['affinity']>;
type PodAffinity = NonNullable<Affinity['podAffinity']>;

/** The selector with the Pod's own values of the listed keys added as conditions. */
function merged<T extends Selecting>(of: T, labels: Readonly<Record<string, string>>): T {
  if (!of.labelSelector) return of;
  const conditions = [
    ...(of.matchLabelKeys ?? []).map((key) => ({ key, operator: 'In' as const })),
    ...(of.mismatchLabelKeys ?? []).map((key) => ({ key, operator: 'NotIn' as const })),
  ].filter(({ key }) => Object.hasOwn(labels, key));
  if (conditions.length === 0) return of;
  const matchExpressions = [
    ...(of.labelSelector.matchExpressions ?? []),
    ...conditions.map(({ key, operator }) => ({ key, operator, values: [labels[key]!] })),
  ];
  return { ...of, labelSelector: { ...of.labelSelector, matchExpressions } };
}

function podAffinity(affinity: PodAffinity, labels: Readonly<Record<string, string>>): PodAffinity {
  const out = { ...affinity };
  if (out.requiredDuringSchedulingIgnoredDuringExecution)
    out.requiredDuringSchedulingIgnoredDuringExecution = mapShared(
      out.requiredDuringSchedulingIgnoredDuringExecution,
      (term) => merged(term, labels),
    );
  if (out.preferredDuringSchedulingIgnoredDuringExecution)
    out.preferredDuringSchedulingIgnoredDuringExecution = mapShared(
      out.preferredDuringSchedulingIgnoredDuringExecution,
      (term) => {
        const podAffinityTerm = merged(term.podAffinityTerm, labels);
        return podAffinityTerm === term.podAffinityTerm ? term : { ...term, podAffinityTerm };
      },
    );
  return out;
}

/**
 * Writes matchLabelKeys and mismatchLabelKeys of a new Pod out into the selectors beside them, so that the scheduler
 * need only read selectors.
 */
export function mergeMatchLabelKeys(draft: Pod): void {
  const { spec } = draft;
  const { labels } = draft.metadata;
  if (!labels) return;
  if (spec.topologySpreadConstraints)
    spec.topologySpreadConstraints = mapShared(spec.topologySpreadConstraints, (constraint) =>
      merged(constraint, labels),
    );
  const { affinity } = spec;
  if (!affinity?.podAffinity && !affinity?.podAntiAffinity) return;
  spec.affinity = {
    ...affinity,
    ...(affinity.podAffinity ? { podAffinity: podAffinity(affinity.podAffinity, labels) } : {}),
    ...(affinity.podAntiAffinity ? { podAntiAffinity: podAffinity(affinity.podAntiAffinity, labels) } : {}),
  };
}
