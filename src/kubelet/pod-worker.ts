import { parseTime } from '../api/meta.ts';
import type { Pod, PodStatus } from '../api/types.ts';
import type { Timer } from '../kernel/index.ts';
import { killContainer, killContainers } from './container-killer.ts';
import { restartKey, startContainer, type StartEffects } from './container-starter.ts';
import type { StartFailure } from './container-status.ts';
import { containersOf, type ContainerRef } from './names.ts';
import { isOlder, specChanged } from './pod-changes.ts';
import { podStatus, withEverythingTerminated, withReadiness, withStarted } from './pod-status.ts';
import { PodView } from './pod-view.ts';
import { prepareDevices } from './pod-devices.ts';
import { changedContainers, PodResize } from './pod-resize.ts';
import { PodVolumes } from './pod-volumes.ts';
import type { ProbeHost, ProbeType, ProbeVerdict } from './prober.ts';
import { ProberSet } from './prober-set.ts';
import { RuntimeError, type ContainerInstance, type Sandbox } from './runtime/cri.ts';
import { sandboxConfig } from './sandbox-config.ts';
import { StartError } from './start-error.ts';
import { watchStorage, type StorageWatch } from './storage-watch.ts';
import { syncPlan } from './sync-plan.ts';
import { all, call, Running, type Task } from './task.ts';
import type { WorkerContext } from './worker-context.ts';

const RETRY_MS = 10_000;
const RESYNC_MS = 60_000;
/** Retries and resyncs come up to this share later, so that Pods do not move in step. */
const JITTER = 0.5;
/** From the end of a sync that started something to the look at the runtime that it asks for. */
const RELIST_ON_DEMAND_MS = 10;
const DEADLINE = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

type Stage = 'syncing' | 'terminating' | 'terminated' | 'finished';

/**
 * Brings one Pod's containers to what its spec says, and tells the API server how far it got. One sync runs at
 * a time; what happens meanwhile asks for another one. A Pod that is deleted, failed or finished goes through
 * terminating (its containers stop) and terminated (what is left is cleaned up) to its end.
 */
export class PodWorker {
  readonly #context: WorkerContext;
  readonly #view: PodView;
  #stage: Stage = 'syncing';
  #running: Running | undefined;
  #wanted = false;
  #next: Timer | undefined;
  #retry: Timer | undefined;
  #deadline: Timer | undefined;
  #storage: StorageWatch | undefined;
  #lastSyncEnd = -Infinity;
  /** What the sync under way did at the runtime. */
  readonly #effects: StartEffects = { started: false, killed: false };
  /** A container was started and died within one sync: the looks at the runtime tell of both, one after the other. */
  #echo = false;
  #admitted = false;
  /** No longer in the API. */
  #removed = false;
  #failures: Map<string, StartFailure> | undefined;
  readonly #volumes: PodVolumes;
  readonly #probers = new ProberSet();
  /** Instances that the last status showed, for the probers. */
  #shown: Map<string, { readonly instance: ContainerInstance; readonly running: boolean }> | undefined;
  /** The spec for which the containers were last looked after; and what comes of other resources in a newer one. */
  #spec: Pod['spec'] | undefined;
  #resize: PodResize | undefined;
  /** Containers that are to be restarted for resources that they are given. */
  #resized: ReadonlySet<string> | undefined;
  #verdict: { readonly reason: string; readonly message: string } | undefined;

  constructor(context: WorkerContext, pod: Pod) {
    this.#context = context;
    this.#view = new PodView(context, pod);
    this.#volumes = new PodVolumes(this.#view);
    if (pod.metadata.deletionTimestamp) this.#stage = 'terminating';
    this.#watchDeadline();
    this.#poke();
  }

