import { PodKind } from '../api/core/pod.ts';
import type { Pod } from '../api/types.ts';
import type { PodInfo } from './cache/pod-info.ts';
import { causeNow, InformerFactory, type Client, type SharedInformer } from '../client/index.ts';
import type { Kernel, Timer } from '../kernel/index.ts';
import { SchedulerCache } from './cache/cache.ts';
import { watchCluster } from './cluster-watch.ts';
import { describe } from './decision.ts';
import { PodEventRecorder } from './event-recorder.ts';
import { fitMessage, preFilterMessage } from './fit-error.ts';
import { Framework } from './framework/framework.ts';
import { informerListers } from './informer-listers.ts';
import type { PluginEntry } from './framework/plugin.ts';
import { isRejected, messageOf, type Status } from './framework/status.ts';
import { defaultProfile } from './plugins/default-profile.ts';
import { markUnscheduled } from './pod-condition.ts';
import { NO_PLUGINS, type QueuedPod } from './queue/queued-pod.ts';
import { SchedulingQueue } from './queue/scheduling-queue.ts';
import { DETAIL_NODES, SchedulingAlgorithm, type Placement } from './scheduling-algorithm.ts';
import { Nominations } from './preemption/nominations.ts';
import { evict } from './preemption/evict.ts';
import { WaitingPods } from './waiting-pods.ts';

const COMPONENT = 'kube-scheduler';
/** What one scheduling cycle, and the way to the start of its binding, take. */
const CYCLE_MS = 0.5;
const BINDING_MS = 0.5;

export interface SchedulerOptions {
  readonly kernel: Kernel;
  readonly client: Client;
  readonly informers?: InformerFactory;
  /** The plugins, in order; Kubernetes' default profile unless given. */
  readonly profile?: readonly PluginEntry[];
  /** Pods with this spec.schedulerName are its own. */
  readonly schedulerName?: string;
  /** Where it runs, for the source of its events. */
  readonly host?: string;
}

/** Why a Pod has no node. */
interface Failure {
  readonly message: string;
  /** Plugins to blame; none when something went wrong. */
  readonly rejectedBy: ReadonlySet<string>;
  readonly reason: 'Unschedulable' | 'SchedulerError';
  readonly nominatedNodeName?: string;
}

/**
 * kube-scheduler: takes waiting Pods one by one, in order of priority, finds each the best node, and binds it.
 * A scheduling cycle is one kernel event; binding is another, and meanwhile the Pod is assumed to be there.
 */
export class Scheduler {
  readonly cache = new SchedulerCache();
  readonly queue: SchedulingQueue;
  readonly framework: Framework;
  readonly waiting: WaitingPods;
  readonly nominations = new Nominations();
  readonly #kernel: Kernel;
  readonly #client: Client;
  readonly #informers: InformerFactory;
  readonly #ownsInformers: boolean;
  readonly #pods: SharedInformer<Pod>;
  readonly #recorder: PodEventRecorder;
  readonly #algorithm: SchedulingAlgorithm;
  #next: Timer | undefined;
  #running = false;

