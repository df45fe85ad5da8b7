import { formatTime } from '../../api/meta.ts';
import type { Node } from '../../api/types.ts';
import { findCondition } from '../conditions.ts';

export type NodeCondition = NonNullable<NonNullable<Node['status']>['conditions']>[number];

/** The conditions that a kubelet reports and that nobody knows any more when it falls silent, in Kubernetes' order. */
const REPORTED = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

export const readyOf = (node: Node): NodeCondition | undefined => findCondition(node.status?.conditions, 'Ready');

/** The conditions of a Node whose kubelet has fallen silent: what it reported is unknown now. */
export function unknownConditions(node: Node, nowMs: number): NodeCondition[] {
  const conditions = [...(node.status?.conditions ?? [])];
  const now = formatTime(nowMs);
  for (const type of REPORTED) {
    const at = conditions.findIndex((condition) => condition.type === type);
    const current = conditions[at];
    if (!current) {
      conditions.push({
        type,
        status: 'Unknown',
        lastHeartbeatTime: node.metadata.creationTimestamp!,
        lastTransitionTime: now,
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
      });
    } else if (current.status !== 'Unknown') {
      conditions[at] = {
        ...current,
        status: 'Unknown',
        lastTransitionTime: now,
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
      };
    }
  }
  return conditions;
}
