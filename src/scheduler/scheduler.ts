import { PodKind } from '../api/core/pod.ts';
import { sharedText } from '../api/shared-text.ts';
import type { Pod } from '../api/types.ts';
import type { PodInfo } from './cache/pod-info.ts';
import { causeNow, InformerFactory, type Client, type SharedInformer } from '../client/index.ts';
import type { Kernel, Timer } from '../kernel/index.ts';
import { SchedulerCache } from './cache/cache.ts';
import { claimWrites } from './claim-writes.ts';
import { watchCluster } from './cluster-watch.ts';
import { webHookExtender, type PostJson } from './configuration/extenders.ts';
import type { KubeSchedulerConfiguration } from './configuration/kube-scheduler-configuration.ts';
import { profilesOf } from './configuration/profiles.ts';
import type { PluginRegistry } from './configuration/registry.ts';
import { decisionAttributes, type Ending } from './decision-attributes.ts';
import { PodEventRecorder } from './event-recorder.ts';
import { bindByExtender, preemptByExtenders, type Extender } from './extender.ts';
import { fitMessage, preFilterMessage, refusedMessage } from './fit-error.ts';
import { Framework } from './framework/framework.ts';
import { informerListers } from './informer-listers.ts';
import type { Cycle } from './framework/cycle.ts';
import type { Listers } from './framework/listers.ts';
import type { Handle, PluginEntry, PostFilterResult } from './framework/plugin.ts';
import { isRejected, messageOf, status, type Status } from './framework/status.ts';
import { defaultProfile } from './plugins/default-profile.ts';
import type { Profile, RunningProfile } from './profile.ts';
import { endNomination, markUnscheduled, nominate } from './pod-condition.ts';
import { NO_PLUGINS, type QueuedPod } from './queue/queued-pod.ts';
import { SchedulingQueue } from './queue/scheduling-queue.ts';
import { DETAIL_NODES, SchedulingAlgorithm, type Placement } from './scheduling-algorithm.ts';
import { Nominations } from './preemption/nominations.ts';
import { evict } from './preemption/evict.ts';
import { bindVolume, selectNode } from './volume-writes.ts';
import { WaitingPods } from './waiting-pods.ts';

/** What one scheduling cycle, and the way to the start of its binding, take. */
const CYCLE_MS = 0.5;
const BINDING_MS = 0.5;
/** How often a PreBind plugin that needs more time is asked again. */
const PRE_BIND_POLL_MS = 1_000;

export interface SchedulerOptions {
  readonly kernel: Kernel;
  readonly client: Client;
  readonly informers?: InformerFactory;
  /** Plugins of its only profile, in order; Kubernetes' default plugins unless given. */
  readonly profile?: readonly PluginEntry[];
  /** Pods with this spec.schedulerName are for its only profile. */
  readonly schedulerName?: string;
  /** Instead of these two: several profiles, each for the Pods with its name. */
  readonly profiles?: readonly Profile[];
  /** Instead of all of these: profiles, back-offs and extenders as in kube-scheduler's file. */
  readonly configuration?: KubeSchedulerConfiguration;
  /** Plugins beyond kube-scheduler's own that the configuration may name. */
  readonly outOfTree?: PluginRegistry;
  /** Reaches the extenders of the configuration; they cannot be reached unless given. */
  readonly post?: PostJson;
  /** Asked after the plugins, in order. */
  readonly extenders?: readonly Extender[];
  /** Lane of its work, where several schedulers run. */
  readonly component?: string;
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
  /** What was tried to make room. */
  readonly preemption?: PostFilterResult;
}

/**
 * kube-scheduler: takes waiting Pods one by one, in order of priority, finds each the best node, and binds it.
 * A scheduling cycle is one kernel event; binding is another, and meanwhile the Pod is assumed to be there.
 */
export class Scheduler {
  readonly cache = new SchedulerCache();
  readonly queue: SchedulingQueue;
  readonly waiting: WaitingPods;
  readonly nominations = new Nominations(this.cache);
  readonly #kernel: Kernel;
  readonly #client: Client;
  readonly #informers: InformerFactory;
  readonly #ownsInformers: boolean;
  readonly #pods: SharedInformer<Pod>;
  readonly #component: string;
  readonly #extenders: readonly Extender[];
  /** By schedulerName. */
  readonly #profiles = new Map<string, RunningProfile>();
  readonly #algorithm: SchedulingAlgorithm;
  #next: Timer | undefined;
  #running = false;

