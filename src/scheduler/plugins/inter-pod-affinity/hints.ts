import type { Node, Pod } from '../../../api/types.ts';
import { affinityTermsOf, selects, type AffinityTerm, type NamespaceLabels } from '../../cache/affinity-terms.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import type { ClusterEvent } from '../../framework/cluster-event.ts';

const selectedByAll = (terms: readonly AffinityTerm[], pod: Pod, labelsOf: NamespaceLabels): boolean =>
  terms.length > 0 && terms.every((term) => selects(term, pod, labelsOf));

const selectedByAny = (terms: readonly AffinityTerm[], pod: Pod, labelsOf: NamespaceLabels): boolean =>
  terms.some((term) => selects(term, pod, labelsOf));

/** Whether a placed Pod that came, changed or went may let in a Pod that affinity has turned away. */
export function podHelps({ pod, affinity }: PodInfo, event: ClusterEvent, labelsOf: NamespaceLabels): boolean {
  const old = event.old as Pod | undefined;
  const now = event.new as Pod | undefined;
  if (!(now ?? old)?.spec.nodeName) return false;
  const { required, requiredAnti } = affinity;
  const wasIn = old !== undefined && selectedByAll(required, old, labelsOf);
  const isIn = now !== undefined && selectedByAll(required, now, labelsOf);
  if (isIn && !wasIn) return true;
  if (!old) return false;
  const wasOut = selectedByAny(requiredAnti, old, labelsOf);
  if (wasOut && !(now && selectedByAny(requiredAnti, now, labelsOf))) return true;
  return !now && selectedByAny(affinityTermsOf(old).requiredAnti, pod, labelsOf);
}

/** Whether a new node, or other labels of one, may let in such a Pod. */
export function nodeHelps({ affinity: { required, requiredAnti } }: PodInfo, event: ClusterEvent): boolean {
  const before = (event.old as Node | undefined)?.metadata.labels;
  const now = (event.new as Node).metadata.labels;
  if (!event.old && (requiredAnti.length > 0 || required.length === 0)) return true;
  const changed = ({ topologyKey }: AffinityTerm): boolean => before?.[topologyKey] !== now?.[topologyKey];
  if (required.some((term) => changed(term) && now?.[term.topologyKey] !== undefined)) return true;
  return requiredAnti.some((term) => changed(term) && before?.[term.topologyKey] !== undefined);
}
