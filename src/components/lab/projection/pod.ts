import type { UntypedObject } from '../../../api/object.ts';
import { summarize } from '../../../api/core/pod-columns.ts';
import type { Pod } from '../../../api/types.ts';

/** The shape that stands for a Pod's state; its text says more. */
export type PodShape = 'ready' | 'starting' | 'pending' | 'failing' | 'ending' | 'done';

/** A Pod as the Cluster view and its table show it. */
export interface PodCell {
  readonly key: string;
  readonly name: string;
  readonly namespace: string;
  /** Empty while not scheduled. */
  readonly node: string;
  /** Containers that are ready, of all: `1/1`. */
  readonly ready: string;
  /** What kubectl prints as STATUS. */
  readonly status: string;
  readonly restarts: number;
  readonly shape: PodShape;
}

function shapeOf(status: string, allReady: boolean): PodShape {
  switch (status) {
    case 'Running':
      return allReady ? 'ready' : 'starting';
    case 'Pending':
    case 'SchedulingGated':
      return 'pending';
    case 'ContainerCreating':
    case 'PodInitializing':
    case 'NotReady':
      return 'starting';
    case 'Completed':
    case 'Succeeded':
      return 'done';
    case 'Terminating':
      return 'ending';
    default:
      return /^Init:\d/.test(status) ? 'starting' : 'failing';
  }
}

export function podCell(key: string, object: UntypedObject): PodCell {
  const pod = object as unknown as Pod;
  const { ready, total, status, restarts } = summarize(pod);
  return {
    key,
    name: pod.metadata.name,
    namespace: pod.metadata.namespace ?? '',
    node: pod.spec.nodeName ?? '',
    ready: `${ready}/${total}`,
    status,
    restarts,
    shape: shapeOf(status, total > 0 && ready === total),
  };
}
