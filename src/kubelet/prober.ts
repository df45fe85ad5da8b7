import type { Kernel, Timer } from '../kernel/index.ts';
import type { Probe } from '../api/types.ts';
import { runProbe, type ActionTarget, type Actors } from './actions.ts';
import type { ContainerRef } from './names.ts';
import type { ContainerInstance } from './runtime/cri.ts';

export type ProbeType = 'startup' | 'liveness' | 'readiness';
export type ProbeVerdict = 'unknown' | 'success' | 'failure';

const INITIAL: Readonly<Record<ProbeType, ProbeVerdict>> = {
  startup: 'unknown',
  liveness: 'success',
  readiness: 'failure',
};
const TITLE: Readonly<Record<ProbeType, string>> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' };

/** What a prober needs of its Pod's worker. */
export interface ProbeHost {
  readonly kernel: Kernel;
  readonly component: string;
  readonly actors: Actors;
  /** The container; undefined before a status showed it. */
  target(ref: ContainerRef): ActionTarget | undefined;
  /** Whether the last status showed it running: probes go on until a status says that it ended. */
  running(ref: ContainerRef): boolean;
  started(instance: ContainerInstance, ref: ContainerRef): boolean;
  /** The Pod is being deleted. */
  deleting(): boolean;
  event(ref: ContainerRef, type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** The verdict changed. */
  verdict(ref: ContainerRef, type: ProbeType, verdict: ProbeVerdict): void;
}

/** Probes one container in one way, period by period, for as long as its Pod has it. */
export class Prober {
  readonly ref: ContainerRef;
  readonly type: ProbeType;
  readonly probe: Probe;
  readonly #host: ProbeHost;
  #verdict: ProbeVerdict;
  #instanceId = '';
  #lastOk: boolean | undefined;
  #run = 0;
  /** Nothing more to find out until there is a new instance. */
  #onHold = false;
  #stopped = false;
  #triggered = false;
  /** Where the ticks start; a manual run moves it. */
  #base: number;
  #timer: Timer | undefined;
  #abandon: (() => void) | undefined;

  constructor(host: ProbeHost, ref: ContainerRef, type: ProbeType, probe: Probe) {
    this.#host = host;
    this.ref = ref;
    this.type = type;
    this.probe = probe;
    this.#verdict = INITIAL[type];
    this.#base = host.kernel.now;
    this.#wait();
  }

  /** What is known of this instance; the initial verdict when it was not probed yet. */
  verdictOf(instance: ContainerInstance): ProbeVerdict {
    return instance.id === this.#instanceId ? this.#verdict : this.type === 'liveness' ? 'success' : 'unknown';
  }

  /** Probes at once, or right after the probe under way. */
  trigger(): void {
    if (this.#stopped) return;
    if (this.#abandon) {
      this.#triggered = true;
      return;
    }
    if (this.#triggered) return;
    this.#triggered = true;
    this.#timer?.cancel();
    this.#timer = this.#host.kernel.after(0, this.#host.component, () => this.#tick());
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#abandon?.();
  }

  get #periodMs(): number {
    return (this.probe.periodSeconds ?? 10) * 1000;
  }

  #wait(): void {
    if (this.#stopped) return;
    const { kernel, component } = this.#host;
    if (this.#triggered) {
      this.#timer = kernel.after(0, component, () => this.#tick());
      return;
    }
    const due = this.#base + (Math.floor((kernel.now - this.#base) / this.#periodMs) + 1) * this.#periodMs;
    this.#timer = kernel.after(due - kernel.now, component, () => this.#tick(), { background: !this.#awaited });
  }

  /** Whether a cluster at rest would still wait for the next tick: the container's start is not decided yet. */
  get #awaited(): boolean {
    if (this.#onHold || this.#host.deleting()) return false;
    const target = this.#host.target(this.ref);
    if (!target || !this.#host.running(this.ref)) return false;
    if (this.type === 'startup') return this.verdictOf(target.instance) !== 'success';
    return this.type === 'readiness' && (this.#lastOk === undefined || this.#lastOk) && this.#verdict !== 'success';
  }

  #tick(): void {
    if (this.#stopped) return;
    if (this.#triggered) {
      this.#triggered = false;
      this.#base = this.#host.kernel.now;
    }
    if (!this.#probeNow()) this.#wait();
  }

  /** Starts a probe if it is time for one. */
  #probeNow(): boolean {
    const host = this.#host;
    const target = host.target(this.ref);
    if (!target) return false;
    const { instance } = target;
    if (instance.id !== this.#instanceId) {
      this.#instanceId = instance.id;
      this.#onHold = false;
      this.#run = 0;
      this.#lastOk = undefined;
      this.#verdict = INITIAL[this.type];
      if (this.type !== 'liveness') host.verdict(this.ref, this.type, this.#verdict);
    }
    if (this.#onHold) return false;
    if (!host.running(this.ref)) {
      this.#set('failure');
      return false;
    }
    if (host.deleting() && this.type !== 'readiness') {
      this.#verdict = 'success';
      this.stop();
      return true;
    }
    if (host.kernel.now - instance.startedAt < (this.probe.initialDelaySeconds ?? 0) * 1000) return false;
    if (host.started(instance, this.ref) === (this.type === 'startup')) return false;
    const { trace } = host.kernel;
    const span = trace.start(
      host.component,
      `${this.type} probe ${target.pod.metadata.name}/${this.ref.container.name}`,
    );
    let answered = false;
    const abandon = trace.within(span, () =>
      runProbe(host.actors, target, this.probe, ({ ok, detail, errored }) => {
        answered = true;
        this.#abandon = undefined;
        trace.end(span, { ok, detail });
        if (!errored) trace.within(span, () => this.#learn(ok, detail));
        this.#wait();
      }),
    );
    if (!answered) this.#abandon = abandon;
    return true;
  }

  #learn(ok: boolean, detail: string): void {
    if (this.#stopped) return;
    if (!ok) this.#host.event(this.ref, 'Warning', 'Unhealthy', `${TITLE[this.type]} probe failed: ${detail}`);
    this.#run = this.#lastOk === ok ? this.#run + 1 : 1;
    this.#lastOk = ok;
    if (this.#run < (ok ? (this.probe.successThreshold ?? 1) : (this.probe.failureThreshold ?? 3))) return;
    if (!ok && this.type !== 'readiness') {
      this.#onHold = true;
      this.#run = 0;
    }
    this.#set(ok ? 'success' : 'failure');
  }

  #set(verdict: ProbeVerdict): void {
    if (verdict === this.#verdict) return;
    this.#verdict = verdict;
    this.#host.verdict(this.ref, this.type, verdict);
  }
}