  get pod(): Pod {
    return this.#view.pod;
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** The API server has a new version of the Pod. */
  update(pod: Pod): void {
    const old = this.#view.pod;
    if (isOlder(pod, old)) return;
    this.#view.pod = pod;
    if (pod.metadata.deletionTimestamp && this.#stage === 'syncing') {
      this.#terminate();
      return;
    }
    if (this.#stage === 'terminating' && graceOf(pod) < graceOf(old)) this.#hurry();
    else if (specChanged(old, pod)) this.#poke();
  }

  /** The Pod is gone from the API: its containers go too. */
  remove(): void {
    this.#removed = true;
    if (this.#stage === 'syncing') this.#terminate();
    else if (this.#stage === 'terminated') this.#poke();
  }

  /** A container exited; the next look at the runtime notices. */
  exited(): void {
    this.#pokeAt(this.#context.relist.nextTick());
  }

  /** Forgets the Pod without touching its containers: the kubelet stops. */
  stop(): void {
    this.#running?.cancel();
    this.#running = undefined;
    this.#next?.cancel();
    this.#retry?.cancel();
    this.#deadline?.cancel();
    this.#storage?.stop();
    this.#probers.stop();
    this.#stage = 'finished';
  }

  // When to sync

  /** Asks for a sync as soon as there is a look at the runtime younger than the last one. */
  #poke(): void {
    this.#pokeAt(this.#context.relist.freshAfter(this.#lastSyncEnd));
  }

  #pokeAt(time: number): void {
    if (this.#stage === 'finished') return;
    if (this.#running) {
      this.#wanted = true;
      return;
    }
    if (this.#next && this.#next.due <= time) return;
    this.#next?.cancel();
    const { kernel, component } = this.#context;
    this.#next = kernel.after(time - kernel.now, component, () => this.#sync());
  }

  #retryAfter(ms: number): void {
    const { kernel, component, relist } = this.#context;
    const jittered = ms * (1 + JITTER * kernel.random(component).next());
    const due = relist.nextTick(kernel.now + jittered);
    this.#retry?.cancel();
    this.#retry = kernel.after(due - kernel.now, component, () => this.#pokeAt(kernel.now), { background: true });
  }

  #sync(): void {
    const { kernel, component } = this.#context;
    this.#next = undefined;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#wanted = false;
    this.#effects.started = false;
    this.#effects.killed = false;
    const { name, namespace } = this.#view.pod.metadata;
    const title = { syncing: 'sync', terminating: 'terminate', terminated: 'clean up', finished: '' }[this.#stage];
    const span = kernel.trace.start(component, `${title} ${namespace}/${name}`);
    kernel.trace.within(span, () => {
      let ended = false;
      const running = new Running(this.#work(), (outcome) => {
        ended = true;
        this.#running = undefined;
        kernel.trace.end(span, 'error' in outcome ? { error: outcome.error.message } : undefined);
        this.#ended('error' in outcome ? outcome.error : undefined);
      });
      if (!ended) this.#running = running;
    });
  }

  #work(): Task {
    switch (this.#stage) {
      case 'terminating':
        return this.#terminating();
      case 'terminated':
        return this.#terminated();
      default:
        return this.#syncing();
    }
  }

  #ended(error: Error | undefined): void {
    const { kernel, relist } = this.#context;
    if (error && !(error instanceof StartError) && !(error instanceof RuntimeError)) throw error;
    this.#lastSyncEnd = kernel.now;
    if (this.#stage === 'finished') return;
    if (error) {
      const echo = this.#echo;
      this.#echo = this.#effects.started && this.#effects.killed;
      if (this.#effects.started || this.#effects.killed) this.#pokeAt(relist.nextTick());
      else if (this.#wanted || echo) this.#poke();
      const retryMs = error instanceof StartError ? error.retryMs : undefined;
      this.#retryAfter(retryMs === undefined ? RETRY_MS : Math.min(retryMs, RESYNC_MS));
      return;
    }
    if (this.#effects.started) {
      // The look that a successful sync asks for counts as one after it.
      this.#lastSyncEnd = -Infinity;
      this.#pokeAt(kernel.now + RELIST_ON_DEMAND_MS);
    } else if (this.#effects.killed) this.#pokeAt(relist.nextTick());
    else if (this.#wanted) this.#poke();
    if (this.#stage === 'syncing' && !this.#next && this.#restless()) this.#retryAfter(RESYNC_MS);
  }

  /** Whether looking again from time to time can change anything. */
  #restless(): boolean {
    const ready = this.#view.pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    return !ready || this.#volumes.changing || this.#resize?.isDeferred === true;
  }

  // Syncing

  *#syncing(): Task {
    const context = this.#context;
    const pod = this.#view.pod;
    if (!this.#admitted) {
      const refusal = context.admit(pod);
      if (refusal) {
        this.#reject(refusal);
        return;
      }
      this.#admitted = true;
    }
    this.#noticeResize(pod);
    const status = this.#show(false);
    if (status.phase === 'Succeeded' || status.phase === 'Failed') {
      this.#terminate();
      return;
    }
    this.#probers.add(pod, () => this.#probeHost());
    yield* this.#volumes.mount();
    this.#storage ??= watchStorage(this.#view, this.#volumes, (message) => this.#evict(message));
    yield* prepareDevices(this.#view);
    yield* this.#syncContainers();
    this.#resized = undefined;
    if (this.#resize?.complete()) this.#show(false);
  }

  #noticeResize({ spec }: Pod): void {
    const before = this.#spec;
    this.#spec = spec;
    if (before && before !== spec && !this.#resize && changedContainers(spec, before).length > 0)
      this.#resize = new PodResize(this.#view, before);
    this.#resized = this.#resize?.begin() ?? this.#resized;
  }

  *#syncContainers(): Task {
    const { runtime } = this.#context;
    const uid = this.#view.pod.metadata.uid!;
    const plan = syncPlan(this.#view.pod, runtime.pod(uid), this.#probers, this.#resized);
    if (plan.kill.length > 0) {
      this.#effects.killed = true;
      yield* all(plan.kill.map((kill) => killContainer(this.#view, kill)));
    }
    if (plan.createSandbox) yield* this.#createSandbox();
    let failure: Error | undefined;
    for (const ref of plan.start) {
      try {
        const justKilled = plan.kill.find((kill) => kill.ref.container === ref.container)?.instance;
        yield* startContainer(this.#view, ref, this.#volumes, this.#effects, justKilled);
        this.#failures?.delete(ref.container.name);
      } catch (error) {
        if (!(error instanceof StartError)) throw error;
        (this.#failures ??= new Map()).set(ref.container.name, { reason: error.reason, message: error.message });
        if (!failure || (failure instanceof StartError && failure.retryMs !== undefined && error.retryMs === undefined))
          failure = error;
      }
    }
    if (failure) throw failure;
  }

  *#createSandbox(): Task {
    const { runtime, recorder, dns } = this.#context;
    const pod = this.#view.pod;
    const record = runtime.pod(pod.metadata.uid!);
    const old = record?.sandboxes[0];
    if (old) {
      recorder.event(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
      yield* call<void>((done) => runtime.stopPodSandbox(old.id, done));
    }
    const podCidr = this.#context.node()?.spec.podCIDR;
    const config = sandboxConfig(pod, (old?.config.attempt ?? -1) + 1, podCidr, dns);
    try {
      yield* call<Sandbox>((done) => runtime.runPodSandbox(config, done));
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      recorder.event(pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${error.rpc}`);
      throw error;
    }
    this.#effects.started = true;
    this.#show(false, false);
  }

  // Stopping

  #terminate(): void {
    if (this.#stage !== 'syncing') return;
    this.#stage = 'terminating';
    this.#retry?.cancel();
    this.#deadline?.cancel();
    this.#storage?.stop();
    if (this.#running) {
      this.#running.cancel();
      this.#running = undefined;
      this.#lastSyncEnd = this.#context.kernel.now;
    }
    this.#poke();
  }

  /** The containers get less time than they were promised: they are stopped again with the shorter period. */
  #hurry(): void {
    this.#running?.cancel();
    this.#running = undefined;
    this.#pokeAt(this.#context.kernel.now);
  }

  #evict(message: string): void {
    this.#view.event('Warning', 'Evicted', message);
    this.#verdict = { reason: 'Evicted', message };
    this.#terminate();
  }

  *#terminating(): Task {
    const { runtime } = this.#context;
    // An eviction shows only in the status at the end.
    const evicted = this.#verdict?.reason === 'Evicted';
    if (!evicted) this.#show(false);
    this.#probers.stop('restarting');
    const graceSeconds = this.#verdict ? (evicted ? 0 : undefined) : this.#view.pod.metadata.deletionGracePeriodSeconds;
    yield* killContainers(this.#view, graceSeconds);
    this.#probers.stop();
    const sandbox = this.#view.record?.sandboxes[0];
    if (sandbox?.ready) yield* call<void>((done) => runtime.stopPodSandbox(sandbox.id, done));
    this.#stage = 'terminated';
    this.#context.released(this.#view.pod.metadata.uid!);
    this.#show(true);
    this.#wanted = true;
  }

  *#terminated(): Task {
    const { writer, runtime, restarts } = this.#context;
    const pod = this.#view.pod;
    const uid = pod.metadata.uid!;
    const wasTerminal = isTerminal(pod.status);
    const status = this.#status(true);
    if (!this.#removed) {
      this.#write(wasTerminal || isTerminal(status) ? status : withEverythingTerminated(status));
      if (!this.#view.pod.metadata.deletionTimestamp && !this.#removed) return;
      if (!this.#removed) writer.finish(this.#view.pod);
    }
    for (const sandbox of this.#view.record?.sandboxes ?? []) runtime.removePodSandbox(sandbox.id);
    for (const { container } of containersOf(pod)) restarts.forget(restartKey(uid, container.name));
    this.#stage = 'finished';
    this.#retry?.cancel();
    this.#context.finished(uid);
  }

  /** A Pod that the node does not take fails at once and never runs. */
  #reject({ reason, message }: { readonly reason: string; readonly message: string }): void {
    const { recorder } = this.#context;
    recorder.event(this.#view.pod, 'Warning', reason, message);
    const { qosClass = 'BestEffort' } = this.#view.pod.status ?? {};
    this.#write({
      ...this.#view.pod.status,
      phase: 'Failed',
      reason,
      message: `Pod was rejected: ${message}`,
      qosClass,
    } as PodStatus);
    this.#stage = 'terminated';
  }

  // Status

  /** Makes the status and writes it. While containers may still run, a finished Pod is shown in its old phase. */
  #show(terminal: boolean, trigger = true): PodStatus {
    const status = this.#status(terminal);
    this.#write(
      terminal || !isTerminal(status) || isTerminal(this.#view.pod.status)
        ? status
        : held(status, this.#view.pod.status),
    );
    if (!this.#probers.empty) {
      const record = this.#view.record;
      this.#shown = new Map();
      for (const instance of record?.containers ?? []) {
        if (this.#shown.has(instance.config.name)) continue;
        this.#shown.set(instance.config.name, { instance, running: instance.state === 'running' });
      }
      if (trigger) this.#probers.triggerUnready((name) => this.#shown?.get(name)?.instance);
    }
    return status;
  }

  #status(terminal: boolean): PodStatus {
    const { runtime, hostIps, kernel, recorder } = this.#context;
    if (!this.#verdict && this.#pastDeadline()) this.#verdict = DEADLINE;
    if (this.#verdict === DEADLINE && !this.#removed)
      recorder.event(this.#view.pod, 'Normal', DEADLINE.reason, DEADLINE.message);
    return podStatus({
      pod: this.#view.pod,
      record: this.#view.record,
      runtimeName: runtime.name,
      hostIps,
      now: kernel.now,
      terminal,
      failure: (container) => this.#failures?.get(container),
      verdicts: this.#probers,
      resize: this.#resize,
      verdict: this.#verdict,
    });
  }

  #write(status: PodStatus): void {
    if (this.#removed) return;
    const written = this.#context.writer.write(this.#view.pod, status);
    if (written) this.#view.pod = written;
    this.#watchDeadline();
  }

  // Deadline

  #deadlineMs(): number | undefined {
    const seconds = this.#view.pod.spec.activeDeadlineSeconds;
    const start = this.#view.pod.status?.startTime;
    return seconds && start ? parseTime(start) + seconds * 1000 : undefined;
  }

  #pastDeadline(): boolean {
    const deadline = this.#deadlineMs();
    return deadline !== undefined && this.#context.kernel.now >= deadline && !isTerminal(this.#view.pod.status);
  }

  #watchDeadline(): void {
    if (this.#deadline || this.#stage !== 'syncing' || !this.#view.pod.spec.activeDeadlineSeconds) return;
    const deadline = this.#deadlineMs();
    if (deadline === undefined) return;
    const { kernel, component, relist } = this.#context;
    const due = Math.max(kernel.now, relist.nextTick(deadline));
    this.#deadline = kernel.after(due - kernel.now, component, () => this.#pokeAt(kernel.now), { background: true });
  }

  // Probes and hooks

  #probeHost(): ProbeHost {
    const { kernel, component, actors } = this.#context;
    return {
      kernel,
      component,
      actors,
      target: (ref) => {
        const shown = this.#shown?.get(ref.container.name);
        return shown && this.#view.target(ref, shown.instance);
      },
      running: (ref) => this.#shown?.get(ref.container.name)?.running ?? false,
      started: (instance, ref) => this.#probers.passedStartup(instance, ref),
      deleting: () => this.#stage !== 'syncing',
      event: (ref, type, reason, message) => this.#view.eventOf(ref)(type, reason, message),
      verdict: (ref, type, verdict) => this.#learned(ref, type, verdict),
    };
  }

  /** A probe changed its mind: the status follows at once where it can, the containers with the next sync. */
  #learned(ref: ContainerRef, type: ProbeType, verdict: ProbeVerdict): void {
    if (this.#stage === 'finished' || this.#stage === 'terminated') return;
    if (type === 'liveness' && verdict !== 'failure') return;
    const { name } = ref.container;
    if (type === 'startup' && verdict === 'success') this.#write(withStarted(this.#view.pod.status ?? {}, name));
    if (type === 'readiness')
      this.#write(withReadiness(this.#view.pod, name, verdict === 'success', this.#context.kernel.now));
    if (this.#stage === 'syncing') this.#poke();
  }
}

const isTerminal = (status: PodStatus | undefined): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** A finished status as it is shown until the containers are known to be gone: in the old phase. */
function held(status: PodStatus, old: PodStatus | undefined): PodStatus {
  const { reason: _reason, message: _message, ...rest } = status;
  return {
    ...rest,
    phase: old?.phase ?? 'Pending',
    ...(old?.reason ? { reason: old.reason } : {}),
    ...(old?.message ? { message: old.message } : {}),
  };
}

/** How long the containers of a Pod that is being deleted may take. */
const graceOf = (pod: Pod): number => pod.metadata.deletionGracePeriodSeconds ?? Infinity;
