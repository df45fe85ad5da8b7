import type { Node, Pod, Service } from '../api/types.ts';
import type { Client, EventRecorder } from '../client/index.ts';
import type { Kernel } from '../kernel/index.ts';
import type { Actors } from './actions.ts';
import type { BackOff } from './back-off.ts';
import type { ImagePuller } from './image-puller.ts';
import type { Relist } from './relist.ts';
import type { ContainerRuntime } from './runtime/cri.ts';
import type { FileTree } from './runtime/file-tree.ts';
import type { ClusterDnsConfig } from './sandbox-config.ts';
import type { StatusWriter } from './status-writer.ts';

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
  /** Drivers of claimed devices that have registered. */
  readonly deviceDrivers: ReadonlySet<string>;
  node(): Node | undefined;
  services(): readonly Service[];
  /** Reserves what the Pod asks for, or says why the node cannot take it; once per Pod. */
  admit(pod: Pod): { readonly reason: string; readonly message: string } | undefined;
  /** Reserves what a Pod that runs asks for now, or says why it has to wait or cannot have it. */
  resize(pod: Pod): { readonly reason: string; readonly message: string } | undefined;
  /** The Pod's containers are gone: what it asked for is free again. */
  released(uid: string): void;
  finished(uid: string): void;
}
