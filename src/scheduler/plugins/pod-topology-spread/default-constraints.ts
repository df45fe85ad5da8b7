import { controllerOf } from '../../../api/meta.ts';
import { LabelMatcher, matcherOf, type Requirement } from '../../../api/selector.ts';
import type { LabelSelector, Pod } from '../../../api/types.ts';
import type { PodTopologySpreadArgs } from '../../configuration/kube-scheduler-configuration.ts';
import type { Listers } from '../../framework/listers.ts';
import { spreadConstraint, type SpreadConstraint } from './constraints.ts';

type RawConstraint = NonNullable<PodTopologySpreadArgs['defaultConstraints']>[number];

/** What Pods of Services and controllers are spread by unless they say otherwise (defaultingType: System). */
export const SYSTEM: readonly RawConstraint[] = [
  { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

const NONE: readonly SpreadConstraint[] = [];

const MAX_KNOWN = 1_000;

/** The constraints of Pods that have none of their own; none for those that no Service or controller selects. */
export function defaultConstraints(
  raw: readonly RawConstraint[],
  listers: Listers,
): (pod: Pod) => readonly SpreadConstraint[] {
  /** They are the same for all Pods that the same selector covers. */
  const known = new Map<string, readonly SpreadConstraint[]>();
  return (pod) => {
    const selector = raw.length === 0 ? undefined : selectorOf(pod, listers);
    if (!selector) return NONE;
    const id = selector.toString();
    let constraints = known.get(id);
    if (!constraints) {
      constraints = raw.map((each) => spreadConstraint(each, selector));
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(id, constraints);
    }
    return constraints;
  };
}

/** What the Services that select the Pod, and its controller, ask for together. */
function selectorOf(pod: Pod, listers: Listers): LabelMatcher | undefined {
  const labels = new Map<string, string>();
  const { namespace = '', labels: own } = pod.metadata;
  for (const { spec } of listers.services(namespace)) {
    const entries = Object.entries(spec.selector ?? {});
    if (entries.length === 0 || !entries.every(([key, value]) => own?.[key] === value)) continue;
    for (const [key, value] of entries) labels.set(key, value);
  }
  const owner = controllerOf(pod);
  const controller = owner && listers.controllerSelector(owner.kind, owner.apiVersion, namespace, owner.name);
  let more: readonly Requirement[] = [];
  if (controller && owner.kind === 'ReplicationController') {
    for (const [key, value] of Object.entries(controller)) labels.set(key, value as string);
  } else if (controller) {
    const matcher = matcherOf(controller as LabelSelector);
    if (labels.size === 0) return matcher.everything || matcher.nothing ? undefined : matcher;
    more = matcher.requirements;
  }
  if (labels.size === 0) return undefined;
  return new LabelMatcher([
    ...[...labels].map(([key, value]): Requirement => ({ key, operator: '=', values: [value] })),
    ...more,
  ]);
}