  constructor(options: SchedulerOptions) {
    const { kernel, client, informers, component = 'kube-scheduler', host = 'control-plane' } = options;
    this.#kernel = kernel;
    this.#client = client;
    this.#component = component;
    const { configuration = {}, post = refuseConnection } = options;
    const webHooks = configuration.extenders ?? [];
    this.#extenders = [...webHooks.map((each) => webHookExtender(each, post)), ...(options.extenders ?? [])];
    this.#informers = informers ?? new InformerFactory(kernel, client);
    this.#ownsInformers = informers === undefined;
    const { schedulerName = 'default-scheduler', profile: plugins = defaultProfile } = options;
    const listers = informerListers(this.#informers, (event) => this.queue.moveAll(event));
    this.waiting = new WaitingPods(kernel, component);
    for (const profile of options.profiles ?? this.#configured(options, listers) ?? [{ schedulerName, plugins }]) {
      this.#profiles.set(profile.schedulerName, this.#run(profile, listers, host));
    }
    const [first] = this.#profiles.values();
    if (!first) throw new Error('A scheduler needs at least one profile.');
    this.queue = new SchedulingQueue({
      kernel,
      less: (a, b) => first.framework.less(a, b),
      frameworkOf: (pod) => this.#profileOf(pod).framework,
      component,
      cause: () => causeNow(kernel.trace),
      onReady: () => this.#wake(),
      backoff: backoffLimits(configuration),
    });
    this.#algorithm = new SchedulingAlgorithm(
      this.cache,
      this.nominations,
      kernel.random('scheduler'),
      this.#extenders,
    );
    const { cache, queue, nominations } = this;
    const isOurs = ({ spec }: Pod): boolean => this.#profiles.has(spec.schedulerName ?? '');
    this.#pods = watchCluster({ informers: this.#informers, cache, queue, nominations, isOurs });
  }

