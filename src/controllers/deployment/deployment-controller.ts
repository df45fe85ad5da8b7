import { DeploymentKind } from '../../api/apps/deployment.ts';
import { ReplicaSetKind } from '../../api/apps/replica-set.ts';
import { PodKind } from '../../api/core/pod.ts';
import { controllerOf, keyOf } from '../../api/meta.ts';
import type { OwnerReference } from '../../api/object.ts';
import { matcherOf } from '../../api/selector.ts';
import type { Deployment, Pod, ReplicaSet } from '../../api/types.ts';
import type { SharedInformer } from '../../client/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import { Claims } from '../claims.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { BUSY_MS, ControlLoop } from '../control-loop.ts';
import { equal } from '../../api/draft.ts';
import { subjectOf } from '../pod-control.ts';
import { indexPodsByController, podsOfController } from '../pods.ts';
import { hasProgressDeadline, progressing, Reason } from './conditions.ts';
import { DeploymentSync, type SyncTools } from './deployment-sync.ts';
import { recreate } from './recreate.ts';
import { selecting } from './replica-sets.ts';
import { rollingUpdate } from './rolling-update.ts';
import { deadlineMs, isComplete } from './status.ts';
import { isRollingUpdate } from './strategy.ts';

/** Retries of a failing Deployment before the controller waits for the next change. */
const MAX_RETRIES = 15;

/** Waits a little past a deadline, whose time is known to the second only. */
const DEADLINE_SLACK_MS = 1000;

/** Index of ReplicaSets by the uid of their controller, and of those without one by namespace. */
const BY_OWNER = 'deployment';
const orphansOf = (namespace: string | undefined): string => `orphans/${namespace ?? ''}`;

/**
 * Rolls out Deployments by means of ReplicaSets, one per Pod template: creates the one of the present template, moves
 * replicas to it step by step (RollingUpdate) or after all old Pods are gone (Recreate), shares out changes of scale,
 * numbers revisions and deletes old ones, and reports progress. It never touches a Pod.
 *
 * The real controller still understands the rollback annotation of extensions/v1beta1; ours does not.
 */
export class DeploymentController implements Controller {
  readonly #kernel: Kernel;
  readonly #loop: ControlLoop;
  readonly #deployments: SharedInformer<Deployment>;
  readonly #replicaSets: SharedInformer<ReplicaSet>;
  readonly #pods: SharedInformer<Pod>;
  readonly #tools: SyncTools;

