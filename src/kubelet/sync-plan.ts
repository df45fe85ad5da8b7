import type { Pod } from '../api/types.ts';
import { newestOf } from './container-status.ts';
import { containersOf, isSidecar, type ContainerRef } from './names.ts';
import type { ProberSet } from './prober-set.ts';
import { restartsAfter, shouldStart } from './restart-policy.ts';
import type { ContainerInstance, PodRecord } from './runtime/cri.ts';

export interface Kill {
  readonly ref: ContainerRef;
  readonly instance: ContainerInstance;
  readonly message: string;
  /** Overrides the Pod's grace period, seconds. */
  readonly graceSeconds: number | undefined;
}

/** What a sync has to do to bring a Pod's containers closer to its spec. */
export interface SyncPlan {
  readonly createSandbox: boolean;
  readonly kill: readonly Kill[];
  readonly start: readonly ContainerRef[];
}

const NOTHING: SyncPlan = { createSandbox: false, kill: [], start: [] };

/**
 * Decides what to do for a Pod, from its spec, what the runtime has, and what the probes found (kubelet's
 * computePodActions). `resized`: containers that get other resources by a restart.
 */
export function syncPlan(
  pod: Pod,
  record: PodRecord | undefined,
  probers: ProberSet,
  resized?: ReadonlySet<string>,
): SyncPlan {
  const refs = containersOf(pod);
  const newest = (ref: ContainerRef): ContainerInstance | undefined => newestOf(record, ref.container.name);
  const mains = refs.filter(({ list }) => list === 'containers');
  const inits = refs.filter(({ list }) => list === 'initContainers');
  const kill: Kill[] = [];
  const start: ContainerRef[] = [];

  if (!record?.sandboxes[0]?.ready) {
    const over =
      record !== undefined &&
      mains.every((ref) => newest(ref)) &&
      !mains.some((ref) => shouldStart(pod, ref, newest(ref)));
    if (over) return NOTHING;
    // A new sandbox begins from the first init container.
    return { createSandbox: true, kill, start: inits.length > 0 ? [inits[0]!] : mains };
  }

  const condemn = (ref: ContainerRef): boolean => {
    const instance = newest(ref);
    if (instance?.state !== 'running') return false;
    if (resized?.has(ref.container.name)) {
      kill.push({
        ref,
        instance,
        message: `Container ${ref.container.name} resize requires restart`,
        graceSeconds: undefined,
      });
      return true;
    }
    const type = probers.condemned(instance, ref);
    if (!type) return false;
    kill.push({
      ref,
      instance,
      message: `Container ${ref.container.name} failed ${type} probe${restartsAfter(pod, ref, 1) ? ', will be restarted' : ''}`,
      graceSeconds: ref.container[`${type}Probe`]?.terminationGracePeriodSeconds,
    });
    return restartsAfter(pod, ref, 1);
  };

  let initialized = true;
  const begun = mains.some((ref) => newest(ref));
  for (const ref of inits) {
    const instance = newest(ref);
    if (isSidecar(ref)) {
      if (condemn(ref) || shouldStart(pod, ref, instance)) {
        start.push(ref);
        if (!begun) {
          initialized = false;
          break;
        }
      } else if (!begun && instance && !probers.started(instance, ref)) {
        initialized = false;
        break;
      }
      continue;
    }
    if (begun || (instance?.state === 'exited' && instance.exitCode === 0)) continue;
    initialized = false;
    if (shouldStart(pod, ref, instance)) start.push(ref);
    break;
  }
  if (initialized) {
    for (const ref of mains) if (condemn(ref) || shouldStart(pod, ref, newest(ref))) start.push(ref);
  }
  for (const ref of refs) if (ref.list === 'ephemeralContainers' && !newest(ref)) start.push(ref);
  return { createSandbox: false, kill, start };
}
