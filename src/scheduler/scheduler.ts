import type { Pod } from '../api/types.ts';
import type { PodInfo } from './cache/pod-info.ts';
import { causeNow, InformerFactory, type Client, type SharedInformer } from '../client/index.ts';
import type { Kernel, Timer } from '../kernel/index.ts';
import { BindingCycle, bindThroughApi, BINDING_MS } from './binding-cycle.ts';
import { SchedulerCache } from './cache/cache.ts';
import { claimWrites } from './claim-writes.ts';
import { watchCluster } from './cluster-watch.ts';
import { profilesOf } from './configuration/profiles.ts';
import { decisionAttributes, type Ending } from './decision-attributes.ts';
import { PodEventRecorder } from './event-recorder.ts';
import { preemptByExtenders, type Extender } from './extender.ts';
import { explain, type Failure } from './failure.ts';
import { Framework } from './framework/framework.ts';
import { informerListers } from './informer-listers.ts';
import type { Listers } from './framework/listers.ts';
import type { Handle } from './framework/plugin.ts';
import { status } from './framework/status.ts';
import { defaultProfile } from './plugins/default-profile.ts';
import type { Profile, RunningProfile } from './profile.ts';
import { endNomination, markUnscheduled } from './pod-condition.ts';
import type { QueuedPod } from './queue/queued-pod.ts';
import { SchedulingQueue } from './queue/scheduling-queue.ts';
import { backoffLimits, extendersOf, type SchedulerOptions } from './scheduler-options.ts';
import { DETAIL_NODES, SchedulingAlgorithm, type Placement } from './scheduling-algorithm.ts';
import { Nominations } from './preemption/nominations.ts';
import { evict } from './preemption/evict.ts';
import { bindVolume, selectNode } from './volume-writes.ts';
import { WaitingPods } from './waiting-pods.ts';

/** What one scheduling cycle takes. */
const CYCLE_MS = 0.5;

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
  readonly #binding: BindingCycle;
  #next: Timer | undefined;
  #running = false;

  constructor(options: SchedulerOptions) {
    const { kernel, client, informers, component = 'kube-scheduler', host = 'control-plane' } = options;
    this.#kernel = kernel;
    this.#client = client;
    this.#component = component;
    this.#extenders = extendersOf(options);
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
      backoff: backoffLimits(options),
    });
    this.#algorithm = new SchedulingAlgorithm(
      this.cache,
      this.nominations,
      kernel.random('scheduler'),
      this.#extenders,
    );
    const { cache, queue, nominations, waiting } = this;
    const isOurs = ({ spec }: Pod): boolean => this.#profiles.has(spec.schedulerName ?? '');
    this.#pods = watchCluster({ informers: this.#informers, cache, queue, nominations, waiting, isOurs });
    this.#binding = new BindingCycle({
      kernel,
      component,
      client,
      cache,
      queue,
      nominations,
      waiting,
      extenders: this.#extenders,
      isThere: (key) => this.#pods.getByKey(key) !== undefined,
      failed: (profile, queued, failure) => this.#fail(profile, queued, failure),
    });
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
      bind: (pod, nodeName) => bindThroughApi(this.#client, pod, nodeName),
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
        const failure = explain(profile.framework, placement);
        const { reason, message, preemption } = failure;
        const outcome = reason === 'Unschedulable' ? 'unschedulable' : 'error';
        record(placement, { outcome, message, ...(preemption ? { preemption } : {}) });
        this.#fail(profile, queued, failure);
        return;
      }
      record(placement, { outcome: 'scheduled' });
      this.#binding.begin(profile, queued, placement.cycle, placement.node.name);
    });
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
        recorder.record(pod, 'Normal', 'Preempted', 'Preempting', note);
      }
    });
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
