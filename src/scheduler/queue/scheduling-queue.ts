import { keyOf } from '../../api/meta.ts';
import type { Pod } from '../../api/types.ts';
import type { Kernel, Timer } from '../../kernel/index.ts';
import { podInfo } from '../cache/pod-info.ts';
import type { ClusterEvent, PodEvent } from '../framework/cluster-event.ts';
import type { Framework } from '../framework/framework.ts';
import { BACKOFF_LIMITS, backoffUntil, isBackingOff, type BackoffLimits } from './backoff.ts';
import { PodHeap } from './pod-heap.ts';
import { NO_PLUGINS, queuedPod, type QueuedPod } from './queued-pod.ts';

/** A Pod waits this long for an event that lets it in; then it is tried anyway. */
const LONGEST_UNSCHEDULABLE_MS = 300_000;
const FLUSH_UNSCHEDULABLE_MS = 30_000;
/** A retry that far away is nothing that a cluster at rest is waited for. */
const BACKGROUND_MS = 10_000;

export interface SchedulingQueueOptions {
  readonly kernel: Kernel;
  /** Order of the active queue: negative when `a` goes first. */
  readonly less: (a: QueuedPod, b: QueuedPod) => number;
  /** The plugins that decide about a Pod. */
  readonly frameworkOf: (pod: Pod) => Framework;
  /** Lane of its timers. */
  readonly component: string;
  /** The span that causes what is queued now; asked only when something is. */
  readonly cause: () => number;
  /** Called when a Pod can be popped. */
  readonly onReady: () => void;
  /** kube-scheduler's defaults unless given. */
  readonly backoff?: BackoffLimits;
}

const NO_EVENTS: readonly ClusterEvent[] = [];

/**
 * The Pods that wait for a node. Those to be tried are in the active queue, by priority, then age. One that
 * fits nowhere becomes unschedulable until something happens that may change that in the eyes of a plugin that
 * rejected it; then it is tried again, after its back-off. When there is nothing else to do, back-offs of Pods
 * that merely did not fit are cut short.
 */
export class SchedulingQueue {
  readonly #kernel: Kernel;
  readonly #frameworkOf: SchedulingQueueOptions['frameworkOf'];
  readonly #component: string;
  readonly #cause: () => number;
  readonly #onReady: () => void;
  readonly #limits: BackoffLimits;
  readonly #pods = new Map<string, QueuedPod>();
  /** What has happened since Pods were popped that are held before their binding: that may help them, too. */
  readonly #sincePopped = new Map<QueuedPod, ClusterEvent[]>();
  readonly #active: PodHeap;
  /** Pods that did not fit, by window of their back-off's end, then as in the active queue. */
  readonly #backoff: PodHeap;
  /** Pods with which something went wrong: these wait to the end. */
  readonly #errors: PodHeap;
  readonly #unschedulable = new Set<QueuedPod>();
  /** The same by the plugins that have rejected them. */
  readonly #waitingFor = new Map<string, Set<QueuedPod>>();
  #sequence = 0;
  #backoffTimer: Timer | undefined;
  #flushTimer: Timer | undefined;

  constructor(options: SchedulingQueueOptions) {
    const { kernel, less, frameworkOf, component, cause, onReady, backoff = BACKOFF_LIMITS } = options;
    this.#kernel = kernel;
    this.#limits = backoff;
    this.#frameworkOf = frameworkOf;
    this.#component = component;
    this.#cause = cause;
    this.#onReady = onReady;
    const inOrder = (a: QueuedPod, b: QueuedPod): number => less(a, b) || a.sequence - b.sequence;
    const byExpiry = (a: QueuedPod, b: QueuedPod): number => a.backoffUntil - b.backoffUntil || inOrder(a, b);
    this.#active = new PodHeap(inOrder);
    this.#backoff = new PodHeap(byExpiry);
    this.#errors = new PodHeap(byExpiry);
  }

  /** True when pop() has something to give. */
  get ready(): boolean {
    return this.#active.size > 0 || this.#backoff.size > 0;
  }

