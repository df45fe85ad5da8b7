import { PersistentVolumeClaimKind } from '../../api/core/persistent-volume-claim.ts';
import { PodKind } from '../../api/core/pod.ts';
import { keyOf, ownerReference } from '../../api/meta.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { ControlLoop } from '../control-loop.ts';
import { errorText, subjectOf } from '../pod-control.ts';

type Volume = NonNullable<Pod['spec']['volumes']>[number];

/** The claim of a Pod's generic ephemeral volume, which goes when the Pod goes. */
function claimOf(pod: Pod, { name, ephemeral }: Volume): PersistentVolumeClaim {
  const { metadata, spec } = ephemeral!.volumeClaimTemplate!;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: `${pod.metadata.name}-${name}`,
      namespace: pod.metadata.namespace!,
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      ...(metadata?.annotations ? { annotations: metadata.annotations } : {}),
      ownerReferences: [ownerReference(pod, PodKind)],
    },
    spec: spec as PersistentVolumeClaim['spec'],
  };
}

/**
 * Makes a claim for every generic ephemeral volume of a Pod, called after the Pod and the volume and owned by the Pod
 * (KEP-1698). A claim of that name which is somebody else's keeps the Pod waiting.
 */
export function startEphemeralVolumes(context: ControllerContext): Controller {
  const pods = context.informers.for(PodKind);
  const claims = context.informers.for(PersistentVolumeClaimKind);
  const loop = new ControlLoop({
    context,
    name: 'ephemeral-volume-controller',
    source: 'ephemeral_volume',
    reconcile: (key) => {
      const pod = pods.getByKey(key);
      if (!pod || pod.metadata.deletionTimestamp) return;
      for (const volume of pod.spec.volumes ?? []) if (volume.ephemeral) settle(pod, volume);
    },
  });

  function settle(pod: Pod, volume: Volume): void {
    const claim = claimOf(pod, volume);
    const existing = claims.getByKey(keyOf(claim));
    try {
      if (!existing) loop.client.resource(PersistentVolumeClaimKind).create(claim);
      else if (
        !existing.metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === pod.metadata.uid)
      )
        throw new Error(`PVC ${keyOf(claim)} was not created for pod ${keyOf(pod)} (pod is not owner)`);
    } catch (error) {
      const text = `ephemeral volume ${volume.name}: ${errorText(error)}`;
      loop.recorder.event(subjectOf(pod, PodKind), 'Warning', 'FailedBinding', text);
      throw error;
    }
  }

  const hasEphemeral = ({ spec }: Pod): boolean => spec.volumes?.some(({ ephemeral }) => ephemeral) ?? false;
  loop.on(pods, { add: (pod) => hasEphemeral(pod) && loop.queue.add(keyOf(pod)) });
  loop.on(claims, {
    delete: ({ metadata }) => {
      const owner = metadata.ownerReferences?.find(({ controller }) => controller);
      if (owner?.kind === 'Pod') loop.queue.add(`${metadata.namespace}/${owner.name}`);
    },
  });
  return loop;
}
