import type { Pod, PodSpec } from '../../../api/types.ts';
import type { PodTally } from '../../cache/pod-tally.ts';
import { stateKey, type Cycle } from '../../framework/cycle.ts';
import type { Handle, Plugin } from '../../framework/plugin.ts';
import { SKIP, status } from '../../framework/status.ts';
import { isOwnClaim } from './pod-claims.ts';

type Volume = NonNullable<PodSpec['volumes']>[number];

const NAME = 'VolumeRestrictions';
const DISK_TAKEN = status('Unschedulable', NAME, 'node(s) had no available disk');
const CLAIM_TAKEN = status(
  'Unschedulable',
  NAME,
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
);

interface State {
  /** The users of each claim of the Pod that only one Pod may use. */
  readonly exclusive: readonly PodTally[];
  readonly hasDisks: boolean;
}

const STATE = stateKey<State>();

const usesClaim = ({ spec }: Pod, name: string): boolean =>
  spec.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === name) ?? false;

/** Disks that refuse a second user on the same node. */
const isDisk = (volume: Volume): boolean =>
  Boolean(volume.gcePersistentDisk ?? volume.awsElasticBlockStore ?? volume.rbd ?? volume.iscsi);

function disksClash(a: Volume, b: Volume): boolean {
  const bothRead = (x: { readOnly?: boolean }, y: { readOnly?: boolean }): boolean => Boolean(x.readOnly && y.readOnly);
  if (a.gcePersistentDisk && b.gcePersistentDisk) {
    return (
      a.gcePersistentDisk.pdName === b.gcePersistentDisk.pdName && !bothRead(a.gcePersistentDisk, b.gcePersistentDisk)
    );
  }
  if (a.awsElasticBlockStore && b.awsElasticBlockStore) {
    return a.awsElasticBlockStore.volumeID === b.awsElasticBlockStore.volumeID;
  }
  if (a.iscsi && b.iscsi) return a.iscsi.iqn === b.iscsi.iqn && !bothRead(a.iscsi, b.iscsi);
  if (a.rbd && b.rbd) {
    const monitors = new Set(b.rbd.monitors);
    const sameImage = (a.rbd.pool ?? 'rbd') === (b.rbd.pool ?? 'rbd') && a.rbd.image === b.rbd.image;
    return sameImage && a.rbd.monitors.some((monitor) => monitors.has(monitor)) && !bothRead(a.rbd, b.rbd);
  }
  return false;
}

const podsClash = (a: Pod, b: Pod): boolean =>
  a.spec.volumes?.some((one) => isDisk(one) && b.spec.volumes?.some((other) => disksClash(one, other))) ?? false;

/** Keeps Pods from disks and ReadWriteOncePod claims that another Pod uses. */
export const volumeRestrictions = ({ listers }: Handle): Plugin => ({
  name: NAME,
  events: [
    {
      actions: ['AssignedPodDelete'],
      helps({ pod }, event) {
        const gone = event.old as Pod;
        if (podsClash(pod, gone)) return true;
        if (gone.metadata.namespace !== pod.metadata.namespace) return false;
        return (pod.spec.volumes ?? []).some(
          ({ persistentVolumeClaim: claim }) => claim !== undefined && usesClaim(gone, claim.claimName),
        );
      },
    },
    { actions: ['PersistentVolumeClaim/Add'], helps: isOwnClaim },
    { actions: ['NodeAdd'] },
  ],
  preFilter(cycle) {
    const { pod } = cycle.pod;
    if (!pod.spec.volumes?.length) return { status: SKIP };
    const exclusive: PodTally[] = [];
    const namespace = pod.metadata.namespace ?? '';
    for (const { persistentVolumeClaim } of pod.spec.volumes) {
      if (!persistentVolumeClaim) continue;
      const { claimName } = persistentVolumeClaim;
      const claim = listers.persistentVolumeClaim(namespace, claimName);
      if (!claim) {
        const missing = `persistentvolumeclaim ${JSON.stringify(claimName)} not found`;
        return { status: status('UnschedulableAndUnresolvable', NAME, missing) };
      }
      if (claim.spec?.accessModes?.includes('ReadWriteOncePod')) exclusive.push(users(cycle, namespace, claimName));
    }
    const hasDisks = pod.spec.volumes.some(isDisk);
    if (!hasDisks && exclusive.every(({ total }) => total === 0)) return { status: SKIP };
    cycle.write(STATE, { exclusive, hasDisks });
    return undefined;
  },
  filter(cycle, { pod }, node) {
    const { exclusive, hasDisks } = cycle.read(STATE)!;
    if (hasDisks) for (const other of node.pods.values()) if (podsClash(pod, other.pod)) return DISK_TAKEN;
    return exclusive.some(({ total }) => total > 0) ? CLAIM_TAKEN : undefined;
  },
});

/** The placed Pods that use a claim. */
const users = ({ snapshot }: Cycle, namespace: string, claimName: string): PodTally =>
  snapshot.index.tally({
    id: `claim ${namespace}/${claimName}`,
    ...(namespace === '' ? {} : { namespace }),
    matches: ({ pod }) => (pod.metadata.namespace ?? '') === namespace && usesClaim(pod, claimName),
  });
