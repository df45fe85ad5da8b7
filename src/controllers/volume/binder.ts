import { PersistentVolumeClaimKind } from '../../api/core/persistent-volume-claim.ts';
import { PersistentVolumeKind } from '../../api/core/persistent-volume.ts';
import { PodKind } from '../../api/core/pod.ts';
import { DEFAULT_STORAGE_CLASS, defaultClass } from '../../api/default-class.ts';
import { joinKey, keyOf } from '../../api/meta.ts';
import { hasReason } from '../../api/status.ts';
import { StorageClassKind } from '../../api/storage/storage-class.ts';
import { MIGRATED_PLUGINS } from '../../api/storage/migrated-plugins.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/types.ts';
import type { SharedInformer } from '../../client/index.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { ControlLoop } from '../control-loop.ts';
import { equal } from '../../api/draft.ts';
import { subjectOf } from '../pod-control.ts';
import { isPodFinished } from '../pods.ts';
import { updateStatus } from '../update-status.ts';
import { classOf, findVolume, isBoundTo, mismatchOf, namesClass, usesClaim } from './matching.ts';
import { reclaim } from './reclaiming.ts';

const NAME = 'persistentvolume-controller';
const RESYNC_MS = 15_000;
/** Queue keys of volumes; all others are of claims. */
const VOLUME = 'volume ';

const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const PROVISIONERS = ['volume.beta.kubernetes.io/storage-provisioner', 'volume.kubernetes.io/storage-provisioner'];
const BUILT_IN = 'kubernetes.io/';

type Claim = PersistentVolumeClaim;
type Volume = PersistentVolume;
type VolumePhase = NonNullable<NonNullable<Volume['status']>['phase']>;

/**
 * Binds claims to volumes, each to at most one of the other, and says in their phases how far that is. A claim that
 * finds no volume waits: for the next look in 15 s, for its first Pod, or for its provisioner.
 */
