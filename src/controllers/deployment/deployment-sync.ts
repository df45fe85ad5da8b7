import { DeploymentKind } from '../../api/apps/deployment.ts';
import { ReplicaSetKind } from '../../api/apps/replica-set.ts';
import { ownerReference } from '../../api/meta.ts';
import { hasReason } from '../../api/status.ts';
import type { Deployment, ReplicaSet } from '../../api/types.ts';
import type { Client, EventRecorder, ResourceClient } from '../../client/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import { equal } from '../../api/draft.ts';
import { errorText, isNamespaceTerminating, subjectOf } from '../pod-control.ts';
import { podTemplateHash } from '../hash/pod-template-hash.ts';
import { desiredAnnotation, ofNewReplicaSet, REVISION, revisionOf, withScale } from './annotations.ts';
import {
  condition,
  hasProgressDeadline,
  hasRevisionHistoryLimit,
  progressing,
  Reason,
  setCondition,
  type DeploymentCondition,
  type DeploymentStatus,
} from './conditions.ts';
import { proportionalSizes } from './proportional-scaling.ts';
import {
  byRevision,
  isActive,
  partition,
  replicasOf,
  sameTemplate,
  TEMPLATE_HASH,
  totalDesired,
} from './replica-sets.ts';
import { countedStatus, isComplete, rolloutStatus } from './status.ts';
import { desiredReplicas, isRollingUpdate, maxSurge } from './strategy.ts';

export interface SyncTools {
  readonly kernel: Kernel;
  readonly client: Client;
  readonly recorder: EventRecorder;
  /** The ReplicaSet of this name as the cache knows it. */
  readonly cachedReplicaSet: (namespace: string | undefined, name: string) => ReplicaSet | undefined;
}

type Annotations = Readonly<Record<string, string>>;

/** One look at one Deployment and its ReplicaSets: the steps that all strategies share. */
export class DeploymentSync {
  readonly #tools: SyncTools;
  readonly #deployments: ResourceClient<Deployment>;
  readonly #replicaSets: ResourceClient<ReplicaSet>;
  /** The Deployment as last written or read. */
  deployment: Deployment;
  /** The ReplicaSet of the present template; undefined while there is none. */
  current: ReplicaSet | undefined;
  /** All others, oldest first. */
  readonly old: readonly ReplicaSet[];

  constructor(tools: SyncTools, deployment: Deployment, sets: readonly ReplicaSet[]) {
    this.#tools = tools;
    this.#deployments = tools.client.resource(DeploymentKind);
    this.#replicaSets = tools.client.resource(ReplicaSetKind);
    this.deployment = deployment;
    const { current, old } = partition(deployment, sets);
    this.current = current;
    this.old = old;
  }

  get all(): readonly ReplicaSet[] {
    return this.current ? [...this.old, this.current] : this.old;
  }

