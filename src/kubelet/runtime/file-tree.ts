/** A file: its text, or where it leads. */
export interface FileEntry {
  readonly text: string;
  /** Permission bits, 0644 unless given. */
  readonly mode?: number;
  readonly link?: string;
  /** Bytes, where they are more than the text that is kept. */
  readonly size?: number;
}

export const sizeOf = ({ text, size }: FileEntry): number => size ?? text.length;

/** Paths without a leading slash: `etc/hosts`. Directories end with a slash and are implied by their files. */
export type FileSet = ReadonlyMap<string, FileEntry>;

const NO_FILES: FileSet = new Map();

/** Files that are made anew whenever they are looked at. */
export interface ProvidedFiles {
  readonly names: readonly string[];
  file(path: string): FileEntry | undefined;
}

/** `/a//b/../c/` → `a/c`. */
export function normalizePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

/** Files in memory: a shared, unchanging base with a layer of changes above it, made when it is first written to. */
export class FileTree {
  #base: FileSet;
  #changes: Map<string, FileEntry | undefined> | undefined;
  #make: (() => FileSet) | undefined;
  readonly #provided: ProvidedFiles | undefined;
  /** Bytes written so far into the layer of changes. */
  written = 0;

  /**
   * `base` may be a function that makes the files when they are first looked at. `provided` are files that stand
   * before those of the base.
   */
  constructor(base: FileSet | (() => FileSet) = NO_FILES, provided?: ProvidedFiles) {
    this.#provided = provided;
    this.#base = typeof base === 'function' ? NO_FILES : base;
    this.#make = typeof base === 'function' ? base : undefined;
  }

  /** Puts other files in place of the base, as when a mounted ConfigMap changed. */
  replace(base: FileSet): void {
    this.#make = undefined;
    this.#base = base;
  }

  get(path: string): FileEntry | undefined {
    const changes = this.#changes;
    if (changes?.has(path)) return changes.get(path);
    return this.#provided?.file(path) ?? this.#files().get(path);
  }

  isDirectory(path: string): boolean {
    if (path === '') return true;
    const prefix = `${path}/`;
    for (const key of this.#paths()) if (key.startsWith(prefix)) return true;
    return false;
  }

  /** Names in a directory, sorted; directories end with a slash. */
  list(path: string): string[] {
    const prefix = path === '' ? '' : `${path}/`;
    const names = new Set<string>();
    for (const key of this.#paths()) {
      if (!key.startsWith(prefix) || key === prefix) continue;
      const rest = key.slice(prefix.length);
      const slash = rest.indexOf('/');
      names.add(slash < 0 ? rest : rest.slice(0, slash + 1));
    }
    return [...names].sort();
  }

  /** `size` stands for content that is not kept, such as zeros. */
  write(path: string, text: string, size?: number): void {
    const previous = this.get(path);
    const mode = previous?.mode;
    const entry: FileEntry = { text, ...(mode === undefined ? {} : { mode }), ...(size === undefined ? {} : { size }) };
    (this.#changes ??= new Map()).set(path, entry);
    this.written += Math.max(0, sizeOf(entry) - (previous ? sizeOf(previous) : 0));
  }

  makeDirectory(path: string): void {
    (this.#changes ??= new Map()).set(`${path}/`, { text: '' });
  }

  /** Removes a file, or a directory with all that is in it; the directory above stays, be it empty. */
  remove(path: string): void {
    const above = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const changes = (this.#changes ??= new Map());
    for (const key of [...this.#paths()]) {
      if (key === path || key.startsWith(`${path}/`)) changes.set(key, undefined);
    }
    if (!this.isDirectory(above)) this.makeDirectory(above);
  }

  #files(): FileSet {
    if (this.#make) {
      this.#base = this.#make();
      this.#make = undefined;
    }
    return this.#base;
  }

  *#paths(): Generator<string> {
    const changes = this.#changes;
    for (const key of this.#provided?.names ?? []) if (!changes?.has(key)) yield key;
    for (const key of this.#files().keys()) if (!changes?.has(key)) yield key;
    if (changes) for (const [key, entry] of changes) if (entry) yield key;
  }
}
