import type { KubeObject } from '../../api/object.ts';
import { parseTime } from '../../api/meta.ts';
import type { Ingress, PersistentVolumeClaim } from '../../api/types.ts';
import type { AdmissionContext, MutatingPlugin } from './admission.ts';

const INGRESS_CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const CLAIM_CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** The newest of the classes that say they are the default; of equally old ones the first by name. */
function defaultClass(
  context: AdmissionContext,
  group: string,
  resource: string,
  annotations: readonly string[],
): string | undefined {
  const isDefault = ({ metadata }: KubeObject): boolean =>
    annotations.some((annotation) => metadata.annotations?.[annotation] === 'true');
  const age = ({ metadata }: KubeObject): number => parseTime(metadata.creationTimestamp ?? '');
  const [first] = context
    .list(group, resource, undefined)
    .filter(isDefault)
    .sort((a, b) => age(b) - age(a) || (a.metadata.name < b.metadata.name ? -1 : 1));
  return first?.metadata.name;
}

/** Claims that name no storage class get the default one, if there is one. */
export const defaultStorageClass: MutatingPlugin = {
  name: 'DefaultStorageClass',
  admit({ kind, operation, subresource, object }, context) {
    if (kind.kind !== 'PersistentVolumeClaim' || kind.group !== '' || operation !== 'CREATE' || subresource) return;
    const claim = object as unknown as PersistentVolumeClaim;
    if (claim.spec?.storageClassName !== undefined) return;
    if (claim.metadata.annotations?.[CLAIM_CLASS_ANNOTATION] !== undefined) return;
    const name = defaultClass(context, 'storage.k8s.io', 'storageclasses', [
      'storageclass.kubernetes.io/is-default-class',
      'storageclass.beta.kubernetes.io/is-default-class',
    ]);
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
    const name = defaultClass(context, 'networking.k8s.io', 'ingressclasses', [
      'ingressclass.kubernetes.io/is-default-class',
    ]);
    if (name !== undefined) ingress.spec = { ...ingress.spec, ingressClassName: name };
  },
};
