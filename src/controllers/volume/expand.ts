import { PersistentVolumeClaimKind } from '../../api/core/persistent-volume-claim.ts';
import { PersistentVolumeKind } from '../../api/core/persistent-volume.ts';
import { keyOf } from '../../api/meta.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type { PersistentVolumeClaim } from '../../api/types.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { ControlLoop } from '../control-loop.ts';
import { subjectOf } from '../pod-control.ts';

const UNABLE =
  "Ignoring the PVC: didn't find a plugin capable of expanding the volume; " +
  'waiting for an external controller to process this PVC.';

const quantity = (text: string | number | undefined): ReturnType<typeof parseQuantity> => parseQuantity(text ?? '0');

/** The claim asks for more than it was given. */
const wantsMore = ({ spec, status }: PersistentVolumeClaim): boolean =>
  quantity(spec.resources?.requests?.['storage']).compare(quantity(status?.capacity?.['storage'])) > 0;

/**
 * Notices claims that ask for more than their volume has. No volume plugin of the controller manager can expand one any
 * more: the resizer of the volume's CSI driver does it, and this controller only says that it waits for that.
 */
export function startVolumeExpansion(context: ControllerContext): Controller {
  const claims = context.informers.for(PersistentVolumeClaimKind);
  const volumes = context.informers.for(PersistentVolumeKind);
  const loop = new ControlLoop({
    context,
    name: 'persistentvolume-expander-controller',
    source: 'volume_expand',
    account: 'expand-controller',
    reconcile: (key) => {
      const claim = claims.getByKey(key);
      if (!claim || claim.status?.phase !== 'Bound' || !wantsMore(claim)) return;
      const volume = volumes.getByKey(claim.spec.volumeName ?? '');
      if (!volume || volume.spec?.claimRef?.uid !== claim.metadata.uid) return;
      loop.recorder.event(subjectOf(claim, PersistentVolumeClaimKind), 'Warning', 'ExternalExpanding', UNABLE);
    },
  });
  loop.needs(volumes);
  loop.on(claims, {
    update: (claim, old) => {
      const before = quantity(old.spec.resources?.requests?.['storage']);
      if (quantity(claim.spec.resources?.requests?.['storage']).compare(before) > 0) loop.queue.add(keyOf(claim));
    },
  });
  return loop;
}