  /** Brings a profile to life. */
  #run(
    { schedulerName, plugins, points, percentageOfNodesToScore = 0 }: Profile,
    listers: Listers,
    host: string,
  ): RunningProfile {
    const framework: Framework = new Framework(
      plugins,
      this.#handle(listers, () => framework),
      points,
    );
    const recorder = new PodEventRecorder(this.#kernel, this.#client, this.#component, schedulerName, host);
    return { schedulerName, framework, recorder, percentageOfNodesToScore };
  }

  /** The profiles of a configuration; undefined without one. */
  #configured({ configuration, outOfTree }: SchedulerOptions, listers: Listers): readonly Profile[] | undefined {
    if (!configuration) return undefined;
    const handle = this.#handle(listers, () => {
      throw new Error('A plugin looks for a node only once the scheduler runs.');
    });
    return profilesOf(configuration, ({ create }) => create(handle), outOfTree);
  }

  /** What plugins may use of this scheduler. */
  #handle(listers: Listers, frameworkOf: () => Framework): Handle {
    const kernel = this.#kernel;
    return {
      now: () => kernel.now,
      random: kernel.random('scheduler'),
      nodes: () => this.cache.nodes,
      namespaceLabels: this.cache.index.namespaceLabels,
      listers,
      fits: (cycle, node) => frameworkOf().filterBeside(this.nominations.ahead(cycle.pod, node), cycle, node),
      addPod: (cycle, pod, node) => frameworkOf().addPod(cycle, pod, node),
      removePod: (cycle, pod, node) => frameworkOf().removePod(cycle, pod, node),
      bind: (pod, nodeName) => this.#bindThroughApi(pod, nodeName),
      bindVolume: (volume, claim) => bindVolume(this.#client, volume, claim),
      selectNode: (claim, nodeName) => selectNode(this.#client, claim, nodeName),
      evict: (victims, preemptor, nodeName) => this.#evict(victims, preemptor, nodeName),
      agreedByExtenders: (pod, candidates) => preemptByExtenders(this.#extenders, pod, candidates),
      waitingPods: this.waiting,
      claims: claimWrites(this.#client, () => kernel.now),
    };
  }

  /** Only Pods of known profiles are ever queued, and a Pod keeps its schedulerName. */
  #profileOf({ spec }: Pod): RunningProfile {
    return this.#profiles.get(spec.schedulerName ?? '') ?? this.#profiles.values().next().value!;
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
    for (const { recorder } of this.#profiles.values()) recorder.stop();
  }

  /** Makes sure that a cycle is coming while there is a Pod to try. */
  #wake(): void {
    if (!this.#running || this.#next?.active || !this.queue.ready) return;
    this.#next = this.#kernel.after(CYCLE_MS, this.#component, () => {
      const queued = this.queue.pop();
      if (queued) this.#kernel.trace.within(queued.cause, () => this.#schedule(queued));
      this.#wake();
    });
  }

  /** The scheduling cycle of one Pod. */
  #schedule(queued: QueuedPod): void {
    const { trace } = this.#kernel;
    const { pod, key } = queued.info;
    const profile = this.#profileOf(pod);
    if (pod.metadata.deletionTimestamp) {
      this.queue.done(queued);
      profile.recorder.record(pod, 'Warning', 'FailedScheduling', 'Scheduling', `skip schedule deleting pod: ${key}`);
      return;
    }
    if (this.cache.isAssumed(key)) {
      this.queue.done(queued);
      return;
    }
    const span = trace.start(this.#component, `schedule ${key}`, { pod: key, attempt: queued.attempts });
    const record = (placement: Placement, ending: Ending): void => {
      if (trace.enabled) trace.end(span, decisionAttributes(profile, placement, ending));
    };
    trace.within(span, () => {
      const detail = trace.enabled && this.cache.nodes.length <= DETAIL_NODES;
      const placement = this.#algorithm.place(profile, queued.info, detail);
      if (!placement.node) {
        const failure = this.#explain(profile, placement);
        const { reason, message, preemption } = failure;
        const outcome = reason === 'Unschedulable' ? 'unschedulable' : 'error';
        record(placement, { outcome, message, ...(preemption ? { preemption } : {}) });
        this.#fail(profile, queued, failure);
        return;
      }
      record(placement, { outcome: 'scheduled' });
      this.#assume(profile, queued, placement, placement.node.name);
    });
  }

  /** Counts the Pod on its node, and sends it on to binding unless a plugin objects. */
  #assume(profile: RunningProfile, queued: QueuedPod, { cycle }: Placement, nodeName: string): void {
    const { info } = queued;
    const { framework } = profile;
    this.cache.assume(info, nodeName);
    this.nominations.delete(info.uid);
    const refusal = framework.reserve(cycle, info, nodeName);
    const { refusal: notPermitted, waitFor } = refusal ? { refusal } : framework.permit(cycle, info, nodeName);
    const later = (delayMs: number, verdict?: Status): void =>
      void this.#kernel.after(delayMs, this.#component, () => proceed(verdict));
    const proceed = (verdict: Status | undefined): void => {
      const prepared = verdict ?? framework.preBind(cycle, info, nodeName);
      if (prepared?.code === 'Wait' && this.#pods.getByKey(info.key)) {
        this.queue.hold(queued);
        later(PRE_BIND_POLL_MS);
        return;
      }
      const status = prepared ?? this.#bind(profile, queued, cycle, nodeName);
      if (!status) return;
      framework.unreserve(cycle, info, nodeName);
      this.cache.forget(info.key);
      this.#fail(profile, queued, failureOf(status));
      this.queue.moveAll({ action: 'AssignedPodDelete', old: info.pod }, queued);
    };
    if (notPermitted) {
      proceed(notPermitted);
      return;
    }
    // Others should know where the Pod will run when that takes longer than a moment.
    if (waitFor || framework.needsPreBind(cycle, info, nodeName)) nominate(this.#client, info.pod, nodeName);
    if (!waitFor) {
      later(BINDING_MS);
      return;
    }
    const { trace } = this.#kernel;
    const cause = trace.current;
    this.queue.hold(queued);
    this.waiting.hold(info, nodeName, waitFor, (verdict) => {
      trace.within(cause, () => later(BINDING_MS, verdict));
    });
  }

  #bind(
    { framework, recorder }: RunningProfile,
    queued: QueuedPod,
    cycle: Cycle,
    nodeName: string,
  ): Status | undefined {
    const { info } = queued;
    const { pod } = info;
    const extended = bindByExtender(this.#extenders, info, nodeName);
    const status = extended ? extended.failure : framework.bind(cycle, info, nodeName);
    if (status) {
      const text = `running Bind plugin "${status.plugin}": ${messageOf(status)}`;
      return { ...status, reasons: [text] };
    }
    this.queue.done(queued);
    framework.postBind(cycle, info, nodeName);
    recorder.record(
      pod,
      'Normal',
      'Scheduled',
      'Binding',
      sharedText(`Successfully assigned ${info.key} to ${nodeName}`),
    );
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
    const outdone = this.nominations.below(preemptor, nodeName);
    for (const pod of outdone) this.nominations.delete(pod.uid);
    const { schedulerName, recorder } = this.#profileOf(preemptor.pod);
    const note = `Preempted by pod ${preemptor.uid} on node ${nodeName}`;
    this.#kernel.after(BINDING_MS, this.#component, () => {
      for (const { key } of outdone) endNomination(this.#client, this.#pods.getByKey(key));
      for (const { pod, uid } of victims) {
        const held = this.waiting.reject(uid, status('Unschedulable', 'DefaultPreemption', 'preempted'));
        if (!held && !evict(this.#client, pod, schedulerName, this.#kernel.now)) continue;
        recorder.record(pod, 'Normal', 'Preempted', 'Preempting', note, preemptor.pod);
      }
    });
  }

  /** Lets plugins make room, and puts what stood in the way into words. */
  #explain({ framework }: RunningProfile, { cycle, rejections, status, rejectedBy }: Placement): Failure {
    if (rejections.total === 0) {
      const message = 'no nodes available to schedule pods';
      return { message, rejectedBy: NO_PLUGINS, reason: 'Unschedulable', nominatedNodeName: '' };
    }
    if (status && !isRejected(status)) return failureOf(status);
    const found = status ? preFilterMessage(rejections.total, messageOf(status)) : fitMessage(rejections);
    const made = framework.postFilter(cycle, rejections);
    const message = made.status && made.status.reasons.length > 0 ? `${found} ${messageOf(made.status)}` : found;
    const { nominatedNodeName } = made;
    const nomination = nominatedNodeName === undefined ? {} : { nominatedNodeName };
    return { message, rejectedBy, reason: 'Unschedulable', ...nomination, preemption: made };
  }

  /** Puts the Pod back into the queue and says why, in an event and in its status. */
  #fail({ recorder }: RunningProfile, queued: QueuedPod, failure: Failure): void {
    const { pod } = queued.info;
    const { message, rejectedBy, nominatedNodeName } = failure;
    if (nominatedNodeName !== undefined) this.nominations.set(queued.info, nominatedNodeName);
    const current = this.#pods.get(pod.metadata.namespace, pod.metadata.name);
    if (current && !current.spec.nodeName) this.queue.putBack(queued, current, rejectedBy);
    else this.queue.done(queued);
    recorder.record(pod, 'Warning', 'FailedScheduling', 'Scheduling', message);
    markUnscheduled(this.#client, pod, failure, this.#kernel.now);
  }
}

const refuseConnection: PostJson = (url) => {
  throw new Error(`Post "${url}": dial tcp: connect: connection refused`);
};

const backoffLimits = ({ podInitialBackoffSeconds = 1, podMaxBackoffSeconds = 10 }: KubeSchedulerConfiguration) => ({
  firstMs: podInitialBackoffSeconds * 1_000,
  longestMs: podMaxBackoffSeconds * 1_000,
});

function failureOf(status: Status): Failure {
  const rejected = isRejected(status);
  return {
    message: rejected ? refusedMessage(status) : messageOf(status),
    rejectedBy: rejected ? new Set([status.plugin]) : NO_PLUGINS,
    reason: rejected ? 'Unschedulable' : 'SchedulerError',
    nominatedNodeName: '',
  };
}
