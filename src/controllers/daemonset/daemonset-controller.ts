import { ControllerRevisionKind } from '../../api/apps/controller-revision.ts';
import { DaemonSetKind } from '../../api/apps/daemon-set.ts';
import { NodeKind } from '../../api/core/node.ts';
import { PodKind } from '../../api/core/pod.ts';
import { keyOf } from '../../api/meta.ts';
import { hasReason } from '../../api/status.ts';
import type { ControllerRevision, DaemonSet, Node, Pod, PodTemplateSpec } from '../../api/types.ts';
import type { SharedInformer } from '../../client/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { BUSY_MS, ControlLoop } from '../control-loop.ts';
import { Expectations } from '../expectations.ts';
import { podTemplateHash } from '../hash/pod-template-hash.ts';
import { OwnedPods } from '../owned-pods.ts';
import { availableInMs, isPodFinished, isPodReady } from '../pods.ts';
import { isNamespaceTerminating, PodControl, podFromTemplate, subjectOf } from '../pod-control.ts';
import { REVISION_HASH, Revisions } from '../revisions.ts';
import { slowStart } from '../slow-start.ts';
import { updateStatus } from '../update-status.ts';
import { affinityToNode, daemonTolerations, fitsNode, nodeOfDaemonPod } from './node-fit.ts';
import { limits, rollingStep } from './rolling-update.ts';

type Status = NonNullable<DaemonSet['status']>;

const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';
/** Pods created or deleted in one sync at most. */
const BURST = 250;
const FAILED_FIRST_MS = 1000;
const FAILED_LAST_MS = 15 * 60_000;

const isGoing = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;

/** Bound ones first, then the oldest. */
const byCreation = (a: Pod, b: Pod): number =>
  Number(!a.spec.nodeName) - Number(!b.spec.nodeName) ||
  (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '') ||
  a.metadata.name.localeCompare(b.metadata.name);

/** Keeps one Pod of each DaemonSet on every node that fits its template, and replaces them node by node. */
export class DaemonSetController implements Controller {
  readonly #kernel: Kernel;
  readonly #loop: ControlLoop;
  readonly #sets: SharedInformer<DaemonSet>;
  readonly #nodes: SharedInformer<Node>;
  readonly #revisions: SharedInformer<ControllerRevision>;
  readonly #owned: OwnedPods<DaemonSet>;
  readonly #podControl: PodControl;
  readonly #expectations: Expectations;
  /** When a failed Pod of a set on a node was last deleted, and how long the next one has to wait. */
  readonly #failed = new Map<string, { readonly sinceMs: number; readonly delayMs: number }>();