export class VolumeBinder implements Controller {
  readonly #loop: ControlLoop;
  readonly #claims: SharedInformer<Claim>;
  readonly #volumes: SharedInformer<Volume>;
  readonly #classes: SharedInformer<StorageClass>;
  readonly #context: ControllerContext;
  /** Volumes whose phase was written and has not come back yet: claims must not take them for unavailable. */
  readonly #written = new Map<string, Volume>();
  #resync: { cancel(): void };

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#loop = new ControlLoop({
      context,
      name: NAME,
      account: 'persistent-volume-binder',
      reconcile: (key) => {
        if (key.startsWith(VOLUME)) this.#reconcileVolume(key.slice(VOLUME.length));
        else this.#reconcileClaim(key);
      },
    });
    const { informers } = context;
    this.#claims = informers.for(PersistentVolumeClaimKind);
    this.#volumes = informers.for(PersistentVolumeKind);
    this.#classes = informers.for(StorageClassKind);
    this.#loop.needs(this.#classes);
    const claim = (object: Claim): void => this.#loop.queue.add(keyOf(object));
    const volume = (object: Volume): void => this.#loop.queue.add(VOLUME + object.metadata.name);
    this.#loop.on(this.#claims, {
      add: claim,
      update: claim,
      delete: ({ spec }) => {
        if (spec?.volumeName) this.#loop.queue.add(VOLUME + spec.volumeName);
      },
    });
    this.#loop.on(this.#volumes, {
      add: volume,
      update: (object) => {
        this.#written.delete(object.metadata.name);
        volume(object);
      },
      delete: ({ metadata, spec }) => {
        this.#written.delete(metadata.name);
        const { namespace, name } = spec?.claimRef ?? {};
        if (name) this.#loop.queue.add(joinKey(namespace, name));
      },
    });
    this.#resync = this.#later();
  }

  stop(): void {
    this.#resync.cancel();
    this.#loop.stop();
  }

  #later(): { cancel(): void } {
    const run = (): void => {
      this.#resync = this.#later();
      for (const claim of this.#claims.list()) if (claim.status?.phase !== 'Bound') this.#loop.queue.add(keyOf(claim));
      for (const volume of this.#volumes.list()) {
        if (volume.status?.phase !== 'Bound') this.#loop.queue.add(VOLUME + volume.metadata.name);
      }
    };
    return this.#context.kernel.after(RESYNC_MS, NAME, run, { background: true });
  }

  #reconcileClaim(key: string): void {
    const claim = this.#claims.getByKey(key);
    if (!claim) return;
    if (claim.metadata.annotations?.[BIND_COMPLETED]) this.#checkBound(claim);
    else if (claim.spec?.volumeName) this.#bindRequested(claim, claim.spec.volumeName);
    else this.#search(claim);
  }

  /** A claim that was bound stays so as long as its volume is there and is its own. */
  #checkBound(claim: Claim): void {
    const volume = this.#volumes.getByKey(claim.spec?.volumeName ?? '');
    const lose = (reason: string, message: string): void => {
      if (claim.status?.phase === 'Lost') return;
      updateStatus(this.#loop.client.resource(PersistentVolumeClaimKind), claim, { phase: 'Lost' });
      this.#tell(claim, 'Warning', reason, message);
    };
    const lost = 'Data on the volume is lost!';
    if (!claim.spec?.volumeName) {
      lose('ClaimLost', `Bound claim has lost reference to PersistentVolume. ${lost}`);
    } else if (!volume) lose('ClaimLost', `Bound claim has lost its PersistentVolume. ${lost}`);
    else if (!volume.spec?.claimRef || volume.spec.claimRef.uid === claim.metadata.uid) this.#bind(claim, volume);
    else {
      lose('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
    }
  }

  #bindRequested(claim: Claim, name: string): void {
    const volume = this.#volumes.getByKey(name);
    const mismatch = volume && !volume.spec?.claimRef ? mismatchOf(volume, claim) : undefined;
    if (mismatch !== undefined) {
      this.#tell(claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${mismatch}`);
      this.#pend(claim);
    } else if (volume && (!volume.spec?.claimRef || isBoundTo(volume, claim))) this.#bind(claim, volume);
    else {
      if (volume) this.#tell(claim, 'Warning', 'FailedBinding', `volume "${name}" already bound to a different claim.`);
      this.#pend(claim);
    }
  }

  #search(claim: Claim): void {
    const storageClass = this.#classes.getByKey(classOf(claim));
    const selectedNode = claim.metadata.annotations?.[SELECTED_NODE];
    const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && selectedNode === undefined;
    const volume = findVolume(claim, this.#allVolumes(), waits);
    if (volume) {
      this.#bind(claim, volume);
      return;
    }
    if (this.#takeDefaultClass(claim)) return;
    if (waits) this.#sayWaiting(claim);
    else if (classOf(claim) !== '') this.#provision(claim, storageClass);
    else {
      const text = 'no persistent volumes available for this claim and no storage class is set';
      this.#tell(claim, 'Normal', 'FailedBinding', text);
    }
    this.#pend(claim);
  }

  /** A claim that was there before any default class gets one as soon as there is one. */
  #takeDefaultClass(claim: Claim): boolean {
    if (namesClass(claim)) return false;
    const chosen = defaultClass(this.#classes.list(), DEFAULT_STORAGE_CLASS);
    if (!chosen) return false;
    const spec = { ...claim.spec, storageClassName: chosen.metadata.name };
    this.#loop.client.resource(PersistentVolumeClaimKind).update({ ...claim, spec });
    return true;
  }

  #sayWaiting(claim: Claim): void {
    const { name, namespace } = claim.metadata;
    const waiting = this.#context.informers
      .for(PodKind)
      .list(namespace)
      .filter((pod) => !pod.spec.nodeName && !isPodFinished(pod) && usesClaim(pod, name))
      .map(({ metadata }) => metadata.name);
    if (waiting.length > 0) {
      const text = `waiting for pod${waiting.length > 1 ? 's' : ''} ${waiting.join(',')} to be scheduled`;
      this.#tell(claim, 'Normal', 'WaitForPodScheduled', text);
    } else {
      const text = 'waiting for first consumer to be created before binding';
      this.#tell(claim, 'Normal', 'WaitForFirstConsumer', text);
    }
  }

  /** Asks the class' provisioner, which runs elsewhere, for a volume. */
  #provision(claim: Claim, storageClass: StorageClass | undefined): void {
    const fail = (message: string): void => this.#tell(claim, 'Warning', 'ProvisioningFailed', message);
    if (!storageClass) {
      fail(`storageclass.storage.k8s.io ${JSON.stringify(classOf(claim))} not found`);
      return;
    }
    const { provisioner } = storageClass;
    // Of those that were once built in, some have drivers of their own today; the others nobody answers for.
    if (provisioner.startsWith(BUILT_IN) && !MIGRATED_PLUGINS.includes(provisioner)) {
      fail(`no volume plugin matched name: ${provisioner}`);
      return;
    }
    if (claim.metadata.annotations?.[PROVISIONERS[1]!] !== provisioner) {
      const asked = Object.fromEntries(PROVISIONERS.map((annotation) => [annotation, provisioner]));
      const annotations = { ...claim.metadata.annotations, ...asked };
      const resource = this.#loop.client.resource(PersistentVolumeClaimKind);
      resource.update({ ...claim, metadata: { ...claim.metadata, annotations } });
    }
    const text = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    this.#tell(claim, 'Normal', 'ExternalProvisioning', text);
  }

  #tell(claim: Claim, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#loop.recorder.event(subjectOf(claim, PersistentVolumeClaimKind), type, reason, message);
  }

  #pend(claim: Claim): void {
    if (claim.status?.phase === 'Pending') return;
    updateStatus(this.#loop.client.resource(PersistentVolumeClaimKind), claim, { ...claim.status, phase: 'Pending' });
  }

  /** Writes the binding into the volume first and then into the claim; what is written already is left alone. */
  #bind(claim: Claim, volume: Volume): void {
    const bound = this.#reserve(volume, claim);
    this.#setPhase(bound, 'Bound');
    const { annotations = {} } = claim.metadata;
    const chosen: Record<string, string> = claim.spec?.volumeName ? {} : { [BOUND_BY_CONTROLLER]: 'yes' };
    const resource = this.#loop.client.resource(PersistentVolumeClaimKind);
    let latest = claim;
    if (claim.spec?.volumeName !== volume.metadata.name || !annotations[BIND_COMPLETED]) {
      latest = resource.update({
        ...claim,
        metadata: { ...claim.metadata, annotations: { ...annotations, ...chosen, [BIND_COMPLETED]: 'yes' } },
        spec: { ...claim.spec, volumeName: volume.metadata.name },
      });
    }
    const { accessModes, capacity } = volume.spec ?? {};
    if (latest.status?.phase === 'Bound' && latest.status.capacity?.['storage'] !== undefined) return;
    updateStatus(resource, latest, {
      ...latest.status,
      phase: 'Bound',
      ...(accessModes ? { accessModes } : {}),
      ...(capacity?.['storage'] === undefined ? {} : { capacity: { storage: capacity['storage'] } }),
    });
  }

  #reserve(volume: Volume, claim: Claim): Volume {
    const { name, namespace, uid, resourceVersion } = claim.metadata;
    const { claimRef } = volume.spec ?? {};
    if (claimRef?.uid === uid) return volume;
    const { annotations = {} } = volume.metadata;
    const reference = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion };
    return this.#loop.client.resource(PersistentVolumeKind).update({
      ...volume,
      metadata: {
        ...volume.metadata,
        ...(claimRef ? {} : { annotations: { ...annotations, [BOUND_BY_CONTROLLER]: 'yes' } }),
      },
      spec: { ...volume.spec, claimRef: { ...claimRef, ...reference } },
    } as Volume);
  }

  #setPhase(volume: Volume, phase: VolumePhase, message?: string): boolean {
    if (volume.status?.phase === phase) return false;
    const { message: _, ...status } = volume.status ?? {};
    const next = { ...status, phase, ...(message === undefined ? {} : { message }) };
    const resource = this.#loop.client.resource(PersistentVolumeKind);
    try {
      this.#written.set(volume.metadata.name, resource.updateStatus({ ...volume, status: next }));
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
    return true;
  }

  /** All volumes, those that were just written as they were written. */
  #allVolumes(): readonly Volume[] {
    const volumes = this.#volumes.list();
    if (this.#written.size === 0) return volumes;
    return volumes.map((volume) => {
      const { name, uid } = volume.metadata;
      const written = this.#written.get(name);
      return written?.metadata.uid === uid ? written! : volume;
    });
  }

  #reconcileVolume(name: string): void {
    const volume = this.#volumes.getByKey(name);
    if (!volume) return;
    const { claimRef } = volume.spec ?? {};
    if (!claimRef?.uid) {
      this.#setPhase(volume, 'Available');
      return;
    }
    const claim = this.#claims.get(claimRef.namespace, claimRef.name ?? '');
    if (!claim || claim.metadata.uid !== claimRef.uid) this.#release(volume);
    else if (!claim.spec?.volumeName) this.#loop.queue.add(keyOf(claim));
    else if (claim.spec.volumeName === name) this.#setPhase(volume, 'Bound');
    else this.#unbind(volume);
  }

  /** The claim is gone: what happens to the data is what the reclaim policy says. */
  #release(volume: Volume): void {
    const { phase } = volume.status ?? {};
    if (phase !== 'Released' && phase !== 'Failed') {
      this.#setPhase(volume, 'Released');
      return;
    }
    const outcome = reclaim(volume);
    if (outcome === 'delete') this.#loop.client.resource(PersistentVolumeKind).delete(volume.metadata.name);
    else if (outcome !== 'leave' && this.#setPhase(volume, 'Failed', outcome.message)) {
      const subject = subjectOf(volume, PersistentVolumeKind);
      this.#loop.recorder.event(subject, 'Warning', outcome.reason, outcome.message);
    }
  }

  /** The claim has got another volume: this one is free again, if nobody but this controller had reserved it. */
  #unbind(volume: Volume): void {
    const { annotations = {} } = volume.metadata;
    const { [BOUND_BY_CONTROLLER]: byController, ...rest } = annotations;
    const { claimRef, ...spec } = volume.spec ?? {};
    const { uid: _, ...reserved } = claimRef ?? {};
    const next = {
      ...volume,
      metadata: { ...volume.metadata, annotations: rest },
      spec: byController ? spec : { ...spec, claimRef: reserved },
    } as Volume;
    if (!equal(next, volume)) this.#loop.client.resource(PersistentVolumeKind).update(next);
  }
}
