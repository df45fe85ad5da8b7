import type { PersistentVolume } from '../../api/types.ts';

const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

/** Volume sources that the controller manager knows, and cannot delete. */
const UNDELETABLE = ['nfs', 'local'] as const;

/** What becomes of a released volume: it is deleted, or left to somebody else, or that fails. */
type Reclaimed = 'delete' | 'leave' | { readonly reason: string; readonly message: string };

/**
 * Carries out the reclaim policy as far as the controller manager does so itself: it deletes directories under /tmp
 * only, and leaves what a driver has provisioned to that driver. Recycling is done by a Pod in the real one, which ours
 * does not start.
 */
export function reclaim({ metadata, spec }: PersistentVolume): Reclaimed {
  const { persistentVolumeReclaimPolicy: policy, hostPath, nfs } = spec ?? {};
  if (policy === 'Recycle' && !hostPath && !nfs) {
    return { reason: 'VolumeFailedRecycle', message: 'No recycler plugin found for the volume!' };
  }
  if (policy !== 'Delete' || metadata.deletionTimestamp) return 'leave';
  const provisioner = metadata.annotations?.[PROVISIONED_BY];
  if (provisioner && !provisioner.startsWith('kubernetes.io/')) return 'leave';
  const fail = (message: string): Reclaimed => ({ reason: 'VolumeFailedDelete', message });
  if (hostPath) {
    if (/\/tmp\/.+/.test(hostPath.path)) return 'delete';
    return fail(`host_path deleter only supports /tmp/.+ but received provided ${hostPath.path}`);
  }
  const known = UNDELETABLE.some((source) => spec?.[source] !== undefined);
  const why = known ? 'no deletable volume plugin matched' : 'no volume plugin matched';
  return fail(`error getting deleter volume plugin for volume "${metadata.name}": ${why}`);
}