  constructor(context: ControllerContext) {
    this.#kernel = context.kernel;
    this.#loop = new ControlLoop({
      context,
      name: 'daemonset-controller',
      account: 'daemon-set-controller',
      reconcile: (key) => this.#reconcile(key),
      busyMs: () => BUSY_MS,
    });
    const { informers } = context;
    this.#sets = informers.for(DaemonSetKind);
    this.#nodes = informers.for(NodeKind);
    this.#revisions = informers.for(ControllerRevisionKind);
    this.#loop.needs(this.#revisions);
    this.#podControl = new PodControl(this.#loop.client, this.#loop.recorder);
    this.#expectations = new Expectations(context.kernel, this.#loop.name);
    const enqueue = (set: DaemonSet): void => this.#loop.queue.add(keyOf(set));
    this.#loop.on(this.#sets, {
      add: enqueue,
      update: enqueue,
      delete: (set) => {
        this.#expectations.forget(keyOf(set));
        enqueue(set);
      },
    });
    this.#owned = new OwnedPods({
      loop: this.#loop,
      pods: informers.for(PodKind),
      owners: this.#sets,
      kind: DaemonSetKind,
      created: (key) => this.#expectations.creationObserved(key),
      deleted: (key, pod) => this.#expectations.deletionObserved(key, pod),
      changed: (set, pod, old) => {
        const { minReadySeconds = 0 } = set.spec;
        if (minReadySeconds > 0 && isPodReady(pod) && !isPodReady(old)) {
          this.#loop.queue.addAfter(keyOf(set), (minReadySeconds + 1) * 1000);
        }
      },
    });
    this.#loop.on(this.#nodes, { add: (node) => this.#nodeChanged(node), update: (node) => this.#nodeChanged(node) });
  }

  stop(): void {
    this.#loop.stop();
  }

  /** Wakes the sets for which the node has a Pod too few or too many. */
  #nodeChanged(node: Node): void {
    for (const set of this.#sets.list()) {
      const { run, stay } = fitsNode(set.spec.template.spec!, node);
      const has = this.#owned.of(set).some((pod) => nodeOfDaemonPod(pod.spec) === node.metadata.name);
      if ((run && !has) || (!stay && has)) this.#loop.queue.add(keyOf(set));
    }
  }

  #reconcile(key: string): void {
    const set = this.#sets.getByKey(key);
    if (!set) {
      this.#expectations.forget(key);
      return;
    }
    const { client } = this.#loop;
    const revisions = new Revisions({
      client,
      informer: this.#revisions,
      owner: set,
      ownerKind: DaemonSetKind,
      hashLabel: REVISION_HASH,
      hashOf: ({ collisionCount }) => podTemplateHash(set.spec.template, collisionCount || undefined),
      collisionCount: set.status?.collisionCount ?? 0,
    });
    const hash = revisions.current.metadata.labels?.[REVISION_HASH] ?? '';
    if (set.metadata.deletionTimestamp !== undefined) return;
    const decide = this.#expectations.satisfied(key);
    let failure: unknown;
    if (decide) {
      try {
        this.#manage(key, set, hash);
        if (this.#expectations.satisfied(key) && set.spec.updateStrategy?.type === 'RollingUpdate') {
          this.#roll(key, set, hash);
        }
        const live = new Set(this.#owned.of(set).map(({ metadata }) => metadata.labels?.[REVISION_HASH]));
        revisions.truncate(({ metadata }) => live.has(metadata.labels?.[REVISION_HASH]));
      } catch (error) {
        failure = error;
      }
    }
    const status = this.#status(set, hash, revisions.collisionCount);
    // A generation that was not acted upon is not observed.
    const { observedGeneration } = decide ? status : (set.status ?? status);
    updateStatus(client.resource(DaemonSetKind), set, { ...status, observedGeneration: observedGeneration ?? 0 });
    const { minReadySeconds = 0 } = set.spec;
    if (minReadySeconds > 0 && status.numberReady !== (status.numberAvailable ?? 0)) {
      this.#loop.queue.addAfter(key, minReadySeconds * 1000);
    }
    if (failure !== undefined) throw failure;
  }

  #podsByNode(set: DaemonSet): Map<string, Pod[]> {
    // What has ended and is on its way out holds no place.
    const pods = this.#owned.claim(set, this.#loop.client).filter((pod) => !isGoing(pod) || !isPodFinished(pod));
    return Map.groupBy(pods, (pod) => nodeOfDaemonPod(pod.spec) ?? '');
  }

  /** Creates Pods where they are missing and deletes those that are failed, doubled or in the wrong place. */
  #manage(key: string, set: DaemonSet, hash: string): void {
    const byNode = this.#podsByNode(set);
    const missing: string[] = [];
    const surplus: Pod[] = [];
    for (const node of this.#nodes.list()) {
      const { name } = node.metadata;
      const { run, stay } = fitsNode(set.spec.template.spec!, node);
      const pods = byNode.get(name);
      if (run && !pods) missing.push(name);
      else if (stay && pods) surplus.push(...this.#surplusOf(key, set, name, pods, hash));
      else if (!stay && pods) surplus.push(...pods.filter((pod) => !isGoing(pod)));
    }
    // Pods that were never bound and whose node is gone.
    for (const [name, pods] of byNode) {
      if (!this.#nodes.getByKey(name)) surplus.push(...pods.filter((pod) => !pod.spec.nodeName && !isGoing(pod)));
    }
    this.#sync(key, set, surplus, missing, hash);
  }

  #surplusOf(key: string, set: DaemonSet, node: string, pods: readonly Pod[], hash: string): Pod[] {
    const present = pods.filter((pod) => !isGoing(pod));
    const finished = present.filter(isPodFinished);
    const remove = finished.filter((pod) => this.#mayRemove(key, set, node, pod));
    const running = present.filter((pod) => !isPodFinished(pod)).sort(byCreation);
    if (limits(set, 100).maxSurge === 0) return [...remove, ...running.slice(1)];
    const fresh = running.filter((pod) => this.#isUpdated(set, pod, hash));
    const old = running.filter((pod) => !fresh.includes(pod));
    return [...remove, ...fresh.slice(1), ...(fresh[0] && this.#isAvailable(set, fresh[0]) ? old : old.slice(1))];
  }

  /** Whether a finished Pod may be deleted now; failed ones wait longer each time. */
  #mayRemove(key: string, set: DaemonSet, node: string, pod: Pod): boolean {
    const failed = pod.status?.phase === 'Failed';
    const { namespace, name } = pod.metadata;
    const where = `${namespace}/${name} on node ${node}`;
    if (failed) {
      const wait = this.#failedWaitMs(`${set.metadata.uid}/${node}`);
      if (wait > 0) {
        this.#loop.queue.addAfter(key, wait);
        return false;
      }
    }
    const [type, reason, text] = failed
      ? (['Warning', 'FailedDaemonPod', `Found failed daemon pod ${where}, will try to kill it`] as const)
      : (['Normal', 'SucceededDaemonPod', `Found succeeded daemon pod ${where}, will try to delete it`] as const);
    this.#loop.recorder.event(subjectOf(set, DaemonSetKind), type, reason, text);
    return true;
  }

  /** How long a failed Pod still has to wait; when not at all, the next one waits twice as long as this one did. */
  #failedWaitMs(id: string): number {
    const { now } = this.#kernel;
    const last = this.#failed.get(id);
    if (last && now - last.sinceMs < last.delayMs) return last.sinceMs + last.delayMs - now;
    const stale = !last || now - last.sinceMs > 2 * FAILED_LAST_MS;
    const delayMs = stale ? FAILED_FIRST_MS : Math.min(last.delayMs * 2, FAILED_LAST_MS);
    this.#failed.set(id, { sinceMs: now, delayMs });
    return 0;
  }

  #isAvailable(set: DaemonSet, pod: Pod): boolean {
    const inMs = availableInMs(pod, set.spec.minReadySeconds ?? 0, this.#kernel.now);
    return inMs !== undefined && inMs <= 0;
  }

  #isUpdated(set: DaemonSet, { metadata: { labels } }: Pod, hash: string): boolean {
    if (hash !== '' && labels?.[REVISION_HASH] === hash) return true;
    const generation = set.metadata.annotations?.[TEMPLATE_GENERATION];
    return generation !== undefined && labels?.['pod-template-generation'] === generation;
  }

  #roll(key: string, set: DaemonSet, hash: string): void {
    const podsByNode = new Map<string, Pod[]>();
    for (const [node, pods] of this.#podsByNode(set)) {
      podsByNode.set(
        node,
        pods.filter((pod) => !isGoing(pod)),
      );
    }
    const desired = this.#nodes.list().filter((node) => fitsNode(set.spec.template.spec!, node).run).length;
    const { podsToDelete, nodesForSurge } = rollingStep({
      set,
      desired,
      podsByNode,
      isUpdated: (pod) => this.#isUpdated(set, pod, hash),
      isAvailable: (pod) => this.#isAvailable(set, pod),
    });
    this.#sync(key, set, podsToDelete, nodesForSurge, hash);
  }

  #sync(key: string, set: DaemonSet, surplus: readonly Pod[], nodes: readonly string[], hash: string): void {
    const create = nodes.slice(0, BURST);
    const remove = surplus.slice(0, BURST);
    if (create.length + remove.length === 0) return;
    this.#expectations.expect(key, create.length, remove.map(keyOf));
    const template = this.#template(set, hash);
    const made = slowStart(create.length, (i) => {
      const pod = podFromTemplate(template, set, DaemonSetKind);
      const spec = { ...pod.spec, affinity: affinityToNode(pod.spec.affinity, create[i]!) };
      try {
        this.#podControl.create({ ...pod, spec } as typeof pod, set, DaemonSetKind);
      } catch (error) {
        this.#expectations.creationObserved(key);
        if (!isNamespaceTerminating(error)) throw error;
      }
    });
    for (let i = made.attempted; i < create.length; i++) this.#expectations.creationObserved(key);
    let { failure } = made;
    for (const pod of remove) {
      try {
        this.#podControl.delete(pod.metadata.name, set, DaemonSetKind);
      } catch (error) {
        this.#expectations.deletionObserved(key, keyOf(pod));
        if (!hasReason(error, 'NotFound')) failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  #template({ metadata, spec }: DaemonSet, hash: string): PodTemplateSpec {
    const generation = metadata.annotations?.[TEMPLATE_GENERATION];
    const podSpec = spec.template.spec!;
    return {
      ...spec.template,
      metadata: {
        ...spec.template.metadata,
        labels: {
          ...spec.template.metadata?.labels,
          ...(generation === undefined ? {} : { 'pod-template-generation': generation }),
          [REVISION_HASH]: hash,
        },
      },
      spec: { ...podSpec, tolerations: daemonTolerations(podSpec) },
    };
  }

  #status(set: DaemonSet, hash: string, collisionCount: number): Status {
    const byNode = this.#podsByNode(set);
    const counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 };
    for (const node of this.#nodes.list()) {
      const pods = byNode.get(node.metadata.name)?.sort(byCreation) ?? [];
      const [pod] = pods;
      if (!fitsNode(set.spec.template.spec!, node).run) {
        if (pod) counts.misscheduled++;
        continue;
      }
      counts.desired++;
      if (!pod) continue;
      counts.current++;
      if (isPodReady(pod)) counts.ready++;
      if (this.#isAvailable(set, pod)) counts.available++;
      if (this.#isUpdated(set, pod, hash)) counts.updated++;
    }
    const unavailable = counts.desired - counts.available;
    return {
      currentNumberScheduled: counts.current,
      numberMisscheduled: counts.misscheduled,
      desiredNumberScheduled: counts.desired,
      numberReady: counts.ready,
      observedGeneration: set.metadata.generation ?? 0,
      ...(counts.updated ? { updatedNumberScheduled: counts.updated } : {}),
      ...(counts.available ? { numberAvailable: counts.available } : {}),
      ...(unavailable ? { numberUnavailable: unavailable } : {}),
      ...(collisionCount ? { collisionCount } : {}),
      ...(set.status?.conditions ? { conditions: set.status.conditions } : {}),
    };
  }
}