  constructor(context: ControllerContext) {
    this.#kernel = context.kernel;
    this.#loop = new ControlLoop({
      context,
      name: 'deployment-controller',
      reconcile: (key) => this.#reconcile(key),
      busyMs: () => BUSY_MS,
      maxRetries: MAX_RETRIES,
    });
    this.#deployments = context.informers.for(DeploymentKind);
    this.#replicaSets = context.informers.for(ReplicaSetKind);
    this.#pods = context.informers.for(PodKind);
    indexPodsByController(this.#pods);
    this.#replicaSets.addIndex(BY_OWNER, (rs) => [controllerOf(rs)?.uid ?? orphansOf(rs.metadata.namespace)]);
    this.#tools = {
      kernel: context.kernel,
      client: this.#loop.client,
      recorder: this.#loop.recorder,
      cachedReplicaSet: (namespace, name) => this.#replicaSets.get(namespace, name),
    };
    const enqueue = (deployment: Deployment): void => this.#loop.queue.add(keyOf(deployment));
    this.#loop.on(this.#deployments, { add: enqueue, update: enqueue, delete: enqueue });
    this.#loop.on(this.#replicaSets, {
      add: (rs) => this.#replicaSetChanged(rs),
      update: (rs, old) => this.#replicaSetUpdated(rs, old),
      delete: (rs) => this.#enqueueOwner(rs.metadata.namespace, controllerOf(rs)),
    });
    this.#loop.on(this.#pods, { delete: (pod) => this.#podDeleted(pod) });
  }

  stop(): void {
    this.#loop.stop();
  }

  #resolve(namespace: string | undefined, reference: OwnerReference | undefined): Deployment | undefined {
    if (reference?.kind !== 'Deployment') return undefined;
    const deployment = this.#deployments.get(namespace, reference.name);
    return deployment?.metadata.uid === reference.uid ? deployment : undefined;
  }

  #enqueueOwner(namespace: string | undefined, reference: OwnerReference | undefined): void {
    const deployment = this.#resolve(namespace, reference);
    if (deployment) this.#loop.queue.add(keyOf(deployment));
  }

  #replicaSetChanged(rs: ReplicaSet): void {
    const owner = controllerOf(rs);
    if (owner) this.#enqueueOwner(rs.metadata.namespace, owner);
    else if (rs.metadata.deletionTimestamp === undefined && rs.metadata.labels) {
      for (const deployment of selecting(this.#deployments.list(rs.metadata.namespace), rs.metadata.labels)) {
        this.#loop.queue.add(keyOf(deployment));
      }
    }
  }

  #replicaSetUpdated(rs: ReplicaSet, old: ReplicaSet): void {
    const owner = controllerOf(rs);
    const before = controllerOf(old);
    if (before && before.uid !== owner?.uid) this.#enqueueOwner(old.metadata.namespace, before);
    if (owner || before || !equal(rs.metadata.labels, old.metadata.labels)) this.#replicaSetChanged(rs);
  }

  /** A Deployment that recreates waits for its last old Pod to go. */
  #podDeleted(pod: Pod): void {
    const reference = controllerOf(pod);
    if (reference?.kind !== 'ReplicaSet') return;
    const rs = this.#replicaSets.get(pod.metadata.namespace, reference.name);
    const deployment = rs && this.#resolve(rs.metadata.namespace, controllerOf(rs));
    if (!deployment || isRollingUpdate(deployment)) return;
    for (const { metadata } of this.#replicaSets.byIndex(BY_OWNER, deployment.metadata.uid ?? '')) {
      if (podsOfController(this.#pods, metadata.uid ?? '').size > 0) return;
    }
    this.#loop.queue.add(keyOf(deployment));
  }

  #reconcile(key: string): void {
    const deployment = this.#deployments.getByKey(key);
    if (!deployment) return;
    if (matcherOf(deployment.spec.selector).everything) {
      this.#loop.recorder.event(
        subjectOf(deployment, DeploymentKind),
        'Warning',
        'SelectingAll',
        'This deployment is selecting all pods. A non-empty selector is required.',
      );
      return;
    }
    const sync = new DeploymentSync(this.#tools, deployment, this.#claim(deployment));
    if (deployment.metadata.deletionTimestamp !== undefined) {
      sync.settleCurrent(false);
      sync.writeStatus();
      return;
    }
    sync.checkPaused();
    if (deployment.spec.paused === true || sync.isScaling()) {
      sync.settleCurrent(false);
      sync.scale();
      if (deployment.spec.paused === true) sync.cleanUp();
      sync.writeStatus();
      return;
    }
    if (isRollingUpdate(deployment)) rollingUpdate(sync);
    else recreate(sync, (uid) => podsOfController(this.#pods, uid).values());
    if (!sync.writeRolloutStatus()) this.#awaitDeadline(key, sync.deployment);
  }

  #claim(deployment: Deployment): ReplicaSet[] {
    const claims = new Claims({
      client: this.#loop.client,
      owner: deployment,
      ownerKind: DeploymentKind,
      kind: ReplicaSetKind,
      matcher: matcherOf(deployment.spec.selector),
    });
    const { uid, namespace } = deployment.metadata;
    const claimed: ReplicaSet[] = [];
    for (const owner of [uid ?? '', orphansOf(namespace)]) {
      for (const rs of this.#replicaSets.byIndex(BY_OWNER, owner)) if (claims.claim(rs)) claimed.push(rs);
    }
    return claimed;
  }

  /** Looks again when a rollout that does not move runs into its deadline: nothing else would wake it. */
  #awaitDeadline(key: string, deployment: Deployment): void {
    const current = progressing(deployment.status);
    if (!current || !hasProgressDeadline(deployment)) return;
    if (isComplete(deployment, deployment.status) || current.reason === Reason.progressDeadlineExceeded) return;
    const inMs = Math.max(0, deadlineMs(deployment, current) - this.#kernel.now);
    this.#loop.queue.addAfter(key, inMs + DEADLINE_SLACK_MS, { background: true });
  }
}
