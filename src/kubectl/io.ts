import type { HttpRequest, HttpResponse, UserInfo } from '../apiserver/request.ts';

/** The working folder that `-f`, `--from-file` and the like read. Paths are relative to it. */
export interface KubectlFiles {
  /** The content of a file; undefined when there is none (or it is a folder). */
  read(path: string): string | Uint8Array | undefined;
  /** The names in a folder (sorted or not); undefined when there is no such folder. */
  list(path: string): readonly string[] | undefined;
  /** Makes or replaces a file; absent where nothing may be written. */
  write?(path: string, text: string): void;
}

/** What a kubeconfig's current context says. `kubectl config` changes it in place. */
export interface KubectlConfig {
  namespace: string;
  user?: UserInfo;
  /** Shown by `kubectl config` and `cluster-info`. */
  cluster?: string;
  context?: string;
  userName?: string;
  server?: string;
  contexts?: Map<string, { cluster: string; user: string; namespace: string }>;
  /** What `kubectl config` has said of clusters and users, as a kubeconfig has it, by name. */
  clusters?: Map<string, Record<string, unknown>>;
  users?: Map<string, Record<string, unknown>>;
}

/** A program that changes a file of the folder. */
export interface KubectlEditor {
  readonly command: string;
  /** Resolves with its exit code. */
  open(path: string): Promise<number>;
}

/** Everything kubectl touches: it reads no clock, no disk and no network but these. */
export interface KubectlIo {
  readonly transport: { request(request: HttpRequest): HttpResponse };
  stdout(text: string): void;
  stderr(text: string): void;
  readonly files: KubectlFiles;
  readonly stdin?: string | undefined;
  readonly config: KubectlConfig;
  /** Virtual milliseconds since the Unix epoch. */
  now(): number;
  /** Resolves after virtual milliseconds. */
  sleep(ms: number): Promise<void>;
  /** What the shell's KUBE_EDITOR names. */
  readonly editor?: KubectlEditor | undefined;
  /** Ctrl-C. */
  readonly signal?: AbortSignal | undefined;
}
