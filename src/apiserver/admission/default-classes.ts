import { DEFAULT_STORAGE_CLASS, defaultClass } from '../../api/default-class.ts';
import type { Ingress, PersistentVolumeClaim } from '../../api/types.ts';
import type { MutatingPlugin } from './admission.ts';

const INGRESS_CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const DEFAULT_INGRESS_CLASS = ['ingressclass.kubernetes.io/is-default-class'];
const CLAIM_CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** Claims that name no storage class get the default one, if there is one. */
export const defaultStorageClass: MutatingPlugin = {
  name: 'DefaultStorageClass',
  admit({ kind, operation, subresource, object }, context) {
    if (kind.kind !== 'PersistentVolumeClaim' || kind.group !== '' || operation !== 'CREATE' || subresource) return;
    const claim = object as unknown as PersistentVolumeClaim;
    if (claim.spec?.storageClassName !== undefined) return;
    if (claim.metadata.annotations?.[CLAIM_CLASS_ANNOTATION] !== undefined) return;
    const classes = context.list('storage.k8s.io', 'storageclasses', undefined);
    const name = defaultClass(classes, DEFAULT_STORAGE_CLASS)?.metadata.name;
    if (name !== undefined) claim.spec = { ...claim.spec, storageClassName: name };
  },
};

/** Ingresses that name no class get the default one, if there is one. */
export const defaultIngressClass: MutatingPlugin = {
  name: 'DefaultIngressClass',
  admit({ kind, operation, subresource, object }, context) {
    if (kind.kind !== 'Ingress' || operation !== 'CREATE' || subresource) return;
    const ingress = object as unknown as Ingress;
    if (ingress.spec?.ingressClassName !== undefined) return;
    if (ingress.metadata.annotations?.[INGRESS_CLASS_ANNOTATION] !== undefined) return;
    const classes = context.list('networking.k8s.io', 'ingressclasses', undefined);
    const name = defaultClass(classes, DEFAULT_INGRESS_CLASS)?.metadata.name;
    if (name !== undefined) ingress.spec = { ...ingress.spec, ingressClassName: name };
  },
};
