import type { PersistentVolume, StorageClass } from '../../../api/types.ts';
import { stateKey } from '../../framework/cycle.ts';
import type { Handle, Plugin } from '../../framework/plugin.ts';
import type { Listers } from '../../framework/listers.ts';
import { SKIP, status, type Status } from '../../framework/status.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { claimsOf, classOf, isOwnClaim } from './pod-claims.ts';

const NAME = 'VolumeZone';
const CONFLICT = status('UnschedulableAndUnresolvable', NAME, 'node(s) had no available volume zone');

/** Labels that tie a volume to nodes, older ones with the name that replaced them. */
const CURRENT: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
};
const LABELS = Object.keys(CURRENT);

interface Zones {
  readonly key: string;
  readonly values: ReadonlySet<string>;
}

const STATE = stateKey<readonly Zones[]>();

/** `a__b` names two zones. */
const zonesOf = ({ metadata }: PersistentVolume): Zones[] =>
  LABELS.flatMap((key) => {
    const value = metadata.labels?.[key];
    return value === undefined ? [] : [{ key, values: new Set(value.split('__').map((zone) => zone.trim())) }];
  });

const reject = (reason: string): Status => status('UnschedulableAndUnresolvable', NAME, reason);

function zonesOfPod({ pod }: PodInfo, listers: Listers): Zones[] | Status {
  const zones: Zones[] = [];
  for (const { name, ephemeral } of claimsOf(pod)) {
    if (ephemeral) continue;
    const claim = listers.persistentVolumeClaim(pod.metadata.namespace ?? '', name);
    if (!claim) return reject(`persistentvolumeclaim ${JSON.stringify(name)} not found`);
    const volumeName = claim.spec?.volumeName;
    if (!volumeName) {
      const className = classOf(claim);
      if (className === '') return reject('PersistentVolumeClaim had no pv name and storageClass name');
      const storageClass = listers.storageClass(className);
      if (!storageClass) return reject(`storageclass.storage.k8s.io ${JSON.stringify(className)} not found`);
      if (storageClass.volumeBindingMode === 'WaitForFirstConsumer') continue;
      return reject('PersistentVolume had no name');
    }
    const volume = listers.persistentVolume(volumeName);
    if (!volume) return reject(`persistentvolume ${JSON.stringify(volumeName)} not found`);
    zones.push(...zonesOf(volume));
  }
  return zones;
}

/** Keeps Pods in the zones that the labels of their volumes name. */
export const volumeZone = ({ listers }: Handle): Plugin => ({
  name: NAME,
  filtersByNumbers: true,
  events: [
    {
      actions: ['StorageClass/Add'],
      helps: (_pod, event) => (event.new as StorageClass).volumeBindingMode === 'WaitForFirstConsumer',
    },
    { actions: ['NodeAdd', 'NodeLabel', 'PersistentVolume/Add'] },
    { actions: ['PersistentVolumeClaim/Add', 'PersistentVolumeClaim/Update'], helps: isOwnClaim },
    {
      actions: ['PersistentVolume/Update'],
      helps: (_pod, event) =>
        LABELS.some(
          (key) =>
            (event.old as PersistentVolume).metadata.labels?.[key] !==
            (event.new as PersistentVolume).metadata.labels?.[key],
        ),
    },
  ],
  preFilter(cycle) {
    const zones = zonesOfPod(cycle.pod, listers);
    if ('code' in zones) return { status: zones };
    if (zones.length === 0) return { status: SKIP };
    cycle.write(STATE, zones);
    return undefined;
  },
  filter(cycle, _pod, { labels }) {
    // A cluster of one zone may have nodes without such labels.
    if (LABELS.every((key) => labels[key] === undefined)) return undefined;
    for (const { key, values } of cycle.read(STATE)!) {
      const value = labels[key] ?? labels[CURRENT[key]!];
      if (value === undefined || !values.has(value)) return CONFLICT;
    }
    return undefined;
  },
});
