import { PersistentVolumeClaimKind } from '../../api/core/persistent-volume-claim.ts';
import { PersistentVolumeKind } from '../../api/core/persistent-volume.ts';
import { PodKind } from '../../api/core/pod.ts';
import type { Kind } from '../../api/kind.ts';
import { joinKey, keyOf } from '../../api/meta.ts';
import type { KubeObject } from '../../api/object.ts';
import { hasReason } from '../../api/status.ts';
import { VolumeAttributesClassKind } from '../../api/storage/volume-attributes-class.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types.ts';
import type { SharedInformer } from '../../client/index.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { ControlLoop } from '../control-loop.ts';

/** Index of Pods by the claims that they use. */
const BY_CLAIM = 'claim';

/** The claims of a Pod, those of its ephemeral volumes too. */
function claimsOf({ metadata, spec }: Pod): readonly string[] {
  let claims: string[] | undefined;
  for (const { name, persistentVolumeClaim, ephemeral } of spec.volumes ?? NOTHING) {
    const claim = persistentVolumeClaim?.claimName ?? (ephemeral ? `${metadata.name}-${name}` : undefined);
    if (claim !== undefined) (claims ??= []).push(joinKey(metadata.namespace, claim));
  }
  return claims ?? NOTHING;
}

const NOTHING: readonly never[] = [];

interface Protection<T extends KubeObject> {
  readonly name: string;
  /** Its service account. */
  readonly account: string;
  readonly kind: Kind<T>;
  readonly finalizer: string;
  readonly inUse: (object: T) => boolean;
}

/** Puts a finalizer on what may be in use, and takes it off what is being deleted and is not. */
function protect<T extends KubeObject>(
  context: ControllerContext,
  objects: SharedInformer<T>,
  { name, account, kind, finalizer, inUse }: Protection<T>,
): ControlLoop {
  const loop = new ControlLoop({
    context,
    name,
    account,
    reconcile: (key) => {
      const object = objects.getByKey(key);
      if (!object) return;
      const { metadata } = object;
      const finalizers = metadata.finalizers ?? [];
      const has = finalizers.includes(finalizer);
      const going = metadata.deletionTimestamp !== undefined;
      if (has !== going || (going && inUse(object))) return;
      const next = going ? finalizers.filter((other) => other !== finalizer) : [...finalizers, finalizer];
      try {
        loop.client.resource(kind).update({ ...object, metadata: { ...metadata, finalizers: next } });
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error;
      }
    },
  });
  const enqueue = (object: T): void => loop.queue.add(keyOf(object));
  loop.on(objects, { add: enqueue, update: enqueue });
  return loop;
}

/** A claim that is deleted stays until no Pod that was given a node uses it. */
export function startPvcProtection(context: ControllerContext): Controller {
  const pods = context.informers.for(PodKind);
  pods.addIndex(BY_CLAIM, claimsOf);
  const loop = protect(context, context.informers.for(PersistentVolumeClaimKind), {
    name: 'persistentvolumeclaim-protection-controller',
    account: 'pvc-protection-controller',
    kind: PersistentVolumeClaimKind,
    finalizer: 'kubernetes.io/pvc-protection',
    inUse: (claim) => pods.byIndex(BY_CLAIM, keyOf(claim)).some(({ spec }) => Boolean(spec.nodeName)),
  });
  loop.on(pods, {
    delete: (pod) => {
      for (const claim of claimsOf(pod)) loop.queue.add(claim);
    },
  });
  return loop;
}

/** A volume that is deleted stays as long as it is bound. */
export const startPvProtection = (context: ControllerContext): Controller =>
  protect(context, context.informers.for(PersistentVolumeKind), {
    name: 'persistentvolume-protection-controller',
    account: 'pv-protection-controller',
    kind: PersistentVolumeKind,
    finalizer: 'kubernetes.io/pv-protection',
    inUse: ({ status }) => status?.phase === 'Bound',
  });

/** A VolumeAttributesClass that is deleted stays until no claim and no volume has it, or is to have it. */
export function startAttributesClassProtection(context: ControllerContext): Controller {
  const claims = context.informers.for(PersistentVolumeClaimKind);
  const volumes = context.informers.for(PersistentVolumeKind);
  const classes = context.informers.for(VolumeAttributesClassKind);
  const loop = protect(context, classes, {
    name: 'volumeattributesclass-protection-controller',
    account: 'volumeattributesclass-protection-controller',
    kind: VolumeAttributesClassKind,
    finalizer: 'kubernetes.io/vac-protection',
    inUse: ({ metadata: { name } }) =>
      volumes.list().some(({ spec }) => spec?.volumeAttributesClassName === name) ||
      claims.list().some((claim) => attributesClassesOf(claim).includes(name)),
  });
  // Only what is being deleted waits for those that use it.
  const look = (): void => {
    for (const { metadata } of classes.list()) if (metadata.deletionTimestamp) loop.queue.add(metadata.name);
  };
  loop.on(claims, { update: look, delete: look });
  loop.on(volumes, { update: look, delete: look });
  return loop;
}

const attributesClassesOf = ({ spec, status }: PersistentVolumeClaim): (string | undefined)[] => [
  spec?.volumeAttributesClassName,
  status?.currentVolumeAttributesClassName,
  status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
];
