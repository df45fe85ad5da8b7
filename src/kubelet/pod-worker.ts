import type { Kernel, Timer } from '../kernel/index.ts';
import type { Node, Pod, PodStatus, Service } from '../api/types.ts';
import { parseTime } from '../api/meta.ts';
import type { Client, EventRecorder } from '../client/index.ts';
import type { ActionTarget, Actors } from './actions.ts';
import type { BackOff } from './back-off.ts';
import { containerConfig, checkNonRoot } from './container-start.ts';
import { newestOf, type StartFailure } from './container-status.ts';
import { containerEnvironment } from './environment.ts';
import { goDuration } from './go-duration.ts';
import { HookError, runHook } from './hooks.ts';
import type { ContainerEvent, ImagePuller } from './image-puller.ts';
import { taggedImage } from './image-reference.ts';
import { jsonEqual } from './json-equal.ts';
import { containersOf, fieldPathOf, isSidecar, podTitle, type ContainerRef } from './names.ts';
import { podStatus, withEverythingTerminated, withReadiness, withStarted } from './pod-status.ts';
import type { ProbeHost, ProbeType, ProbeVerdict } from './prober.ts';
import { ProberSet } from './prober-set.ts';
import type { Relist } from './relist.ts';
import {
  RuntimeError,
  type ContainerInstance,
  type ContainerRuntime,
  type PodRecord,
  type Sandbox,
} from './runtime/cri.ts';
import type { FileTree } from './runtime/file-tree.ts';
import { sandboxConfig, type ClusterDnsConfig } from './sandbox-config.ts';
import { StartError } from './start-error.ts';
import { storageLimits, storageProblem } from './storage-limits.ts';
import type { StatusWriter } from './status-writer.ts';
import { syncPlan, type Kill } from './sync-plan.ts';
import { all, call, Running, type Task } from './task.ts';
import { contents, MountError, mountVolume, type VolumeSources } from './volumes.ts';

/** What the workers of one kubelet share. */
export interface WorkerContext {
  readonly kernel: Kernel;
  readonly component: string;
  readonly client: Client;
  readonly runtime: ContainerRuntime;
  readonly actors: Actors;
  readonly recorder: EventRecorder;
  readonly writer: StatusWriter;
  readonly puller: ImagePuller;
  readonly restarts: BackOff;
  readonly relist: Relist;
  readonly hostIps: readonly string[];
  readonly dns: ClusterDnsConfig;
  readonly sharedFiles: Map<string, FileTree>;
  node(): Node | undefined;
  services(): readonly Service[];
  /** Reserves what the Pod asks for, or says why the node cannot take it; once per Pod. */
  admit(pod: Pod): { readonly reason: string; readonly message: string } | undefined;
  /** The Pod's containers are gone: what it asked for is free again. */
  released(uid: string): void;
  finished(uid: string): void;
}

/** Seconds that a container always gets between SIGTERM and SIGKILL. */
const LEAST_GRACE_SECONDS = 2;
const RETRY_MS = 10_000;
const RESYNC_MS = 60_000;
/** Retries and resyncs come up to this share later, so that Pods do not move in step. */
const JITTER = 0.5;
/** From the end of a sync that started something to the look at the runtime that it asks for. */
const RELIST_ON_DEMAND_MS = 10;
const FIRST_REMOUNT_MS = 500;
const LONGEST_REMOUNT_MS = 122_000;
const DEADLINE = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};
/** How often containers' layers are measured; volumes only every so many rounds. */
const STORAGE_MS = 10_000;
const VOLUME_ROUNDS = 6;
const NO_FILES: ReadonlyMap<string, FileTree> = new Map();

type Stage = 'syncing' | 'terminating' | 'terminated' | 'finished';

/**
 * Brings one Pod's containers to what its spec says, and tells the API server how far it got. One sync runs at
 * a time; what happens meanwhile asks for another one. A Pod that is deleted, failed or finished goes through
 * terminating (its containers stop) and terminated (what is left is cleaned up) to its end.
 */
