import type { Kernel } from '../../kernel/index.ts';
import type { Done } from '../task.ts';
import {
  RuntimeError,
  type ContainerConfig,
  type ContainerInstance,
  type ContainerRuntime,
  type ExecHandle,
  type ExecResult,
  type ExecStreams,
  type ImageInfo,
  type PodRecord,
  type Sandbox,
  type SandboxConfig,
} from './cri.ts';
import { ContainerLog } from './log.ts';
import { PodRecords } from './pod-records.ts';

/** Every Pod of every such node has this address (the CRI's fake runtime service). */
export const INSTANT_POD_IP = '192.168.192.168';

const QUIET: ExecResult = { exitCode: 0, stdout: '', stderr: '', timedOut: false };

/**
 * The runtime of nodes without containers (kubemark's fake CRI): every image can be pulled, containers start at
 * once and never exit, commands succeed without output, and all Pods share one address.
 */
export class InstantRuntime implements ContainerRuntime {
  readonly name = 'fakeRuntime';
  readonly version = '0.1.0';
  readonly #kernel: Kernel;
  readonly #pods = new PodRecords();
  readonly #images = new Map<string, ImageInfo>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  pod(uid: string): PodRecord | undefined {
    return this.#pods.get(uid);
  }

  pods(): Iterable<PodRecord> {
    return this.#pods.all();
  }

  runPodSandbox(config: SandboxConfig, done: Done<Sandbox>): void {
    const { name, namespace, uid, attempt } = config;
    const id = `${name}_${namespace}_${uid}_${attempt}`;
    const sandbox = { id, config, createdAt: this.#kernel.now, ips: [INSTANT_POD_IP], ready: true };
    this.#pods.addSandbox(sandbox);
    done({ value: sandbox });
  }

  stopPodSandbox(id: string, done: Done<void>): void {
    const sandbox = this.#pods.sandbox(id);
    if (sandbox) sandbox.ready = false;
    done({ value: undefined });
  }

  removePodSandbox(id: string): void {
    this.#pods.removeSandbox(id);
  }

  imageStatus(image: string): ImageInfo | undefined {
    return this.#images.get(image);
  }

  images(): readonly ImageInfo[] {
    return [...this.#images.values()];
  }

  pullImage(image: string, done: Done<ImageInfo>): void {
    let info = this.#images.get(image);
    if (!info) this.#images.set(image, (info = { id: image, names: [image], sizeBytes: 1, user: 0 }));
    done({ value: info });
  }

  createContainer(sandboxId: string, config: ContainerConfig, done: Done<ContainerInstance>): void {
    const instance: ContainerInstance = {
      id: `${sandboxId}_${config.name}_${config.attempt}`,
      sandboxId,
      config,
      imageId: config.image,
      createdAt: this.#kernel.now,
      state: 'created',
      startedAt: 0,
      finishedAt: 0,
      exitCode: 0,
      signal: 0,
      reason: '',
      message: '',
    };
    this.#pods.addContainer(instance);
    done({ value: instance });
  }

  startContainer(id: string, done: Done<void>): void {
    const instance = this.#pods.container(id);
    if (!instance) {
      done({ error: new RuntimeError(`container ${id} not found`) });
      return;
    }
    instance.state = 'running';
    instance.startedAt = this.#kernel.now;
    done({ value: undefined });
  }

  stopContainer(id: string, _timeoutMs: number, done: Done<void>): void {
    const instance = this.#pods.container(id);
    if (instance && instance.state !== 'exited') {
      instance.state = 'exited';
      instance.finishedAt = this.#kernel.now;
      instance.reason = 'Completed';
    }
    done({ value: undefined });
  }

  removeContainer(id: string): void {
    this.#pods.removeContainer(id);
  }

  execSync(_id: string, _command: readonly string[], _timeoutMs: number, done: Done<ExecResult>): () => void {
    done({ value: QUIET });
    return () => undefined;
  }

  exec(_id: string, _command: readonly string[], _streams: ExecStreams, done: Done<number>): ExecHandle {
    done({ value: 0 });
    return { stdin: () => undefined, kill: () => undefined };
  }

  input(): void {
    // Containers that do nothing read nothing.
  }

  log(id: string): ContainerLog | undefined {
    return this.#pods.container(id) && new ContainerLog(this.#kernel);
  }

  updateContainerResources(): void {
    // Containers that do not run need no limits.
  }

  writtenBytes(): number {
    return 0;
  }

  containerStats(): undefined {
    // Containers that do not run use nothing.
  }

  onExit(): void {
    // Nothing ever exits by itself.
  }
}