  get #now(): number {
    return this.#tools.kernel.now;
  }

  /** Says in the Progressing condition that the Deployment was paused or resumed, so that no deadline runs meanwhile. */
  checkPaused(): void {
    const { spec, status } = this.deployment;
    if (!hasProgressDeadline(this.deployment)) return;
    const current = progressing(status);
    if (current?.reason === Reason.progressDeadlineExceeded) return;
    const said = current?.reason === Reason.paused;
    if (spec.paused === true && !said) {
      this.#writeCondition(condition('Progressing', 'Unknown', Reason.paused, 'Deployment is paused', this.#now));
    } else if (spec.paused !== true && said) {
      this.#writeCondition(condition('Progressing', 'Unknown', Reason.resumed, 'Deployment is resumed', this.#now));
    }
  }

  /** The Deployment's `replicas` changed since it last scaled its ReplicaSets. */
  isScaling(): boolean {
    const desired = desiredReplicas(this.deployment);
    return this.all.some((rs) => {
      const last = desiredAnnotation(rs);
      return isActive(rs) && last !== undefined && last !== desired;
    });
  }

  /** Gives the current ReplicaSet its revision and annotations, creating it where there is none and `create` says so. */
  settleCurrent(create: boolean): void {
    let highest = 0n;
    for (const rs of this.old) if (revisionOf(rs) > highest) highest = revisionOf(rs);
    const revision = highest + 1n;
    if (this.current) this.current = this.#adjust(this.current, revision);
    else if (create) this.current = this.#create(revision);
  }

  #adjust(rs: ReplicaSet, revision: bigint): ReplicaSet {
    const before: Annotations = rs.metadata.annotations ?? {};
    const annotations = ofNewReplicaSet(before, this.deployment, revision);
    const { minReadySeconds } = this.deployment.spec;
    if (annotations !== before || (rs.spec.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)) {
      const { minReadySeconds: _, ...spec } = rs.spec;
      return this.#replicaSets.update({
        ...rs,
        metadata: { ...rs.metadata, annotations },
        spec: minReadySeconds ? { ...spec, minReadySeconds } : spec,
      });
    }
    const found =
      hasProgressDeadline(this.deployment) && !progressing(this.deployment.status)
        ? this.#progress('True', Reason.foundNewReplicaSet, `Found new replica set "${rs.metadata.name}"`)
        : undefined;
    this.#writeRevision(annotations[REVISION] ?? '', found);
    return rs;
  }

  #create(revision: bigint): ReplicaSet {
    const { metadata, spec } = this.deployment;
    const hash = podTemplateHash(spec.template, this.deployment.status?.collisionCount);
    const labels = { ...spec.template.metadata?.labels, [TEMPLATE_HASH]: hash };
    const replicas = this.targetOfCurrent(0);
    const rs: ReplicaSet = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${metadata.name}-${hash}`,
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
        labels,
        annotations: withScale(ofNewReplicaSet({}, this.deployment, revision), this.deployment),
        ownerReferences: [ownerReference(this.deployment, DeploymentKind)],
      },
      spec: {
        replicas,
        ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
        selector: {
          ...spec.selector,
          matchLabels: { ...spec.selector.matchLabels, [TEMPLATE_HASH]: hash },
        },
        template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
      },
    };
    let created: ReplicaSet;
    try {
      created = this.#replicaSets.create(rs);
    } catch (error) {
      return this.#recover(rs, revision, error);
    }
    const name = created.metadata.name;
    if (replicas > 0) this.#event('Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${replicas}`);
    const progress = hasProgressDeadline(this.deployment)
      ? this.#progress('True', Reason.newReplicaSetCreated, `Created new replica set "${name}"`)
      : undefined;
    this.#writeRevision(String(revision), progress);
    return created;
  }

  /** What to do when the ReplicaSet could not be created: it is there already, its name is taken, or it was refused. */
  #recover(rs: ReplicaSet, revision: bigint, error: unknown): ReplicaSet {
    const { name, namespace } = rs.metadata;
    if (hasReason(error, 'AlreadyExists')) {
      const existing = this.#tools.cachedReplicaSet(namespace, name);
      const owner = existing?.metadata.ownerReferences?.find(({ controller }) => controller);
      if (
        existing &&
        owner?.uid === this.deployment.metadata.uid &&
        sameTemplate(this.deployment.spec.template, existing.spec.template)
      ) {
        this.#writeRevision(String(revision), undefined);
        return existing;
      }
      // Another template has this hash: count the collision, which changes the hash, and try again.
      const status: DeploymentStatus = this.deployment.status ?? {};
      this.#write({ status: { ...status, collisionCount: (status.collisionCount ?? 0) + 1 } });
      throw error;
    }
    if (!isNamespaceTerminating(error)) {
      const message = `Failed to create new replica set "${name}": ${errorText(error)}`;
      if (hasProgressDeadline(this.deployment)) {
        this.#writeCondition(this.#progress('False', Reason.replicaSetCreateError, message));
      }
      this.#event('Warning', Reason.replicaSetCreateError, message);
    }
    throw error;
  }

  /** How many replicas the current ReplicaSet, now of `size`, may have as far as the surge allows. */
  targetOfCurrent(size: number): number {
    const desired = desiredReplicas(this.deployment);
    if (!isRollingUpdate(this.deployment)) return desired;
    const room = desired + maxSurge(this.deployment) - totalDesired(this.all);
    return room <= 0 ? size : size + Math.min(room, desired - size);
  }

  /** Brings all ReplicaSets to the Deployment's scale without rolling out anything. */
  scale(): void {
    const active = this.all.filter(isActive);
    const desired = desiredReplicas(this.deployment);
    if (active.length <= 1) {
      const only = active[0] ?? this.current ?? this.old.at(-1);
      if (only) this.scaleTo(only, desired);
    } else if (this.#isSaturated()) {
      for (const rs of this.old) if (isActive(rs)) this.scaleTo(rs, 0);
    } else if (isRollingUpdate(this.deployment)) {
      for (const [rs, size] of proportionalSizes(this.deployment, active)) this.#resize(rs, size);
    }
  }

  /** The current ReplicaSet has, and serves, all replicas. */
  #isSaturated(): boolean {
    const { current } = this;
    const desired = desiredReplicas(this.deployment);
    if (!current) return false;
    return (
      desiredAnnotation(current) === desired &&
      replicasOf(current) === desired &&
      (current.status?.availableReplicas ?? 0) === desired
    );
  }

  /** Scales a ReplicaSet unless it has that size; returns it as it is afterwards. */
  scaleTo(rs: ReplicaSet, size: number): ReplicaSet {
    return replicasOf(rs) === size ? rs : this.#resize(rs, size);
  }

  #resize(rs: ReplicaSet, size: number): ReplicaSet {
    const before: Annotations = rs.metadata.annotations ?? {};
    const annotations = withScale(before, this.deployment);
    const from = replicasOf(rs);
    if (from === size && annotations === before) return rs;
    const updated = this.#replicaSets.update({
      ...rs,
      metadata: { ...rs.metadata, annotations },
      spec: { ...rs.spec, replicas: size },
    });
    if (from !== size) {
      const direction = from < size ? 'up' : 'down';
      this.#event(
        'Normal',
        'ScalingReplicaSet',
        `Scaled ${direction} replica set ${rs.metadata.name} from ${from} to ${size}`,
      );
    }
    return updated;
  }

  /** Deletes the oldest ReplicaSets beyond revisionHistoryLimit. */
  cleanUp(): void {
    if (!hasRevisionHistoryLimit(this.deployment)) return;
    const candidates = this.old.filter((rs) => rs.metadata.deletionTimestamp === undefined);
    const surplus = candidates.length - this.deployment.spec.revisionHistoryLimit!;
    if (surplus <= 0) return;
    for (const rs of candidates.sort(byRevision).slice(0, surplus)) {
      const { generation = 0, name, namespace } = rs.metadata;
      const unseen = generation > (rs.status?.observedGeneration ?? 0);
      if ((rs.status?.replicas ?? 0) !== 0 || replicasOf(rs) !== 0 || unseen) continue;
      try {
        this.#replicaSets.delete(name, namespace);
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error;
      }
    }
  }

  isComplete(): boolean {
    return isComplete(this.deployment, this.deployment.status);
  }

  /** Writes the counts, without judging progress. */
  writeStatus(): void {
    this.#writeIfChanged(countedStatus(this.deployment, this.all, this.current, this.#now));
  }

  /** Writes counts and progress. Returns whether anything was written. */
  writeRolloutStatus(): boolean {
    return this.#writeIfChanged(rolloutStatus(this.deployment, this.all, this.current, this.#now));
  }

  #writeIfChanged(status: DeploymentStatus): boolean {
    if (equal(this.deployment.status, status)) return false;
    this.#write({ status });
    return true;
  }

  #progress(status: 'True' | 'False', reason: string, message: string): DeploymentCondition {
    return condition('Progressing', status, reason, message, this.#now);
  }

  #writeCondition(next: DeploymentCondition): void {
    this.#write({ status: this.#statusWith(next) });
  }

  /** The Deployment's revision annotation travels with its status. */
  #writeRevision(revision: string, progress: DeploymentCondition | undefined): void {
    const { annotations = {} } = this.deployment.metadata;
    if (annotations[REVISION] === revision && !progress) return;
    this.#write({
      annotations: { ...annotations, [REVISION]: revision },
      status: progress ? this.#statusWith(progress) : (this.deployment.status ?? {}),
    });
  }

  #statusWith(next: DeploymentCondition): DeploymentStatus {
    const status: DeploymentStatus = this.deployment.status ?? {};
    return { ...status, conditions: [...setCondition(status.conditions ?? [], next)] };
  }

  #write({ annotations, status }: { annotations?: Annotations; status: DeploymentStatus }): void {
    const { deployment } = this;
    const metadata = annotations ? { ...deployment.metadata, annotations } : deployment.metadata;
    this.deployment = this.#deployments.updateStatus({ ...deployment, metadata, status }, { trusted: true });
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#tools.recorder.event(subjectOf(this.deployment, DeploymentKind), type, reason, message);
  }
}
