import { ControllerRevisionKind } from '../../api/apps/controller-revision.ts';
import { StatefulSetKind } from '../../api/apps/stateful-set.ts';
import { PersistentVolumeClaimKind } from '../../api/core/persistent-volume-claim.ts';
import { PodKind } from '../../api/core/pod.ts';
import { keyOf } from '../../api/meta.ts';
import type { ControllerRevision, Pod, StatefulSet } from '../../api/types.ts';
import type { SharedInformer } from '../../client/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { BUSY_MS, ControlLoop } from '../control-loop.ts';
import { OwnedPods } from '../owned-pods.ts';
import { availableInMs, isPodFinished, isPodReady } from '../pods.ts';
import { subjectOf } from '../pod-control.ts';
import { revisionHash } from '../hash/revision-hash.ts';
import { REVISION_HASH, Revisions, templateOf } from '../revisions.ts';
import { slowStart } from '../slow-start.ts';
import { updateStatus } from '../update-status.ts';
import { newPod, ordinalOf, replicasOf, startOrdinal, wantsOrdinal } from './identity.ts';
import { StatefulPods } from './stateful-pods.ts';

type Status = NonNullable<StatefulSet['status']>;

const HASH_LABEL = 'controller.kubernetes.io/hash';

const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
const isRunningAndReady = (pod: Pod): boolean => pod.status?.phase === 'Running' && isPodReady(pod);
const revisionOf = (pod: Pod): string | undefined => pod.metadata.labels?.[REVISION_HASH];

/** What one sync works on. */
interface Sync {
  readonly set: StatefulSet;
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  /** By number from the first on; missing ones are absent. */
  readonly replicas: readonly (Pod | undefined)[];
  /** Pods that the set has no number for, highest first. */
  readonly condemned: readonly Pod[];
  /** One Pod after the other, each when those before it are available. */
  readonly ordered: boolean;
  readonly firstUnhealthy: Pod | undefined;
}

/**
 * Keeps numbered Pods, each with a name and claims of its own. OrderedReady makes them one after the other and takes
 * them away from the highest on; Parallel does not wait. A rolling update replaces from the highest number down to
 * the partition, and waits for each to be available.
 */
export class StatefulSetController implements Controller {
  readonly #kernel: Kernel;
  readonly #loop: ControlLoop;
  readonly #sets: SharedInformer<StatefulSet>;
  readonly #revisions: SharedInformer<ControllerRevision>;
  readonly #owned: OwnedPods<StatefulSet>;
  readonly #pods: StatefulPods;

