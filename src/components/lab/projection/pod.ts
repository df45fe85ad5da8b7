import type { UntypedObject } from '../../../api/object.ts';

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

interface ContainerStatus {
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string };
    readonly running?: object;
    readonly terminated?: { readonly reason?: string; readonly exitCode: number; readonly signal?: number };
  };
}

interface PodFields {
  readonly spec?: { readonly nodeName?: string; readonly containers?: readonly unknown[] };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

function statusText({ metadata }: UntypedObject, status: PodFields['status']): string {
  if (metadata.deletionTimestamp) return 'Terminating';
  for (const { state } of status?.containerStatuses ?? []) {
    if (state?.waiting?.reason) return state.waiting.reason;
    const ended = state?.terminated;
    if (ended) return ended.reason ?? (ended.signal ? `Signal:${ended.signal}` : `ExitCode:${ended.exitCode}`);
  }
  return status?.reason ?? status?.phase ?? 'Pending';
}

function shapeOf(status: string, allReady: boolean): PodShape {
  if (status === 'Terminating') return 'ending';
  if (status === 'Completed' || status === 'Succeeded') return 'done';
  if (status === 'Running') return allReady ? 'ready' : 'starting';
  if (status === 'Pending') return 'pending';
  return status === 'ContainerCreating' || status === 'PodInitializing' ? 'starting' : 'failing';
}

export function podCell(key: string, pod: UntypedObject): PodCell {
  const { spec, status } = pod as PodFields;
  const containers = status?.containerStatuses ?? [];
  const ready = containers.filter((container) => container.ready).length;
  const total = spec?.containers?.length ?? 0;
  const text = statusText(pod, status);
  return {
    key,
    name: pod.metadata.name,
    namespace: pod.metadata.namespace ?? '',
    node: spec?.nodeName ?? '',
    ready: `${ready}/${total}`,
    status: text,
    restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
    shape: shapeOf(text, total > 0 && ready === total),
  };
}
