import { PersistentVolumeClaimKind } from '../../api/core/persistent-volume-claim.ts';
import { PodKind } from '../../api/core/pod.ts';
import { StatefulSetKind } from '../../api/apps/stateful-set.ts';
import type { Manifest } from '../../api/object.ts';
import { hasReason } from '../../api/status.ts';
import type { PersistentVolumeClaim, Pod, StatefulSet } from '../../api/types.ts';
import type { Client, EventRecorder, SharedInformer } from '../../client/index.ts';
import { errorText, subjectOf } from '../pod-control.ts';
import { retained } from './claim-retention.ts';
import { claimsOf, ordinalOf, withIdentity } from './identity.ts';

type Action = 'Create' | 'Update' | 'Delete';

/** Creates, mends and deletes the Pods of a StatefulSet together with their claims, and tells of it in events. */
export class StatefulPods {
  readonly #client: Client;
  readonly #recorder: EventRecorder;
  readonly #claims: SharedInformer<PersistentVolumeClaim>;

  constructor(client: Client, recorder: EventRecorder, claims: SharedInformer<PersistentVolumeClaim>) {
    this.#client = client;
    this.#recorder = recorder;
    this.#claims = claims;
  }

  create(set: StatefulSet, pod: Manifest<Pod>): void {
    this.createClaims(set, pod as Pod);
    const created = this.#tell('Create', set, pod.metadata.name!, () => this.#client.resource(PodKind).create(pod));
    this.retain(set, created);
  }

  delete(set: StatefulSet, { metadata: { name, namespace } }: Pod): void {
    this.#tell('Delete', set, name, () => this.#client.resource(PodKind).delete(name, namespace));
  }

  /** Gives a Pod back the labels and volumes of its number, and its claims their owners. */
  mend(set: StatefulSet, pod: Pod): void {
    const mended = withIdentity(set, pod, ordinalOf(set, pod) ?? -1);
    if (mended !== pod) {
      this.createClaims(set, pod);
      this.#tell('Update', set, pod.metadata.name, () => this.#client.resource(PodKind).update(mended));
    }
    this.retain(set, pod);
  }

  retain(set: StatefulSet, pod: Pod): void {
    for (const { metadata } of claimsOf(set, ordinalOf(set, pod) ?? -1)) {
      const claim =
        this.#claims.get(metadata.namespace, metadata.name!) ?? this.#read(metadata.name!, metadata.namespace);
      const changed = claim && !claim.metadata.deletionTimestamp ? retained(set, pod, claim) : undefined;
      if (changed) this.#client.resource(PersistentVolumeClaimKind).update(changed);
    }
  }

  createClaims(set: StatefulSet, pod: Pod): void {
    const { name: podName } = pod.metadata;
    for (const claim of claimsOf(set, ordinalOf(set, pod) ?? -1)) {
      const { name, namespace } = claim.metadata;
      const existing = this.#claims.get(namespace, name!);
      if (existing?.metadata.deletionTimestamp) throw new Error(`pvc ${name} is being deleted`);
      if (existing) continue;
      try {
        this.#client.resource(PersistentVolumeClaimKind).create(claim);
      } catch (error) {
        if (hasReason(error, 'AlreadyExists')) continue;
        const text = `Create Claim ${name} for Pod ${podName} in StatefulSet ${set.metadata.name} failed error: ${errorText(error)}`;
        this.#recorder.event(subjectOf(set, StatefulSetKind), 'Warning', 'FailedCreate', text);
        throw error;
      }
      const text = `Create Claim ${name} Pod ${podName} in StatefulSet ${set.metadata.name} success`;
      this.#recorder.event(subjectOf(set, StatefulSetKind), 'Normal', 'SuccessfulCreate', text);
    }
  }

  #read(name: string, namespace: string | undefined): PersistentVolumeClaim | undefined {
    try {
      return this.#client.resource(PersistentVolumeClaimKind).get(name, namespace);
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  #tell<R>(action: Action, set: StatefulSet, pod: string, write: () => R): R {
    const subject = subjectOf(set, StatefulSetKind);
    const what = `${action} Pod ${pod} in StatefulSet ${set.metadata.name}`;
    try {
      const result = write();
      this.#recorder.event(subject, 'Normal', `Successful${action}`, `${what} successful`);
      return result;
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) {
        this.#recorder.event(subject, 'Warning', `Failed${action}`, `${what} failed error: ${errorText(error)}`);
      }
      throw error;
    }
  }
}