export class PodWorker {
  readonly #context: WorkerContext;
  /** The newest version known. */
  #pod: Pod;
  #stage: Stage = 'syncing';
  #running: Running | undefined;
  #wanted = false;
  #next: Timer | undefined;
  #retry: Timer | undefined;
  #deadline: Timer | undefined;
  #storage: Timer | undefined;
  #lastSyncEnd = -Infinity;
  /** Something was started, or died, in the sync under way. */
  #started = false;
  #killed = false;
  /** A container was started and died within one sync: the looks at the runtime tell of both, one after the other. */
  #echo = false;
  #admitted = false;
  /** No longer in the API. */
  #removed = false;
  #failures: Map<string, StartFailure> | undefined;
  #volumes: Map<string, FileTree> | undefined;
  readonly #probers = new ProberSet();
  /** Instances that the last status showed, for the probers. */
  #shown: Map<string, { readonly instance: ContainerInstance; readonly running: boolean }> | undefined;
  #verdict: { readonly reason: string; readonly message: string } | undefined;

  constructor(context: WorkerContext, pod: Pod) {
    this.#context = context;
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp) this.#stage = 'terminating';
    this.#watchDeadline();
    this.#poke();
  }

  get pod(): Pod {
    return this.#pod;
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** The API server has a new version of the Pod. */
  update(pod: Pod): void {
    const old = this.#pod;
    if (isOlder(pod, old)) return;
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp && this.#stage === 'syncing') {
      this.#terminate();
      return;
    }
    if (specChanged(old, pod)) this.#poke();
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
    this.#storage?.cancel();
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
    this.#started = false;
    this.#killed = false;
    const { name, namespace } = this.#pod.metadata;
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
      this.#echo = this.#started && this.#killed;
      if (this.#started || this.#killed) this.#pokeAt(relist.nextTick());
      else if (this.#wanted || echo) this.#poke();
      const retryMs = error instanceof StartError ? error.retryMs : undefined;
      this.#retryAfter(retryMs === undefined ? RETRY_MS : Math.min(retryMs, RESYNC_MS));
      return;
    }
    if (this.#started) {
      // The look that a successful sync asks for counts as one after it.
      this.#lastSyncEnd = -Infinity;
      this.#pokeAt(kernel.now + RELIST_ON_DEMAND_MS);
    } else if (this.#killed) this.#pokeAt(relist.nextTick());
    else if (this.#wanted) this.#poke();
    if (this.#stage === 'syncing' && !this.#next && this.#restless()) this.#retryAfter(RESYNC_MS);
  }

  /** Whether looking again from time to time can change anything. */
  #restless(): boolean {
    const ready = this.#pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    return (
      !ready ||
      (this.#pod.spec.volumes?.some(
        ({ configMap, secret, projected }) => configMap ?? secret ?? hasObjects(projected),
      ) ??
        false)
    );
  }

  // Syncing

  *#syncing(): Task {
    const context = this.#context;
    const pod = this.#pod;
    if (!this.#admitted) {
      const refusal = context.admit(pod);
      if (refusal) {
        this.#reject(refusal);
        return;
      }
      this.#admitted = true;
    }
    const status = this.#show(false);
    if (status.phase === 'Succeeded' || status.phase === 'Failed') {
      this.#terminate();
      return;
    }
    this.#probers.add(pod, this.#probeHost);
    yield* this.#mount();
    this.#watchStorage();
    yield* this.#syncContainers();
  }

  *#syncContainers(): Task {
    const { runtime } = this.#context;
    const uid = this.#pod.metadata.uid!;
    const plan = syncPlan(this.#pod, runtime.pod(uid), this.#probers);
    if (plan.kill.length > 0) {
      this.#killed = true;
      yield* all(plan.kill.map((kill) => this.#kill(kill)));
    }
    if (plan.createSandbox) yield* this.#createSandbox();
    let failure: Error | undefined;
    for (const ref of plan.start) {
      try {
        yield* this.#start(ref, plan.kill.find((kill) => kill.ref.container === ref.container)?.instance);
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
    const pod = this.#pod;
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
    this.#started = true;
    this.#show(false, false);
  }

  *#start(ref: ContainerRef, justKilled: ContainerInstance | undefined): Task {
    const { runtime, puller, kernel } = this.#context;
    const pod = this.#pod;
    const { name } = ref.container;
    const event = this.#eventOf(ref);
    this.#checkBackOff(ref, justKilled, event);
    let instance: ContainerInstance;
    try {
      const image = yield* puller.ensure(pod, ref, event);
      const newest = newestOf(runtime.pod(pod.metadata.uid!), name);
      const attempt = newest ? newest.config.attempt + 1 : (this.#reportedRestarts(name) ?? -1) + 1;
      checkNonRoot(pod, ref, image);
      const env = containerEnvironment(pod, ref, this.#podIps(), {
        client: this.#context.client,
        services: () => this.#context.services(),
        node: () => this.#context.node(),
        hostIps: this.#context.hostIps,
      });
      const config = containerConfig(
        pod,
        ref,
        attempt,
        image,
        taggedImage(ref.container.image ?? ''),
        env,
        this.#volumes ?? NO_FILES,
      );
      const sandbox = runtime.pod(pod.metadata.uid!)!.sandboxes[0]!;
      instance = yield* this.#runtimeCall('CreateContainerError', (done) =>
        runtime.createContainer(sandbox.id, config, done),
      );
    } catch (error) {
      if (error instanceof StartError)
        event('Warning', 'Failed', `Error: ${isImageFailure(error) ? error.reason : error.message}`);
      throw error;
    }
    event('Normal', 'Created', 'Container created');
    try {
      yield* this.#runtimeCall('RunContainerError', (done) => runtime.startContainer(instance.id, done));
    } catch (error) {
      this.#started = true;
      if (error instanceof StartError) event('Warning', 'Failed', `Error: ${error.message}`);
      throw error;
    }
    this.#started = true;
    event('Normal', 'Started', 'Container started');
    const hook = ref.container.lifecycle?.postStart;
    if (!hook) return;
    try {
      yield* runHook(hook, {
        kernel,
        component: this.#context.component,
        actors: this.#context.actors,
        target: this.#target(ref, instance),
      });
    } catch (error) {
      if (!(error instanceof HookError)) throw error;
      event('Warning', 'FailedPostStartHook', 'PostStartHook failed');
      this.#killed = true;
      yield* this.#kill({ ref, instance, message: 'FailedPostStartHook', graceSeconds: undefined });
      throw new StartError('PostStartHookError', error.message);
    }
  }

  *#runtimeCall<T>(reason: string, start: Parameters<typeof call<T>>[0]): Task<T> {
    try {
      return yield* call<T>(start);
    } catch (error) {
      if (error instanceof RuntimeError) throw new StartError(reason, error.message);
      throw error;
    }
  }

  /** Restart counts survive in the API when the runtime has forgotten the container. */
  #reportedRestarts(container: string): number | undefined {
    const { containerStatuses = [], initContainerStatuses = [] } = this.#pod.status ?? {};
    return [...containerStatuses, ...initContainerStatuses].find(
      ({ name, containerID }) => name === container && containerID,
    )?.restartCount;
  }

  /** Holds back a container that ended before; counted from the end of the newest instance that had ended when the sync began. */
  #checkBackOff(ref: ContainerRef, justKilled: ContainerInstance | undefined, event: ContainerEvent): void {
    const { runtime, restarts, kernel } = this.#context;
    const { name } = ref.container;
    const uid = this.#pod.metadata.uid!;
    const ended = runtime
      .pod(uid)
      ?.containers.find(
        (instance) => instance.config.name === name && instance.state === 'exited' && instance !== justKilled,
      );
    if (!ended) return;
    const key = `${uid}_${name}`;
    const remaining = restarts.remaining(key, ended.finishedAt, kernel.now);
    if (remaining === 0) {
      restarts.step(key, ended.finishedAt, kernel.now);
      return;
    }
    const title = podTitle(this.#pod);
    event('Warning', 'BackOff', `Back-off restarting failed container ${name} in pod ${title}`);
    const message = `back-off ${goDuration(restarts.delay(key))} restarting failed container=${name} pod=${title}`;
    throw new StartError('CrashLoopBackOff', message, remaining);
  }

  // Volumes

  *#mount(): Task {
    const { kernel, component, recorder } = this.#context;
    const volumes = this.#pod.spec.volumes;
    if (!volumes) return;
    const mounted = (this.#volumes ??= new Map());
    let delay = FIRST_REMOUNT_MS;
    for (;;) {
      let failed = false;
      for (const volume of volumes) {
        try {
          const tree = mounted.get(volume.name);
          if (!tree) mounted.set(volume.name, mountVolume(this.#pod, volume, this.#volumeSources));
          else if (volume.configMap ?? volume.secret ?? hasObjects(volume.projected)) this.#refresh(tree, volume);
        } catch (error) {
          if (!(error instanceof MountError)) throw error;
          failed = true;
          recorder.event(
            this.#pod,
            'Warning',
            'FailedMount',
            `MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`,
          );
        }
      }
      if (!failed) return;
      const wait = delay;
      yield (resume) => {
        const timer = kernel.after(wait, component, resume, { background: wait > FIRST_REMOUNT_MS });
        return () => timer.cancel();
      };
      delay = Math.min(delay * 2, LONGEST_REMOUNT_MS);
    }
  }

  /** Brings a mounted ConfigMap or Secret up to date; one that is gone stays as it was. */
  #refresh(tree: FileTree, volume: NonNullable<Pod['spec']['volumes']>[number]): void {
    try {
      const files = contents(this.#pod, volume, this.#volumeSources);
      if (files) tree.replace(files);
    } catch (error) {
      if (!(error instanceof MountError)) throw error;
    }
  }

  get #volumeSources(): VolumeSources {
    const { client, hostIps, sharedFiles } = this.#context;
    return { client, hostIps, podIps: this.#podIps(), node: () => this.#context.node(), shared: sharedFiles };
  }

  #podIps(): readonly string[] {
    const sandbox = this.#record()?.sandboxes[0];
    if (!sandbox) return [];
    return sandbox.config.hostNetwork ? this.#context.hostIps : sandbox.ips;
  }

  // Stopping

  #terminate(): void {
    if (this.#stage !== 'syncing') return;
    this.#stage = 'terminating';
    this.#retry?.cancel();
    this.#deadline?.cancel();
    this.#storage?.cancel();
    if (this.#running) {
      this.#running.cancel();
      this.#running = undefined;
      this.#lastSyncEnd = this.#context.kernel.now;
    }
    this.#poke();
  }

  *#terminating(): Task {
    const { runtime } = this.#context;
    // An eviction shows only in the status at the end.
    const evicted = this.#verdict?.reason === 'Evicted';
    if (!evicted) this.#show(false);
    this.#probers.stop('restarting');
    const record = this.#record();
    const refs = containersOf(this.#pod);
    const alive = refs.flatMap((ref) => {
      const instance = newestOf(record, ref.container.name);
      return instance && instance.state !== 'exited' ? [{ ref, instance }] : [];
    });
    const graceSeconds = this.#verdict ? (evicted ? 0 : undefined) : this.#pod.metadata.deletionGracePeriodSeconds;
    // Sidecars outlive the containers they serve.
    const mains = new Set(alive.filter(({ ref }) => !isSidecar(ref)).map(({ instance }) => instance));
    const waiting: (() => void)[] = [];
    const gone = (instance: ContainerInstance): void => {
      mains.delete(instance);
      if (mains.size === 0) for (const resume of waiting.splice(0)) resume();
    };
    yield* all(
      alive.map(({ ref, instance }) => {
        const kill = { ref, instance, message: `Stopping container ${ref.container.name}`, graceSeconds };
        return isSidecar(ref) ? this.#killLast(kill, mains, waiting) : this.#killFirst(kill, gone);
      }),
    );
    this.#probers.stop();
    const sandbox = this.#record()?.sandboxes[0];
    if (sandbox?.ready) yield* call<void>((done) => runtime.stopPodSandbox(sandbox.id, done));
    this.#stage = 'terminated';
    this.#context.released(this.#pod.metadata.uid!);
    this.#show(true);
    this.#wanted = true;
  }

  *#killFirst(kill: Kill, gone: (instance: ContainerInstance) => void): Task {
    yield* this.#kill(kill);
    gone(kill.instance);
  }

  *#killLast(kill: Kill, mains: ReadonlySet<ContainerInstance>, waiting: (() => void)[]): Task {
    yield* this.#kill(kill, function* () {
      if (mains.size > 0) yield (resume) => void waiting.push(resume);
    });
  }

  /** Stops one container: event, preStop hook, SIGTERM, and SIGKILL at the end of the grace period. */
  *#kill({ ref, instance, message, graceSeconds }: Kill, turn?: () => Task): Task {
    const { kernel, component, actors, runtime } = this.#context;
    const event = this.#eventOf(ref);
    event('Normal', 'Killing', message);
    const grace = (graceSeconds ?? this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
    const end = kernel.now + grace;
    if (turn) yield* turn();
    const hook = ref.container.lifecycle?.preStop;
    if (hook && grace > 0 && instance.state === 'running') {
      const target = this.#target(ref, instance);
      yield (resume) => {
        let over = false;
        const finish = (): void => {
          if (over) return;
          over = true;
          timer.cancel();
          resume();
        };
        const timer = kernel.after(end - kernel.now, component, () => {
          running.cancel();
          event('Warning', 'FailedPreStopHook', 'PreStopHook failed');
          finish();
        });
        const running = new Running(runHook(hook, { kernel, component, actors, target }), (outcome) => {
          if ('error' in outcome) event('Warning', 'FailedPreStopHook', 'PreStopHook failed');
          finish();
        });
        return () => {
          running.cancel();
          timer.cancel();
        };
      };
    }
    const left = Math.max(end - kernel.now, LEAST_GRACE_SECONDS * 1000);
    yield* call<void>((done) => runtime.stopContainer(instance.id, left, done));
  }

  *#terminated(): Task {
    const { writer, runtime, restarts } = this.#context;
    const pod = this.#pod;
    const uid = pod.metadata.uid!;
    const wasTerminal = isTerminal(pod.status);
    const status = this.#status(true);
    if (!this.#removed) {
      this.#write(wasTerminal || isTerminal(status) ? status : withEverythingTerminated(status));
      if (!this.#pod.metadata.deletionTimestamp && !this.#removed) return;
      if (!this.#removed) writer.finish(this.#pod);
    }
    for (const sandbox of this.#record()?.sandboxes ?? []) runtime.removePodSandbox(sandbox.id);
    for (const { container } of containersOf(pod)) restarts.forget(`${uid}_${container.name}`);
    this.#stage = 'finished';
    this.#retry?.cancel();
    this.#context.finished(uid);
  }

  /** A Pod that the node does not take fails at once and never runs. */
  #reject({ reason, message }: { readonly reason: string; readonly message: string }): void {
    const { recorder } = this.#context;
    recorder.event(this.#pod, 'Warning', reason, message);
    const { qosClass = 'BestEffort' } = this.#pod.status ?? {};
    this.#write({
      ...this.#pod.status,
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
      terminal || !isTerminal(status) || isTerminal(this.#pod.status) ? status : held(status, this.#pod.status),
    );
    if (!this.#probers.empty) {
      const record = this.#record();
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
      recorder.event(this.#pod, 'Normal', DEADLINE.reason, DEADLINE.message);
    return podStatus({
      pod: this.#pod,
      record: this.#record(),
      runtimeName: runtime.name,
      hostIps,
      now: kernel.now,
      terminal,
      failure: (container) => this.#failures?.get(container),
      verdicts: this.#probers,
      verdict: this.#verdict,
    });
  }

  #write(status: PodStatus): void {
    if (this.#removed) return;
    const written = this.#context.writer.write(this.#pod, status);
    if (written) this.#pod = written;
    this.#watchDeadline();
  }

  #record(): PodRecord | undefined {
    return this.#context.runtime.pod(this.#pod.metadata.uid!);
  }

  // Deadline

  #deadlineMs(): number | undefined {
    const seconds = this.#pod.spec.activeDeadlineSeconds;
    const start = this.#pod.status?.startTime;
    return seconds && start ? parseTime(start) + seconds * 1000 : undefined;
  }

  #pastDeadline(): boolean {
    const deadline = this.#deadlineMs();
    return deadline !== undefined && this.#context.kernel.now >= deadline && !isTerminal(this.#pod.status);
  }

  #watchDeadline(): void {
    if (this.#deadline || this.#stage !== 'syncing' || !this.#pod.spec.activeDeadlineSeconds) return;
    const deadline = this.#deadlineMs();
    if (deadline === undefined) return;
    const { kernel, component, relist } = this.#context;
    const due = Math.max(kernel.now, relist.nextTick(deadline));
    this.#deadline = kernel.after(due - kernel.now, component, () => this.#pokeAt(kernel.now));
  }

  // Local storage

  /** Looks now and then whether the Pod keeps its storage limits, if it has any. */
  #watchStorage(): void {
    const { kernel, component, runtime, recorder } = this.#context;
    const limits = storageLimits(this.#pod);
    if (this.#storage || !limits) return;
    const look = (round: number): void => {
      const measured = round % VOLUME_ROUNDS === 0 ? this.#volumes : undefined;
      const problem = storageProblem(this.#pod, limits, measured, this.#record(), runtime);
      if (problem) {
        recorder.event(this.#pod, 'Warning', 'Evicted', problem);
        this.#verdict = { reason: 'Evicted', message: problem };
        this.#terminate();
      } else this.#storage = kernel.after(STORAGE_MS, component, () => look(round + 1), { background: true });
    };
    this.#storage = kernel.after(STORAGE_MS, component, () => look(1), { background: true });
  }

  // Probes and hooks

  get #probeHost(): ProbeHost {
    const { kernel, component, actors } = this.#context;
    return {
      kernel,
      component,
      actors,
      target: (ref) => {
        const shown = this.#shown?.get(ref.container.name);
        return shown && this.#target(ref, shown.instance);
      },
      running: (ref) => this.#shown?.get(ref.container.name)?.running ?? false,
      started: (instance, ref) => this.#probers.passedStartup(instance, ref),
      deleting: () => this.#stage !== 'syncing',
      event: (ref, type, reason, message) => this.#eventOf(ref)(type, reason, message),
      verdict: (ref, type, verdict) => this.#learned(ref, type, verdict),
    };
  }

  /** A probe changed its mind: the status follows at once where it can, the containers with the next sync. */
  #learned(ref: ContainerRef, type: ProbeType, verdict: ProbeVerdict): void {
    if (this.#stage === 'finished' || this.#stage === 'terminated') return;
    if (type === 'liveness' && verdict !== 'failure') return;
    const { name } = ref.container;
    if (type === 'startup' && verdict === 'success') this.#write(withStarted(this.#pod.status ?? {}, name));
    if (type === 'readiness')
      this.#write(withReadiness(this.#pod, name, verdict === 'success', this.#context.kernel.now));
    if (this.#stage === 'syncing') this.#poke();
  }

  #target(ref: ContainerRef, instance: ContainerInstance): ActionTarget {
    const hostIp = this.#context.hostIps[0] ?? '';
    return { pod: this.#pod, container: ref.container, instance, podIp: this.#podIps()[0] ?? hostIp, hostIp };
  }

  #eventOf(ref: ContainerRef): ContainerEvent {
    const { recorder } = this.#context;
    return (type, reason, message) => {
      const { apiVersion, kind, metadata } = this.#pod;
      recorder.event({ apiVersion, kind, metadata, fieldPath: fieldPathOf(ref) }, type, reason, message);
    };
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

/** What an image failure's event says is its reason, of other failures their message. */
const isImageFailure = ({ reason }: StartError): boolean => reason.includes('Image');

const isOlder = (a: Pod, b: Pod): boolean => Number(a.metadata.resourceVersion) < Number(b.metadata.resourceVersion);

/** Whether there is something to do for the new version that was not for the old. */
function specChanged(old: Pod, next: Pod): boolean {
  if (old.metadata.generation !== next.metadata.generation) return true;
  if (!jsonEqual(old.metadata.labels, next.metadata.labels)) return true;
  if (!jsonEqual(old.metadata.annotations, next.metadata.annotations)) return true;
  if (!next.spec.readinessGates) return false;
  return next.spec.readinessGates.some(({ conditionType }) => {
    const status = (pod: Pod): string | undefined =>
      pod.status?.conditions?.find(({ type }) => type === conditionType)?.status;
    return status(old) !== status(next);
  });
}

type Projected = NonNullable<NonNullable<Pod['spec']['volumes']>[number]['projected']>;

/** Whether a projected volume mirrors objects that may change; the one that every Pod has for its token does not count. */
const hasObjects = (projected: Projected | undefined): boolean =>
  projected?.sources?.some(
    ({ configMap, secret }) => (configMap && configMap.name !== 'kube-root-ca.crt') ?? secret !== undefined,
  ) ?? false;
