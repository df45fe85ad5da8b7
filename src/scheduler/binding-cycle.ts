import { PodKind } from '../api/core/pod.ts';
import type { Pod } from '../api/types.ts';
import type { Client } from '../client/index.ts';
import type { Kernel } from '../kernel/index.ts';
import type { SchedulerCache } from './cache/cache.ts';
import { bindByExtender, type Extender } from './extender.ts';
import { failureOf, type Failure } from './failure.ts';
import type { Cycle } from './framework/cycle.ts';
import { messageOf, type Status } from './framework/status.ts';
import { nominate } from './pod-condition.ts';
import type { Nominations } from './preemption/nominations.ts';
import type { RunningProfile } from './profile.ts';
import type { QueuedPod } from './queue/queued-pod.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';
import type { WaitingPods } from './waiting-pods.ts';

/** What the way from the end of a scheduling cycle to the start of a binding takes. */
export const BINDING_MS = 0.5;
/** How often a PreBind plugin that needs more time is asked again. */
const PRE_BIND_POLL_MS = 1_000;

export interface BindingCycleOptions {
  readonly kernel: Kernel;
  readonly component: string;
  readonly client: Client;
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  readonly nominations: Nominations;
  readonly waiting: WaitingPods;
  readonly extenders: readonly Extender[];
  /** Whether the API still has a Pod, by its key. */
  readonly isThere: (key: string) => boolean;
  /** Called with a Pod that could not be bound. */
  readonly failed: (profile: RunningProfile, queued: QueuedPod, failure: Failure) => void;
}

/** A Pod on its way to the node that was chosen for it. */
interface Bound {
  readonly profile: RunningProfile;
  readonly queued: QueuedPod;
  readonly cycle: Cycle;
  readonly nodeName: string;
}

/**
 * What follows a decision: Reserve, Permit, PreBind, Bind and PostBind. The Pod counts on its node at once; binding
 * is an event of its own, so that the next Pod need not wait for it.
 */
export class BindingCycle {
  readonly #options: BindingCycleOptions;

  constructor(options: BindingCycleOptions) {
    this.#options = options;
  }

  /** Counts the Pod on its node, and sends it on to binding unless a plugin objects. */
  begin(profile: RunningProfile, queued: QueuedPod, cycle: Cycle, nodeName: string): void {
    const { kernel, client, cache, queue, nominations, waiting } = this.#options;
    const { info } = queued;
    const { framework } = profile;
    const bound: Bound = { profile, queued, cycle, nodeName };
    cache.assume(info, nodeName);
    nominations.delete(info.uid);
    const reserved = framework.reserve(cycle, info, nodeName);
    const { refusal, waitFor } = reserved ? { refusal: reserved } : framework.permit(cycle, info, nodeName);
    if (refusal) {
      this.#giveUp(bound, refusal);
      return;
    }
    // Others should know where the Pod will run when that takes longer than a moment.
    if (waitFor || framework.needsPreBind(cycle, info, nodeName)) nominate(client, info.pod, nodeName);
    if (!waitFor) {
      this.#after(BINDING_MS, () => this.#proceed(bound));
      return;
    }
    const cause = kernel.trace.current;
    queue.hold(queued);
    waiting.hold(info, nodeName, waitFor, (verdict) => {
      kernel.trace.within(cause, () => {
        this.#after(BINDING_MS, () => (verdict ? this.#giveUp(bound, verdict) : this.#proceed(bound)));
      });
    });
  }

  #after(delayMs: number, run: () => void): void {
    this.#options.kernel.after(delayMs, this.#options.component, run);
  }

  #proceed(bound: Bound): void {
    const { queue, isThere } = this.#options;
    const { profile, queued, cycle, nodeName } = bound;
    const prepared = profile.framework.preBind(cycle, queued.info, nodeName);
    if (prepared?.code === 'Wait' && isThere(queued.info.key)) {
      queue.hold(queued);
      this.#after(PRE_BIND_POLL_MS, () => this.#proceed(bound));
      return;
    }
    const refusal = prepared ?? this.#bind(bound);
    if (refusal) this.#giveUp(bound, refusal);
  }

  /** Takes back what was reserved: the Pod has to look for a node again, and others may have its room. */
  #giveUp({ profile, queued, cycle, nodeName }: Bound, refusal: Status): void {
    const { cache, queue, failed } = this.#options;
    const { info } = queued;
    profile.framework.unreserve(cycle, info, nodeName);
    cache.forget(info.key);
    failed(profile, queued, failureOf(refusal));
    queue.moveAll({ action: 'AssignedPodDelete', old: info.pod }, queued);
  }

  #bind({ profile: { framework, recorder }, queued, cycle, nodeName }: Bound): Status | undefined {
    const { extenders, queue } = this.#options;
    const { info } = queued;
    const extended = bindByExtender(extenders, info, nodeName);
    const refusal = extended ? extended.failure : framework.bind(cycle, info, nodeName);
    if (refusal) {
      const text = `running Bind plugin "${refusal.plugin}": ${messageOf(refusal)}`;
      return { ...refusal, reasons: [text] };
    }
    queue.done(queued);
    framework.postBind(cycle, info, nodeName);
    // Joined, which makes one text of it; no other Pod says the same, so it is not shared.
    const note = ['Successfully assigned', info.key, 'to', nodeName].join(' ');
    recorder.record(info.pod, 'Normal', 'Scheduled', 'Binding', note);
    return undefined;
  }
}

/** Binds a Pod through its subresource. Throws ApiError. */
export function bindThroughApi(client: Client, pod: Pod, nodeName: string): void {
  const { name, namespace, uid } = pod.metadata;
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace, uid },
    target: { kind: 'Node', name: nodeName },
  };
  client.resource(PodKind).subresource(name, namespace, 'binding', 'create', binding, { trusted: true });
}