  constructor(options: SchedulerOptions) {
    const { kernel, client, informers, profile = defaultProfile } = options;
    const { schedulerName = 'default-scheduler', host = 'control-plane' } = options;
    this.#kernel = kernel;
    this.#client = client;
    this.#informers = informers ?? new InformerFactory(kernel, client);
    this.#ownsInformers = informers === undefined;
    this.framework = new Framework(profile, {
      now: () => kernel.now,
      random: kernel.random('scheduler'),
      nodes: () => this.cache.nodes,
      namespaceLabels: this.cache.index.namespaceLabels,
      listers: informerListers(this.#informers),
      fits: (cycle, node) => this.framework.filterBeside(this.nominations.ahead(cycle.pod, node.name), cycle, node),
      addPod: (cycle, pod, node) => this.framework.addPod(cycle, pod, node),
      removePod: (cycle, pod, node) => this.framework.removePod(cycle, pod, node),
      bind: (pod, nodeName) => this.#bindThroughApi(pod, nodeName),
      evict: (victims, preemptor, nodeName) => this.#evict(victims, preemptor, nodeName),
    });
    this.waiting = new WaitingPods(kernel, COMPONENT);
    this.queue = new SchedulingQueue({
      kernel,
      framework: this.framework,
      component: COMPONENT,
      cause: () => causeNow(kernel.trace),
      onReady: () => this.#wake(),
    });
    this.#algorithm = new SchedulingAlgorithm(this.framework, this.cache, this.nominations, kernel.random('scheduler'));
    this.#recorder = new PodEventRecorder(kernel, client, COMPONENT, schedulerName, host);
    const { cache, queue, nominations } = this;
    this.#pods = watchCluster({ informers: this.#informers, cache, queue, nominations, schedulerName });
  }

  start(): void {
    this.#running = true;
    if (this.#ownsInformers) this.#informers.start();
    this.#wake();
  }

  stop(): void {
    this.#running = false;
    if (this.#ownsInformers) this.#informers.stop();
    this.#next?.cancel();
    this.queue.stop();
    this.#recorder.stop();
  }

  /** Makes sure that a cycle is coming while there is a Pod to try. */
  #wake(): void {
    if (!this.#running || this.#next?.active || !this.queue.ready) return;
    this.#next = this.#kernel.after(CYCLE_MS, COMPONENT, () => {
      const queued = this.queue.pop();
      if (queued) this.#kernel.trace.within(queued.cause, () => this.#schedule(queued));
      this.#wake();
    });
  }

  /** The scheduling cycle of one Pod. */
  #schedule(queued: QueuedPod): void {
    const { trace } = this.#kernel;
    const { pod, key } = queued.info;
    if (pod.metadata.deletionTimestamp) {
      this.queue.done(queued);
      this.#recorder.record(pod, 'Warning', 'FailedScheduling', 'Scheduling', `skip schedule deleting pod: ${key}`);
      return;
    }
    if (this.cache.isAssumed(key)) {
      this.queue.done(queued);
      return;
    }
    const span = trace.start(COMPONENT, `schedule ${key}`, { pod: key, attempt: queued.attempts });
    trace.within(span, () => {
      const placement = this.#algorithm.place(queued.info, trace.enabled && this.cache.nodes.length <= DETAIL_NODES);
      if (!placement.node) {
        const failure = this.#explain(placement);
        if (trace.enabled) trace.end(span, { ...describe(placement), message: failure.message });
        this.#fail(queued, failure);
        return;
      }
      if (trace.enabled) trace.end(span, describe(placement));
      this.#assume(queued, placement, placement.node.name);
    });
  }

  /** Counts the Pod on its node, and sends it on to binding unless a plugin objects. */
  #assume(queued: QueuedPod, { cycle }: Placement, nodeName: string): void {
    const { info } = queued;
    const { framework } = this;
    this.cache.assume(info, nodeName);
    this.nominations.delete(info.uid);
    const refusal = framework.reserve(cycle, info, nodeName);
    const permit = refusal ? undefined : framework.permit(cycle, info, nodeName);
    const proceed = (verdict: Status | undefined): void => {
      const status = verdict ?? framework.preBind(cycle, info, nodeName) ?? this.#bind(queued, cycle, nodeName);
      if (!status) return;
      framework.unreserve(cycle, info, nodeName);
      this.cache.forget(info.key);
      this.#fail(queued, failureOf(status));
      this.queue.moveAll({ action: 'AssignedPodDelete', old: info.pod });
    };
    if (refusal) proceed(refusal);
    else if (!permit) this.#kernel.after(BINDING_MS, COMPONENT, () => proceed(undefined));
    else if (permit.status.code !== 'Wait') proceed(permit.status);
    else {
      const { trace } = this.#kernel;
      const cause = trace.current;
      this.waiting.hold(info.uid, permit.status.plugin, permit.timeoutMs ?? Infinity, (verdict) => {
        trace.within(cause, () => this.#kernel.after(BINDING_MS, COMPONENT, () => proceed(verdict)));
      });
    }
  }

