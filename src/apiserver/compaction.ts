import type { Kernel } from '../kernel/index.ts';
import type { Etcd } from '../etcd/index.ts';

/**
 * Forgets old revisions as the real server makes etcd do: every interval, those that were old news when the
 * last one began. So every revision can be read and watched from for at least one interval.
 */
export function startCompaction(kernel: Kernel, etcd: Etcd, intervalMs: number): void {
  let previous = 0;
  const compact = (): void => {
    if (previous > etcd.compactedRevision) etcd.compact(previous);
    previous = etcd.revision;
    kernel.after(intervalMs, 'kube-apiserver', compact, { background: true });
  };
  compact();
}