  constructor(context: ControllerContext) {
    this.#kernel = context.kernel;
    this.#loop = new ControlLoop({
      context,
      name: 'statefulset-controller',
      reconcile: (key) => this.#reconcile(key),
      busyMs: () => BUSY_MS,
    });
    const { informers } = context;
    this.#sets = informers.for(StatefulSetKind);
    this.#revisions = informers.for(ControllerRevisionKind);
    const claims = informers.for(PersistentVolumeClaimKind);
    this.#loop.needs(this.#revisions);
    this.#loop.needs(claims);
    this.#pods = new StatefulPods(this.#loop.client, this.#loop.recorder, claims);
    const enqueue = (set: StatefulSet): void => this.#loop.queue.add(keyOf(set));
    this.#loop.on(this.#sets, { add: enqueue, update: enqueue, delete: enqueue });
    this.#owned = new OwnedPods({
      loop: this.#loop,
      pods: informers.for(PodKind),
      owners: this.#sets,
      kind: StatefulSetKind,
      changed: (set, pod, old) => {
        const { minReadySeconds = 0 } = set.spec;
        if (minReadySeconds > 0 && isPodReady(pod) && !isPodReady(old)) {
          this.#loop.queue.addAfter(keyOf(set), (minReadySeconds + 1) * 1000);
        }
      },
    });
  }

  stop(): void {
    this.#loop.stop();
  }

  #reconcile(key: string): void {
    const set = this.#sets.getByKey(key);
    if (!set) return;
    const { client } = this.#loop;
    const pods = this.#owned.claim(set, client, (pod) => ordinalOf(set, pod) !== undefined);
    const revisions = new Revisions({
      client,
      informer: this.#revisions,
      owner: set,
      ownerKind: StatefulSetKind,
      hashLabel: HASH_LABEL,
      hashOf: ({ data, collisionCount }) => revisionHash(data, collisionCount),
      collisionCount: set.status?.collisionCount ?? 0,
    });
    const update = revisions.current;
    const current = revisions.list.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
    const status = {
      ...this.#counts(set, current, update, pods),
      collisionCount: revisions.collisionCount,
    };
    const sync = this.#sort(set, current, update, pods);
    try {
      if (!set.metadata.deletionTimestamp && this.#scale(sync)) status.currentReplicas -= this.#roll(sync);
    } finally {
      updateStatus(client.resource(StatefulSetKind), set, completed(set, status));
    }
    const live = new Set([current.metadata.name, ...pods.map(revisionOf)]);
    revisions.truncate(({ metadata }) => live.has(metadata.name));
  }

  #isAvailable(set: StatefulSet, pod: Pod): boolean {
    const inMs = isRunningAndReady(pod)
      ? availableInMs(pod, set.spec.minReadySeconds ?? 0, this.#kernel.now)
      : undefined;
    return inMs !== undefined && inMs <= 0;
  }

  #counts(
    set: StatefulSet,
    current: ControllerRevision,
    update: ControllerRevision,
    pods: readonly Pod[],
  ): Status & { currentReplicas: number } {
    const count = (test: (pod: Pod) => boolean): number => pods.filter(test).length;
    const staying = (revision: ControllerRevision) => (pod: Pod) =>
      !isTerminating(pod) && revisionOf(pod) === revision.metadata.name;
    return {
      observedGeneration: set.metadata.generation ?? 0,
      replicas: pods.length,
      readyReplicas: count(isRunningAndReady),
      availableReplicas: count((pod) => this.#isAvailable(set, pod)),
      currentReplicas: count(staying(current)),
      updatedReplicas: count(staying(update)),
      currentRevision: current.metadata.name,
      updateRevision: update.metadata.name,
      ...(set.status?.conditions ? { conditions: set.status.conditions } : {}),
    };
  }

  #sort(set: StatefulSet, current: ControllerRevision, update: ControllerRevision, pods: readonly Pod[]): Sync {
    const ordinal = (pod: Pod): number => ordinalOf(set, pod) ?? -1;
    const byOrdinal = new Map(pods.map((pod) => [ordinal(pod), pod]));
    const replicas = Array.from({ length: replicasOf(set) }, (_, i) => byOrdinal.get(startOrdinal(set) + i));
    const condemned = pods.filter((pod) => !wantsOrdinal(set, ordinal(pod))).sort((a, b) => ordinal(b) - ordinal(a));
    const ordered = set.spec.podManagementPolicy !== 'Parallel';
    const unhealthy = (pod: Pod | undefined): boolean => !pod || !this.#isAvailable(set, pod) || isTerminating(pod);
    const at = replicas.findIndex(unhealthy);
    const firstUnhealthy = at >= 0 ? replicas[at] : condemned.findLast(unhealthy);
    return { set, current, update, replicas, condemned, ordered, firstUnhealthy };
  }

  /** Makes what is missing and takes away what is too much. Returns whether there is nothing left to wait for. */
  #scale(sync: Sync): boolean {
    const { set, replicas, condemned, ordered } = sync;
    if (ordered) {
      for (let i = 0; i < replicas.length; i++) if (!this.#keep(sync, i)) return false;
    } else {
      const { failure } = slowStart(replicas.length, (i) => void this.#keep(sync, i));
      if (failure !== undefined) throw failure;
    }
    for (const pod of condemned) this.#pods.retain(set, pod);
    for (const pod of condemned) if (!this.#remove(sync, pod) && ordered) return false;
    return true;
  }

  /** Whether the replica is there, available and as it should be. */
  #keep({ set, current, update, replicas, ordered }: Sync, index: number): boolean {
    const pod = replicas[index];
    const ordinal = startOrdinal(set) + index;
    if (!pod) {
      const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
      const old = type === 'RollingUpdate' && ordinal < startOrdinal(set) + (rollingUpdate?.partition ?? 0);
      const revision = old ? current : update;
      if (this.#pods.hasStaleClaim(set, ordinal)) throw new Error(`${set.metadata.name}-${ordinal} has a stale claim`);
      this.#pods.create(set, newPod(set, templateOf(revision), revision.metadata.name, ordinal));
      return false;
    }
    if (isPodFinished(pod)) {
      if (!isTerminating(pod)) this.#recreate(set, pod);
      return false;
    }
    if (pod.status?.phase === 'Pending') this.#pods.createClaims(set, pod);
    if (ordered && (isTerminating(pod) || !this.#isAvailable(set, pod))) return false;
    this.#pods.mend(set, pod);
    return true;
  }

  #recreate(set: StatefulSet, pod: Pod): void {
    const { name, namespace } = set.metadata;
    const [type, reason, state] =
      pod.status?.phase === 'Failed'
        ? (['Warning', 'RecreatingFailedPod', 'failed'] as const)
        : (['Normal', 'RecreatingTerminatedPod', 'terminated'] as const);
    const text = `StatefulSet ${namespace}/${name} is recreating ${state} Pod ${pod.metadata.name}`;
    this.#loop.recorder.event(subjectOf(set, StatefulSetKind), type, reason, text);
    this.#pods.delete(set, pod);
  }

  /** Deletes a Pod without a number; only the first unhealthy one may go before those above it are well. */
  #remove({ set, ordered, firstUnhealthy }: Sync, pod: Pod): boolean {
    if (isTerminating(pod)) return !ordered;
    if (ordered && !this.#isAvailable(set, pod) && pod !== firstUnhealthy) return false;
    this.#pods.delete(set, pod);
    return false;
  }

  /** Deletes the highest Pod that is out of date; returns how many of the current revision went. */
  #roll({ set, update, replicas }: Sync): number {
    const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
    if (type === 'OnDelete') return 0;
    for (let i = replicas.length - 1; i >= (rollingUpdate?.partition ?? 0); i--) {
      const pod = replicas[i];
      if (!pod) return 0;
      if (revisionOf(pod) !== update.metadata.name && !isTerminating(pod)) {
        this.#pods.delete(set, pod);
        return 1;
      }
      if (isTerminating(pod) || !this.#isAvailable(set, pod)) return 0;
    }
    return 0;
  }
}

/** When every Pod is of the update revision and ready, that is the current one from now on. */
function completed(set: StatefulSet, status: Status): Status {
  const { replicas, readyReplicas, updatedReplicas, updateRevision } = status;
  const done =
    set.spec.updateStrategy?.type === 'RollingUpdate' && updatedReplicas === replicas && readyReplicas === replicas;
  const full = done
    ? { ...status, currentReplicas: updatedReplicas ?? 0, currentRevision: updateRevision ?? '' }
    : status;
  const { readyReplicas: ready, currentReplicas: current, updatedReplicas: updated, ...rest } = full;
  return {
    ...rest,
    ...(ready ? { readyReplicas: ready } : {}),
    ...(current ? { currentReplicas: current } : {}),
    ...(updated ? { updatedReplicas: updated } : {}),
  };
}
