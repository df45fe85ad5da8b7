import type { Pod } from '../api/types.ts';
import { equal } from '../api/draft.ts';

export const isOlder = (a: Pod, b: Pod): boolean =>
  Number(a.metadata.resourceVersion) < Number(b.metadata.resourceVersion);

/** Whether there is something to do for the new version that was not for the old. */
export function specChanged(old: Pod, next: Pod): boolean {
  if (old.metadata.generation !== next.metadata.generation) return true;
  if (!equal(old.metadata.labels, next.metadata.labels)) return true;
  if (!equal(old.metadata.annotations, next.metadata.annotations)) return true;
  if (!next.spec.readinessGates) return false;
  return next.spec.readinessGates.some(({ conditionType }) => {
    const status = (pod: Pod): string | undefined =>
      pod.status?.conditions?.find(({ type }) => type === conditionType)?.status;
    return status(old) !== status(next);
  });
}