  #bind(queued: QueuedPod, cycle: Placement['cycle'], nodeName: string): Status | undefined {
    const { info } = queued;
    const { pod } = info;
    const status = this.framework.bind(cycle, info, nodeName);
    if (status) {
      const text = `running Bind plugin "${status.plugin}": ${messageOf(status)}`;
      return { ...status, reasons: [text] };
    }
    this.queue.done(queued);
    this.framework.postBind(cycle, info, nodeName);
    this.#recorder.record(pod, 'Normal', 'Scheduled', 'Binding', `Successfully assigned ${info.key} to ${nodeName}`);
    return undefined;
  }

  #bindThroughApi(pod: Pod, nodeName: string): void {
    const { name, namespace, uid } = pod.metadata;
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, uid },
      target: { kind: 'Node', name: nodeName },
    };
    this.#client.resource(PodKind).subresource(name, namespace, 'binding', 'create', binding, { trusted: true });
  }

  /** Deletes victims outside of the cycle that chose them, as binding is outside of its. */
  #evict(victims: readonly PodInfo[], preemptor: PodInfo, nodeName: string): void {
    // Pods of lower priority that were promised room there have to look for another.
    for (const pod of this.nominations.below(preemptor, nodeName)) this.nominations.delete(pod.uid);
    this.#kernel.after(BINDING_MS, COMPONENT, () => {
      for (const { pod } of victims) {
        const { schedulerName = '' } = preemptor.pod.spec;
        if (!evict(this.#client, pod, schedulerName, this.#kernel.now)) continue;
        this.#recorder.record(
          pod,
          'Normal',
          'Preempted',
          'Preempting',
          `Preempted by pod ${preemptor.uid} on node ${nodeName}`,
        );
      }
    });
  }

  /** Lets plugins make room, and puts what stood in the way into words. */
  #explain({ cycle, rejections, status, rejectedBy }: Placement): Failure {
    if (rejections.total === 0) {
      const message = 'no nodes available to schedule pods';
      return { message, rejectedBy: NO_PLUGINS, reason: 'Unschedulable', nominatedNodeName: '' };
    }
    if (status && !isRejected(status)) return failureOf(status);
    const found = status ? preFilterMessage(rejections.total, messageOf(status)) : fitMessage(rejections);
    const made = this.framework.postFilter(cycle, rejections);
    const message = made.status && made.status.reasons.length > 0 ? `${found} ${messageOf(made.status)}` : found;
    const { nominatedNodeName } = made;
    const nomination = nominatedNodeName === undefined ? {} : { nominatedNodeName };
    return { message, rejectedBy, reason: 'Unschedulable', ...nomination };
  }

  /** Puts the Pod back into the queue and says why, in an event and in its status. */
  #fail(queued: QueuedPod, failure: Failure): void {
    const { pod } = queued.info;
    const { message, rejectedBy, nominatedNodeName } = failure;
    if (nominatedNodeName !== undefined) this.nominations.set(queued.info, nominatedNodeName);
    const current = this.#pods.get(pod.metadata.namespace, pod.metadata.name);
    if (current && !current.spec.nodeName) this.queue.putBack(queued, current, rejectedBy);
    else this.queue.done(queued);
    this.#recorder.record(pod, 'Warning', 'FailedScheduling', 'Scheduling', message);
    markUnscheduled(this.#client, pod, failure, this.#kernel.now);
  }
}

function failureOf(status: Status): Failure {
  const rejected = isRejected(status);
  return {
    message: rejected ? `0/1 nodes are available: 1 ${messageOf(status)}.` : messageOf(status),
    rejectedBy: rejected ? new Set([status.plugin]) : NO_PLUGINS,
    reason: rejected ? 'Unschedulable' : 'SchedulerError',
    nominatedNodeName: '',
  };
}
