import type { Done } from '../task.ts';
import type { FileTree } from './file-tree.ts';
import type { ContainerLog } from './log.ts';

/** What a runtime refuses, in the words that a real one uses. `code` is the gRPC status it would come with. */
export class RuntimeError extends Error {
  readonly code: string;

  constructor(message: string, code = 'Unknown') {
    super(message);
    this.name = 'RuntimeError';
    this.code = code;
  }

  /** As a gRPC client prints it. */
  get rpc(): string {
    return `rpc error: code = ${this.code} desc = ${this.message}`;
  }
}

export interface DnsConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly ndots: number;
}

export interface SandboxConfig {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly attempt: number;
  readonly hostname: string;
  /** Where the Pod's name is looked up, if it has a subdomain: `db.default.svc.cluster.local`. */
  readonly hostDomain?: string;
  readonly hostNetwork: boolean;
  /** The node's range of Pod addresses, for the network plugin. */
  readonly podCidr: string | undefined;
  readonly dns: DnsConfig;
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames?: readonly string[] }[];
}

/** A Pod's shared environment: its network namespace held by the pause container. */
export interface Sandbox {
  readonly id: string;
  readonly config: SandboxConfig;
  /** Virtual milliseconds since the Unix epoch, as all times here. */
  readonly createdAt: number;
  readonly ips: readonly string[];
  ready: boolean;
}

export interface Mount {
  readonly containerPath: string;
  readonly files: FileTree;
  /** Where in `files` the mount begins. */
  readonly subPath?: string;
  readonly readOnly: boolean;
}

/** What a container may have at most (CRI's LinuxContainerResources). */
export interface ContainerLimits {
  /** Bytes; beyond it the container is killed. */
  readonly memoryLimit?: number;
  /** Cores; more it does not get. */
  readonly cpuLimit?: number;
}

export interface ContainerConfig extends ContainerLimits {
  readonly name: string;
  readonly attempt: number;
  /** As the Pod names it, with its default tag. */
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  readonly mounts: readonly Mount[];
  readonly terminationMessagePath: string;
  /** A failed container without a message leaves the end of its log as one. */
  readonly messageFromLog?: boolean;
  readonly stdin?: boolean;
  /** Its standard streams are a terminal. */
  readonly tty?: boolean;
  /** Numeric user and group that the Pod asks for, the image's unless given. */
  readonly user?: number;
  readonly group?: number;
}

/** One instance of a container, running or not. */
export interface ContainerInstance {
  readonly id: string;
  readonly sandboxId: string;
  readonly config: ContainerConfig;
  readonly imageId: string;
  readonly createdAt: number;
  state: 'created' | 'running' | 'exited';
  startedAt: number;
  finishedAt: number;
  exitCode: number;
  /** Number of the signal that ended it, 0 when it ended by itself. */
  signal: number;
  /** `Completed`, `Error`, `OOMKilled`, `StartError`; set when it has exited. */
  reason: string;
  /** What it left in its termination message file, or why it could not start. */
  message: string;
  /** What it may have, where that was changed while it ran. */
  limits?: ContainerLimits;
}

export interface ImageInfo {
  /** `docker.io/library/nginx@sha256:...`: what container statuses call imageID. */
  readonly id: string;
  /** Every name under which the node knows it, digests first. */
  readonly names: readonly string[];
  readonly sizeBytes: number;
  /** Numeric user that its process runs as unless told otherwise; 0 is root. */
  readonly user: number;
}

/** What a container has used since its start. */
export interface ContainerStats {
  /** CPU time, milliseconds of one core. */
  readonly cpuMs: number;
  /** The working set. */
  readonly memoryBytes: number;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** Standard streams of an interactive exec. */
export interface ExecStreams {
  stdout(text: string): void;
  stderr(text: string): void;
  /** They are a terminal: shells prompt. */
  readonly tty?: boolean;
}

export interface ExecHandle {
  /** Text for standard input; undefined ends it. */
  stdin(text: string | undefined): void;
  kill(): void;
}

/** What the node has of one Pod, newest first. Read it, do not change it. */
export interface PodRecord {
  readonly uid: string;
  readonly sandboxes: readonly Sandbox[];
  readonly containers: readonly ContainerInstance[];
}

/**
 * A container runtime of one node, in the shape of the CRI. Calls answer by callback, at once or after some
 * virtual time; a function that they return abandons the wait.
 */
export interface ContainerRuntime {
  /** `containerd`, as in container ids and nodeInfo. */
  readonly name: string;
  readonly version: string;

  pod(uid: string): PodRecord | undefined;
  pods(): Iterable<PodRecord>;

  runPodSandbox(config: SandboxConfig, done: Done<Sandbox>): void;
  stopPodSandbox(id: string, done: Done<void>): void;
  removePodSandbox(id: string): void;

  imageStatus(image: string): ImageInfo | undefined;
  images(): readonly ImageInfo[];
  pullImage(image: string, done: Done<ImageInfo>): void;

  createContainer(sandboxId: string, config: ContainerConfig, done: Done<ContainerInstance>): void;
  startContainer(id: string, done: Done<void>): void;
  /** SIGTERM (or the image's stop signal), then SIGKILL after `timeoutMs`. */
  stopContainer(id: string, timeoutMs: number, done: Done<void>): void;
  removeContainer(id: string): void;
  /** Gives a running container other limits. */
  updateContainerResources(id: string, limits: ContainerLimits): void;

  /** Runs a command in a container to its end, or kills it after `timeoutMs`. */
  execSync(id: string, command: readonly string[], timeoutMs: number, done: Done<ExecResult>): () => void;
  /** Runs a command with live streams. */
  exec(id: string, command: readonly string[], streams: ExecStreams, done: Done<number>): ExecHandle;
  /** Text for the standard input of a running container's first process; undefined ends it. */
  input(id: string, text: string | undefined): void;
  log(id: string): ContainerLog | undefined;
  /** Bytes that a container wrote into its own layer. */
  writtenBytes(id: string): number;

  /** What a running container has used; undefined where nobody counts. */
  containerStats(id: string): ContainerStats | undefined;

  /** Tells of every container that exits. One listener: the kubelet. */
  onExit(listener: ((uid: string) => void) | undefined): void;
}
