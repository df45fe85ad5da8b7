import { parseQuantity } from '../../api/quantity.ts';
import type { PersistentVolumeClaim, StorageClass } from '../../api/types.ts';
import { refuse, type ValidatingPlugin } from './admission.ts';

const requested = ({ spec }: PersistentVolumeClaim): string | number => spec.resources?.requests?.['storage'] ?? 0;

/** A claim's class; an annotation of old comes before the field. */
const classOf = ({ metadata, spec }: PersistentVolumeClaim): string =>
  metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName ?? '';

/** Claims ask for more only of storage that can grow: allowVolumeExpansion of their class says so. */
export const persistentVolumeClaimResize: ValidatingPlugin = {
  name: 'PersistentVolumeClaimResize',
  validate(request, context) {
    const { kind, operation, subresource } = request;
    if (kind.kind !== 'PersistentVolumeClaim' || operation !== 'UPDATE' || subresource) return;
    const claim = request.object as unknown as PersistentVolumeClaim;
    const old = request.old as unknown as PersistentVolumeClaim;
    if (parseQuantity(requested(claim)).compare(parseQuantity(requested(old))) <= 0) return;
    if (old.status?.phase !== 'Bound') throw refuse(request, 'Only bound persistent volume claims can be expanded');
    const name = classOf(claim);
    const storage =
      name && name === classOf(old)
        ? (context.get('storage.k8s.io', 'storageclasses', undefined, name) as StorageClass | undefined)
        : undefined;
    if (!storage?.allowVolumeExpansion)
      throw refuse(
        request,
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      );
  },
};