  get sizes(): { active: number; backoff: number; unschedulable: number } {
    return {
      active: this.#active.size,
      backoff: this.#backoff.size + this.#errors.size,
      unschedulable: this.#unschedulable.size,
    };
  }

  add(pod: Pod): void {
    const info = podInfo(pod);
    const known = this.#pods.get(info.key);
    if (known) {
      known.info = podInfo(pod, known.info);
      return;
    }
    const queued = queuedPod(info, this.#kernel.now, this.#cause());
    this.#pods.set(info.key, queued);
    this.#requeue(queued);
  }

  /** Takes over a new version of a waiting Pod; `events` says what about it may let it in now. */
  update(pod: Pod, events: readonly PodEvent[]): void {
    const queued = this.#pods.get(keyOf(pod));
    if (!queued) {
      this.add(pod);
      return;
    }
    queued.info = podInfo(pod, queued.info);
    if (queued.where !== 'unschedulable' || !events.some((event) => this.#helps(queued, event))) return;
    queued.cause = this.#cause();
    this.#requeue(queued);
  }

  delete(key: string): void {
    const queued = this.#pods.get(key);
    if (!queued) return;
    this.#pods.delete(key);
    this.#take(queued);
  }

  /** The next Pod to try. It stays known until done() or one of the ways back. */
  pop(): QueuedPod | undefined {
    const queued = this.#active.peek() ?? this.#backoff.peek();
    if (!queued) return undefined;
    this.#take(queued);
    queued.attempts++;
    return queued;
  }

  /** The Pod will be held for a while, with a node: remembers what happens meanwhile, should it come back. */
  hold(queued: QueuedPod): void {
    if (!this.#sincePopped.has(queued)) this.#sincePopped.set(queued, []);
  }

  /** The Pod needs no more trying. */
  done(queued: QueuedPod): void {
    this.#sincePopped.delete(queued);
    if (this.#pods.get(queued.info.key) === queued) this.#pods.delete(queued.info.key);
  }

  /**
   * Puts back a Pod that did not make it. Rejected by plugins, it waits for events; without any to blame,
   * something went wrong and it is tried again after a back-off.
   */
  putBack(queued: QueuedPod, pod: Pod, rejectedBy: ReadonlySet<string>): void {
    const missed = this.#sincePopped.get(queued) ?? NO_EVENTS;
    this.#sincePopped.delete(queued);
    const known = this.#pods.get(queued.info.key);
    if (known && known !== queued) return;
    this.#pods.set(queued.info.key, queued);
    queued.info = podInfo(pod, queued.info);
    queued.timestamp = this.#kernel.now;
    queued.rejectedBy = rejectedBy;
    queued.cause = this.#cause();
    if (rejectedBy.size === 0) {
      queued.errorCount++;
      queued.backoffUntil = backoffUntil(queued, this.#limits);
      this.#backOff(queued);
      return;
    }
    queued.unschedulableCount++;
    queued.errorCount = 0;
    queued.backoffUntil = backoffUntil(queued, this.#limits);
    if (missed.some((event) => this.#helps(queued, event))) this.#requeue(queued);
    else this.#park(queued);
  }

  /** Something happened in the cluster: brings back the unschedulable Pods that it may help, but `except` for one. */
  moveAll(event: ClusterEvent, except?: QueuedPod): void {
    for (const missed of this.#sincePopped.values()) missed.push(event);
    if (this.#unschedulable.size === 0) return;
    // Many may wait, most of them for events of other kinds: only those that wait for such a one are looked at.
    for (const [plugin, waiting] of this.#waitingFor) {
      if (waiting.size === 0) continue;
      const [first] = waiting;
      if (!this.#frameworkOf(first!.info.pod).cares(plugin, event.action)) continue;
      for (const queued of [...waiting]) {
        if (queued === except || !this.#frameworkOf(queued.info.pod).helps(plugin, queued.info, event)) continue;
        queued.cause = this.#cause();
        this.#requeue(queued);
      }
    }
  }

  stop(): void {
    this.#backoffTimer?.cancel();
    this.#flushTimer?.cancel();
    this.#backoffTimer = this.#flushTimer = undefined;
  }

  /** Lets the Pod be tried, now or when its back-off ends, unless a PreEnqueue plugin keeps it back. */
  #requeue(queued: QueuedPod): void {
    const refusal = this.#frameworkOf(queued.info.pod).preEnqueue(queued.info.pod);
    queued.gatedBy = refusal?.plugin;
    if (refusal) {
      this.#take(queued);
      queued.rejectedBy = new Set([refusal.plugin]);
      this.#park(queued);
    } else if (isBackingOff(queued, this.#kernel.now)) {
      this.#backOff(queued);
    } else {
      this.#activate(queued);
    }
  }

  #activate(queued: QueuedPod): void {
    this.#take(queued);
    queued.rejectedBy = NO_PLUGINS;
    queued.sequence = this.#sequence++;
    queued.where = 'active';
    this.#active.push(queued);
    this.#onReady();
  }

  #backOff(queued: QueuedPod): void {
    this.#take(queued);
    queued.where = 'backoff';
    (queued.errorCount > 0 ? this.#errors : this.#backoff).push(queued);
    this.#armBackoff();
    if (queued.errorCount === 0) this.#onReady();
  }

  #park(queued: QueuedPod): void {
    this.#take(queued);
    queued.where = 'unschedulable';
    this.#unschedulable.add(queued);
    for (const plugin of queued.rejectedBy) {
      const waiting = this.#waitingFor.get(plugin);
      if (waiting) waiting.add(queued);
      else this.#waitingFor.set(plugin, new Set([queued]));
    }
    this.#armFlush();
  }

  #take(queued: QueuedPod): void {
    if (queued.where === 'active') this.#active.remove(queued);
    else if (queued.where === 'backoff') (queued.errorCount > 0 ? this.#errors : this.#backoff).remove(queued);
    else if (queued.where === 'unschedulable') this.#unpark(queued);
    queued.where = 'none';
  }

  #unpark(queued: QueuedPod): void {
    this.#unschedulable.delete(queued);
    for (const plugin of queued.rejectedBy) this.#waitingFor.get(plugin)?.delete(queued);
  }

  /** A copy: Pods leave, and some come back, while one goes through them. */
  #parked(): QueuedPod[] {
    return [...this.#unschedulable];
  }

  #helps(queued: QueuedPod, event: ClusterEvent): boolean {
    const framework = this.#frameworkOf(queued.info.pod);
    for (const plugin of queued.rejectedBy) if (framework.helps(plugin, queued.info, event)) return true;
    return false;
  }

  /** Wakes up when the next back-off ends. */
  #armBackoff(): void {
    const next = Math.min(
      this.#backoff.peek()?.backoffUntil ?? Infinity,
      this.#errors.peek()?.backoffUntil ?? Infinity,
    );
    if (next === Infinity || (this.#backoffTimer?.active && this.#backoffTimer.due <= next)) return;
    this.#backoffTimer?.cancel();
    const delayMs = next - this.#kernel.now;
    const background = delayMs >= BACKGROUND_MS - 1_000;
    this.#backoffTimer = this.#kernel.after(delayMs, this.#component, () => this.#flushBackoff(), { background });
  }

  #flushBackoff(): void {
    const now = this.#kernel.now;
    for (const heap of [this.#errors, this.#backoff]) {
      for (let top = heap.peek(); top && top.backoffUntil <= now; top = heap.peek()) this.#activate(top);
    }
    this.#armBackoff();
  }

  #armFlush(): void {
    if (this.#flushTimer?.active) return;
    const flush = (): void => {
      const { now } = this.#kernel;
      for (const queued of this.#parked()) {
        if (!queued.gatedBy && now - queued.timestamp > LONGEST_UNSCHEDULABLE_MS) this.#requeue(queued);
      }
      if (this.#unschedulable.size > 0) this.#armFlush();
    };
    this.#flushTimer = this.#kernel.after(FLUSH_UNSCHEDULABLE_MS, this.#component, flush, { background: true });
  }
}
