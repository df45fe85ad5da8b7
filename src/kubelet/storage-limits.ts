import { intValue } from '../api/quantity.ts';
import type { Pod } from '../api/types.ts';
import { newestOf } from './container-status.ts';
import type { ContainerRuntime, PodRecord } from './runtime/cri.ts';
import type { PodVolumes } from './pod-volumes.ts';

/** A Pod's limits of local storage, as written in its spec. */
export interface StorageLimits {
  readonly volumes: readonly { readonly name: string; readonly limit: string }[];
  readonly containers: readonly { readonly name: string; readonly limit: string }[];
}

/** Undefined for a Pod without any. */
export function storageLimits({ spec }: Pod): StorageLimits | undefined {
  const volumes = (spec.volumes ?? []).flatMap(({ name, emptyDir }) =>
    emptyDir?.sizeLimit === undefined ? [] : [{ name, limit: String(emptyDir.sizeLimit) }],
  );
  const containers = spec.containers.flatMap(({ name, resources }) => {
    const limit = resources?.limits?.['ephemeral-storage'];
    return limit === undefined ? [] : [{ name, limit: String(limit) }];
  });
  return volumes.length + containers.length > 0 ? { volumes, containers } : undefined;
}

/** Why the Pod has to be evicted, in the words of its event; undefined while it keeps its limits. */
export function storageProblem(
  pod: Pod,
  limits: StorageLimits,
  volumes: PodVolumes | undefined,
  record: PodRecord | undefined,
  runtime: ContainerRuntime,
): string | undefined {
  for (const { name, limit } of limits.volumes) {
    if ((volumes?.tree(name)?.written ?? 0) > intValue(limit)) {
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `;
    }
  }
  const written = (container: string): number => {
    const instance = newestOf(record, container);
    return instance ? runtime.writtenBytes(instance.id) : 0;
  };
  if (limits.containers.length === pod.spec.containers.length) {
    const used = pod.spec.containers.reduce((sum, { name }) => sum + written(name), 0);
    const allowed = limits.containers.reduce((sum, { limit }) => sum + intValue(limit), 0);
    if (used > allowed) {
      const [only] = limits.containers;
      const shown = limits.containers.length === 1 ? only!.limit : String(allowed);
      return `Pod ephemeral local storage usage exceeds the total limit of containers ${shown}. `;
    }
  }
  for (const { name, limit } of limits.containers) {
    if (written(name) > intValue(limit))
      return `Container ${name} exceeded its local ephemeral storage limit "${limit}". `;
  }
  return undefined;
}
