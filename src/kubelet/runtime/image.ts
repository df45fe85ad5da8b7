import type { FileSet } from './file-tree.ts';
import type { Main } from './process.ts';
import type { Signal } from './signal.ts';

/** A simulated image: what it says of itself, its files, and its executables as TypeScript programs. */
export interface Image {
  /** `docker.io/library/nginx`. */
  readonly repository: string;
  /** Tags that exist. */
  readonly tags: RegExp;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: (tag: string) => Readonly<Record<string, string>>;
  readonly workingDir?: string;
  readonly user?: number;
  readonly stopSignal?: Signal;
  readonly files?: FileSet;
  /** Compressed size of a tag in the registry, bytes. */
  readonly sizeBytes: (tag: string) => number;
  /** Memory that its main process holds when it has nothing to do, bytes; two mebibytes unless given. */
  readonly memoryBytes?: number;
  /** Executables by name, as the shell or the runtime would find them on the PATH. */
  readonly executables: Readonly<Record<string, Main>>;
}
