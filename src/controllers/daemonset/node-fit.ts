import { matchesRequired, selectable } from '../../api/core/node-selector.ts';
import { isTolerated } from '../../api/core/tolerations.ts';
import type { Node, PodSpec, Toleration } from '../../api/types.ts';

/** What the node's troubles and cordons are to a daemon: nothing to leave or stay away for. */
const STANDARD: readonly (readonly [string, 'NoExecute' | 'NoSchedule'])[] = [
  ['not-ready', 'NoExecute'],
  ['unreachable', 'NoExecute'],
  ['disk-pressure', 'NoSchedule'],
  ['memory-pressure', 'NoSchedule'],
  ['pid-pressure', 'NoSchedule'],
  ['unschedulable', 'NoSchedule'],
];

const NETWORK_UNAVAILABLE = ['network-unavailable', 'NoSchedule'] as const;

/** The template's tolerations and those that every daemon has. */
export function daemonTolerations({ tolerations = [], hostNetwork }: PodSpec): Toleration[] {
  const added = (hostNetwork ? [...STANDARD, NETWORK_UNAVAILABLE] : STANDARD).map(([name, effect]) => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists' as const,
    effect,
  }));
  const same = (a: Toleration, b: Toleration): boolean =>
    a.key === b.key && a.operator === b.operator && a.effect === b.effect && (a.value ?? '') === (b.value ?? '');
  return [...tolerations.filter((own) => !added.some((other) => same(own, other))), ...added];
}

/** A template's affinity narrowed to one node, which the scheduler then finds fit or not. */
export function affinityToNode(affinity: PodSpec['affinity'], node: string): PodSpec['affinity'] {
  const matchFields = [{ key: 'metadata.name', operator: 'In' as const, values: [node] }];
  const { nodeAffinity } = affinity ?? {};
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return {
    ...affinity,
    nodeAffinity: {
      ...nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: terms?.length ? terms.map((term) => ({ ...term, matchFields })) : [{ matchFields }],
      },
    },
  };
}

/** The node that a daemon's Pod is meant for, before it is bound too. */
export function nodeOfDaemonPod({ nodeName, affinity }: PodSpec): string | undefined {
  if (nodeName) return nodeName;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields } of required?.nodeSelectorTerms ?? []) {
    for (const { key, operator, values } of matchFields ?? []) {
      if (key === 'metadata.name' && operator === 'In' && values?.length === 1) return values[0];
    }
  }
  return undefined;
}

/** Whether a node shall get a Pod of the template, and whether one that it has may stay. */
export function fitsNode(spec: PodSpec, node: Node): { readonly run: boolean; readonly stay: boolean } {
  if ((spec.nodeName && spec.nodeName !== node.metadata.name) || !matchesRequired(spec, selectable(node))) {
    return { run: false, stay: false };
  }
  const tolerations = daemonTolerations(spec);
  const hurting = (node.spec.taints ?? []).filter((taint) => !isTolerated(taint, tolerations));
  return {
    run: hurting.every(({ effect }) => effect === 'PreferNoSchedule'),
    stay: hurting.every(({ effect }) => effect !== 'NoExecute'),
  };
}
