import { intValue } from '../../../api/quantity.ts';
import { matcherOf } from '../../../api/selector.ts';
import type {
  CsiDriver,
  CsiStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '../../../api/types.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import { stateKey, type Cycle } from '../../framework/cycle.ts';
import type { Listers } from '../../framework/listers.ts';
import type { Handle, Plugin, PluginFactory } from '../../framework/plugin.ts';
import { SKIP, status, type Status } from '../../framework/status.ts';
import { matchingVolume, reaches, requestedBytes } from './matching-volume.ts';
import { claimsOf, classOf, foreignClaim, isBound, isOwnClaim } from './pod-claims.ts';

const NAME = 'VolumeBinding';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';
/** Claims have to be bound within this time (bindTimeoutSeconds). */
const BIND_TIMEOUT_MS = 600_000;

const unusable = (...reasons: string[]): Status => status('UnschedulableAndUnresolvable', NAME, ...reasons);
const UNBOUND = unusable('pod has unbound immediate PersistentVolumeClaims');
const BINDING = status('Wait', NAME, 'binding volumes');

const AFFINITY = "node(s) didn't match PersistentVolume's node affinity";
const NOTHING_TO_BIND = "node(s) didn't find available persistent volumes to bind";
const NO_SPACE = 'node(s) did not have enough free storage';
const NO_VOLUME = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';

/** What has to be done before the Pod can run on a node. */
interface Bindings {
  readonly volumes: readonly { readonly volume: PersistentVolume; readonly claim: PersistentVolumeClaim }[];
  readonly provisioned: readonly PersistentVolumeClaim[];
}

interface State {
  readonly bound: readonly PersistentVolumeClaim[];
  /** Claims that waited for this Pod: smallest first. */
  readonly waiting: readonly PersistentVolumeClaim[];
  readonly byNode: Map<string, Bindings>;
  /** When binding has begun; undefined until the API has been told. */
  begun?: number;
}

const STATE = stateKey<State>();
const keyOf = ({ metadata }: PersistentVolumeClaim): string => `${metadata.namespace}/${metadata.name}`;

/** The Pod's claims, sorted by what is to be done; or why it cannot be scheduled at all. */
function sortClaims(pod: Pod, listers: Listers): State | Status | undefined {
  const claims: PersistentVolumeClaim[] = [];
  for (const { name, ephemeral } of claimsOf(pod)) {
    const claim = listers.persistentVolumeClaim(pod.metadata.namespace ?? '', name);
    const quoted = JSON.stringify(name);
    if (!claim) {
      const waiting = `waiting for ephemeral volume controller to create the persistentvolumeclaim ${quoted}`;
      return unusable(ephemeral ? waiting : `persistentvolumeclaim ${quoted} not found`);
    }
    if (claim.status?.phase === 'Lost') {
      const volume = JSON.stringify(claim.spec?.volumeName ?? '');
      return unusable(`persistentvolumeclaim ${quoted} bound to non-existent persistentvolume ${volume}`);
    }
    if (claim.metadata.deletionTimestamp) return unusable(`persistentvolumeclaim ${quoted} is being deleted`);
    const foreign = ephemeral ? foreignClaim(pod, claim) : undefined;
    if (foreign) return unusable(foreign);
    claims.push(claim);
  }
  if (claims.length === 0) return undefined;
  const bound = claims.filter(isBound);
  const waits = (claim: PersistentVolumeClaim): boolean =>
    !claim.spec?.volumeName && listers.storageClass(classOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer';
  const unbound = claims.filter((claim) => !isBound(claim));
  if (!unbound.every(waits)) return UNBOUND;
  return { bound, waiting: unbound.sort((a, b) => requestedBytes(a) - requestedBytes(b)), byNode: new Map() };
}

function allows({ allowedTopologies }: StorageClass, { labels }: NodeInfo): boolean {
  if (!allowedTopologies?.length) return true;
  return allowedTopologies.some(({ matchLabelExpressions }) =>
    (matchLabelExpressions ?? []).every(({ key, values }) => labels[key] !== undefined && values.includes(labels[key])),
  );
}

/** The size of the largest volume that may still be made; a driver may say that more precisely than by capacity. */
const sizeLimit = ({ capacity, maximumVolumeSize }: CsiStorageCapacity): number =>
  intValue((maximumVolumeSize ?? capacity ?? 0) as string | number);

function hasSpace(
  claim: PersistentVolumeClaim,
  { metadata, provisioner }: StorageClass,
  node: NodeInfo,
  listers: Listers,
) {
  if (!listers.csiDriver(provisioner)?.spec.storageCapacity) return true;
  const wanted = requestedBytes(claim);
  return listers
    .csiStorageCapacities()
    .some(
      (each) =>
        each.storageClassName === metadata.name &&
        sizeLimit(each) >= wanted &&
        each.nodeTopology !== undefined &&
        matcherOf(each.nodeTopology).matches(node.labels),
    );
}

/**
 * Keeps Pods where their volumes can be used. Claims whose class waits for a first consumer are bound to volumes
 * that suit the chosen node, or provisioned there, before the Pod is bound.
 */
export const volumeBinding = (handle: Handle): Plugin => bindingWithin(BIND_TIMEOUT_MS, handle);

/** The same with another time limit (VolumeBindingArgs.bindTimeoutSeconds). */
export const volumeBindingWithin =
  (timeoutMs: number): PluginFactory =>
  (handle) =>
    bindingWithin(timeoutMs, handle);

const bindingWithin = (timeoutMs: number, { listers, now, bindVolume, selectNode }: Handle): Plugin => {
  /** Volumes promised to claims, by name, and nodes promised to claims, while the API does not show it. */
  const promised = new Map<string, string>();
  const selected = new Map<string, string>();

  /** What is to be done on a node; or the reasons against it. */
  const find = ({ bound, waiting }: State, node: NodeInfo): Bindings | string[] => {
    const reasons = new Set<string>();
    for (const claim of bound) {
      const volume = listers.persistentVolume(claim.spec?.volumeName ?? '');
      if (volume && reaches(volume, node)) continue;
      reasons.add(volume ? AFFINITY : NO_VOLUME);
      break;
    }
    const volumes: { volume: PersistentVolume; claim: PersistentVolumeClaim }[] = [];
    const provisioned: PersistentVolumeClaim[] = [];
    for (const claim of waiting) {
      const chosen = selected.get(keyOf(claim)) ?? claim.metadata.annotations?.[SELECTED_NODE];
      if (chosen !== undefined && chosen !== node.name) return [...reasons, NOTHING_TO_BIND];
      const isTaken = (name: string): boolean =>
        (promised.get(name) ?? keyOf(claim)) !== keyOf(claim) ||
        volumes.some((each) => each.volume.metadata.name === name);
      const volume =
        chosen === undefined ? matchingVolume(claim, listers.persistentVolumes(), node, isTaken) : undefined;
      if (volume) volumes.push({ volume, claim });
      else provisioned.push(claim);
    }
    for (const claim of provisioned) {
      const storageClass = listers.storageClass(classOf(claim));
      if (!storageClass || storageClass.provisioner === NO_PROVISIONER || !allows(storageClass, node)) {
        reasons.add(NOTHING_TO_BIND);
        break;
      }
      if (hasSpace(claim, storageClass, node, listers)) continue;
      reasons.add(NO_SPACE);
      break;
    }
    return reasons.size > 0 ? [...reasons] : { volumes, provisioned };
  };

  const forget = (cycle: Cycle, nodeName: string): void => {
    const bindings = cycle.read(STATE)?.byNode.get(nodeName);
    for (const { volume } of bindings?.volumes ?? []) promised.delete(volume.metadata.name);
    for (const claim of bindings?.provisioned ?? []) selected.delete(keyOf(claim));
  };

  const pending = (cycle: Cycle, nodeName: string): Bindings | undefined => {
    const state = cycle.read(STATE);
    return state && state.waiting.length > 0 ? state.byNode.get(nodeName) : undefined;
  };

  /** Whether the controller has bound every claim by now, or why it will not. */
  const progress = (bindings: Bindings, nodeName: string, begun: number): Status | undefined => {
    const failed = (why: string): Status => status('Error', NAME, `binding volumes: ${why}`);
    let all = true;
    for (const { metadata } of [...bindings.volumes.map(({ claim }) => claim), ...bindings.provisioned]) {
      const claim = listers.persistentVolumeClaim(metadata.namespace ?? '', metadata.name);
      if (!claim)
        return failed(
          `failed to check provisioning pvc: could not find v1.PersistentVolumeClaim "${metadata.namespace}/${metadata.name}"`,
        );
      all &&= isBound(claim);
    }
    for (const { metadata } of bindings.provisioned) {
      const claim = listers.persistentVolumeClaim(metadata.namespace ?? '', metadata.name)!;
      if (now() > begun && claim.metadata.annotations?.[SELECTED_NODE] !== nodeName) {
        return failed(`provisioning failed for PVC ${JSON.stringify(metadata.name)}`);
      }
    }
    if (all) return undefined;
    return now() - begun >= timeoutMs ? failed('context deadline exceeded') : BINDING;
  };

  return {
    name: NAME,
    filtersByNumbers: true,
    events: [
      { actions: ['PersistentVolumeClaim/Add', 'PersistentVolumeClaim/Update'], helps: isOwnClaim },
      { actions: ['PersistentVolume/Add', 'PersistentVolume/Update', 'StorageClass/Add', 'NodeAdd', 'NodeLabel'] },
      {
        actions: ['StorageClass/Update'],
        helps: (_pod, event) =>
          (event.old as StorageClass).allowedTopologies !== (event.new as StorageClass).allowedTopologies,
      },
      { actions: ['CSINode/Add', 'CSINode/Update', 'CSIStorageCapacity/Add'] },
      {
        actions: ['CSIStorageCapacity/Update'],
        helps: (_pod, event) => sizeLimit(event.new as CsiStorageCapacity) > sizeLimit(event.old as CsiStorageCapacity),
      },
      {
        actions: ['CSIDriver/Update'],
        helps: ({ pod }, event) =>
          Boolean((event.old as CsiDriver).spec.storageCapacity) &&
          !(event.new as CsiDriver).spec.storageCapacity &&
          (pod.spec.volumes ?? []).some(({ csi }) => csi?.driver === (event.new as CsiDriver).metadata.name),
      },
    ],
    preFilter(cycle) {
      const state = sortClaims(cycle.pod.pod, listers);
      if (!state) return { status: SKIP };
      if ('code' in state) return { status: state };
      cycle.write(STATE, state);
      return undefined;
    },
    filter(cycle, _pod, node) {
      const state = cycle.read(STATE)!;
      const found = find(state, node);
      if (Array.isArray(found)) return unusable(...(found as string[]));
      state.byNode.set(node.name, found as Bindings);
      return undefined;
    },
    reserve(cycle, _pod, nodeName) {
      const bindings = pending(cycle, nodeName);
      for (const { volume, claim } of bindings?.volumes ?? []) promised.set(volume.metadata.name, keyOf(claim));
      for (const claim of bindings?.provisioned ?? []) selected.set(keyOf(claim), nodeName);
      return undefined;
    },
    unreserve: (cycle, _pod, nodeName) => forget(cycle, nodeName),
    needsPreBind: (cycle, _pod, nodeName) => pending(cycle, nodeName) !== undefined,
    preBind(cycle, _pod, nodeName) {
      const bindings = pending(cycle, nodeName);
      if (!bindings) return undefined;
      const state = cycle.read(STATE)!;
      if (state.begun === undefined) {
        state.begun = now();
        for (const { volume, claim } of bindings.volumes) bindVolume(volume, claim);
        for (const claim of bindings.provisioned) selectNode(claim, nodeName);
        return BINDING;
      }
      return progress(bindings, nodeName, state.begun);
    },
    postBind: (cycle, _pod, nodeName) => forget(cycle, nodeName),
  };
};
