import type { MutatingPlugin } from './admission.ts';

const FINALIZERS: Readonly<Record<string, string>> = {
  PersistentVolumeClaim: 'kubernetes.io/pvc-protection',
  PersistentVolume: 'kubernetes.io/pv-protection',
};

/** Claims in use by Pods and volumes bound to claims are not deleted: a finalizer holds them. */
export const storageObjectInUseProtection: MutatingPlugin = {
  name: 'StorageObjectInUseProtection',
  admit({ kind, operation, subresource, object }) {
    const finalizer = kind.group === '' ? FINALIZERS[kind.kind] : undefined;
    if (!finalizer || operation !== 'CREATE' || subresource || !object) return;
    const { finalizers = [] } = object.metadata;
    if (!finalizers.includes(finalizer)) object.metadata.finalizers = [...finalizers, finalizer];
  },
};
