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
    const created = this.#tell('Create', set, pod.metadata.name!, () => {
      this.createClaims(set, pod as Pod);
      return this.#client.resource(PodKind).create(pod);
    });
    this.retain(set, created);
  }

  /** Whether a claim of the number still belongs to the Pod that was scaled away, and goes with it. */
  hasStaleClaim(set: StatefulSet, ordinal: number): boolean {
    if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return false;
    return claimsOf(set, ordinal).some(({ metadata }) =>
      this.#claims
        .get(metadata.namespace, metadata.name!)
        ?.metadata.ownerReferences?.some(
          ({ kind, name }) => kind === 'Pod' && name === `${set.metadata.name}-${ordinal}`,
        ),
    );
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

  /** Creates the claims of a Pod that are missing; tries all of them before it throws. */
  createClaims(set: StatefulSet, pod: Pod): void {
    const subject = subjectOf(set, StatefulSetKind);
    const failures: string[] = [];
    for (const claim of claimsOf(set, ordinalOf(set, pod) ?? -1)) {
      const { name, namespace } = claim.metadata;
      const existing = this.#claims.get(namespace, name!);
      if (existing?.metadata.deletionTimestamp) failures.push(`pvc ${name} is being deleted`);
      if (existing) continue;
      try {
        this.#client.resource(PersistentVolumeClaimKind).create(claim);
      } catch (error) {
        if (hasReason(error, 'AlreadyExists')) continue;
        const why = errorText(error);
        failures.push(`failed to create PVC ${name}: ${why}`);
        const text = `Create Claim ${name} for Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} failed error: ${why}`;
        this.#recorder.event(subject, 'Warning', 'FailedCreate', text);
        continue;
      }
      const text = `Create Claim ${name} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} success`;
      this.#recorder.event(subject, 'Normal', 'SuccessfulCreate', text);
    }
    if (failures.length > 0) throw new Error(failures.length === 1 ? failures[0] : `[${failures.join(', ')}]`);
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
