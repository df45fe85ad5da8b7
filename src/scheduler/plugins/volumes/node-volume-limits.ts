import type { CsiNode, Pod, VolumeAttachment } from '../../../api/types.ts';
import { stateKey } from '../../framework/cycle.ts';
import type { Listers } from '../../framework/listers.ts';
import type { Handle, Plugin } from '../../framework/plugin.ts';
import { SKIP, status } from '../../framework/status.ts';
import { claimsOf, classOf, isOwnClaim } from './pod-claims.ts';

const NAME = 'NodeVolumeLimits';
const TOO_MANY = status('Unschedulable', NAME, 'node(s) exceed max volume count');

/** CSI drivers of the volumes of the Pod, by what identifies a volume. */
type Volumes = ReadonlyMap<string, string>;

const STATE = stateKey<Volumes>();

/** The CSI volumes that a Pod claims: a volume still to be provisioned counts for the driver of its class. */
function volumesOf(pod: Pod, listers: Listers): Map<string, string> {
  const volumes = new Map<string, string>();
  const { namespace = '' } = pod.metadata;
  for (const { name } of claimsOf(pod)) {
    const claim = listers.persistentVolumeClaim(namespace, name);
    if (!claim) continue;
    const volume = claim.spec?.volumeName ? listers.persistentVolume(claim.spec.volumeName) : undefined;
    if (volume) {
      const { csi } = volume.spec ?? {};
      if (csi) volumes.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver);
      continue;
    }
    const provisioner = listers.storageClass(classOf(claim))?.provisioner;
    if (provisioner) volumes.set(`${provisioner}/${namespace}/${name}`, provisioner);
  }
  return volumes;
}

const limitsOf = ({ spec }: CsiNode): Map<string, number> =>
  new Map(
    (spec.drivers ?? []).flatMap(({ name, allocatable }) =>
      allocatable?.count === undefined ? [] : [[name, allocatable.count]],
    ),
  );

/** Whether a node may have more volumes of some driver than before. */
function limitGrew(old: CsiNode, csiNode: CsiNode): boolean {
  const before = limitsOf(old);
  return [...limitsOf(csiNode)].some(([driver, limit]) => before.has(driver) && limit > before.get(driver)!);
}

/** Whether the Pod claims the volume of an attachment. */
const claimsVolumeOf = (pod: Pod, attachment: VolumeAttachment, listers: Listers): boolean =>
  claimsOf(pod).some(({ name }) => {
    const volumeName = listers.persistentVolumeClaim(pod.metadata.namespace ?? '', name)?.spec?.volumeName;
    return volumeName !== undefined && volumeName === attachment.spec.source.persistentVolumeName;
  });

/** Notes the volumes that are attached to a node, whether a Pod there uses them or not. */
function noteAttached(nodeName: string, there: Map<string, string>, listers: Listers): void {
  for (const { spec } of listers.volumeAttachments()) {
    if (spec.nodeName !== nodeName || !spec.source.persistentVolumeName) continue;
    const { csi } = listers.persistentVolume(spec.source.persistentVolumeName)?.spec ?? {};
    if (csi) there.set(`${spec.attacher}/${csi.volumeHandle}`, spec.attacher);
  }
}

/** Keeps a node from more volumes of a CSI driver than its CSINode allows. */
export const nodeVolumeLimits = ({ listers }: Handle): Plugin => ({
  name: NAME,
  events: [
    { actions: ['CSINode/Add'] },
    { actions: ['CSINode/Update'], helps: (_pod, event) => limitGrew(event.old as CsiNode, event.new as CsiNode) },
    { actions: ['AssignedPodDelete'], helps: (_pod, event) => claimsOf(event.old as Pod).length > 0 },
    {
      actions: ['VolumeAttachment/Delete'],
      helps: ({ pod }, event) => claimsVolumeOf(pod, event.old as VolumeAttachment, listers),
    },
    { actions: ['PersistentVolumeClaim/Add'], helps: isOwnClaim },
  ],
  preFilter(cycle) {
    const { pod } = cycle.pod;
    if (claimsOf(pod).length === 0) return { status: SKIP };
    const volumes = volumesOf(pod, listers);
    if (volumes.size === 0) return { status: SKIP };
    cycle.write(STATE, volumes);
    return undefined;
  },
  filter(cycle, _pod, node) {
    const csiNode = listers.csiNode(node.name);
    const limits = csiNode && limitsOf(csiNode);
    if (!limits || limits.size === 0) return undefined;
    const wanted = cycle.read(STATE)!;
    const there = new Map<string, string>();
    for (const { pod } of node.pods.values()) {
      if (pod.spec.volumes) for (const [volume, driver] of volumesOf(pod, listers)) there.set(volume, driver);
    }
    noteAttached(node.name, there, listers);
    for (const [driver, limit] of limits) {
      const more = [...wanted].filter(([volume, of]) => of === driver && !there.has(volume)).length;
      if (more === 0) continue;
      let used = 0;
      for (const of of there.values()) if (of === driver) used++;
      if (used + more > limit) return TOO_MANY;
    }
    return undefined;
  },
});
