import type { Mount } from './cri.ts';
import { normalizePath, type FileEntry, type FileTree } from './file-tree.ts';

/** Why a file operation failed, as errno words it. */
export type FileFault = 'No such file or directory' | 'Is a directory' | 'Read-only file system' | 'File exists';

/** What one container sees: its image's files and what is mounted over them. */
export class FileSystem {
  readonly #root: FileTree;
  readonly #mounts: readonly Mount[];

  constructor(root: FileTree, mounts: readonly Mount[]) {
    this.#root = root;
    // The deepest mount that covers a path is the one that counts.
    this.#mounts =
      mounts.length < 2 ? mounts : [...mounts].sort((a, b) => b.containerPath.length - a.containerPath.length);
  }

  read(path: string): FileEntry | undefined {
    const { tree, inner } = this.#at(path);
    const entry = tree.get(inner);
    if (entry?.link !== undefined) return this.read(entry.link);
    return entry;
  }

  exists(path: string): boolean {
    return this.read(path) !== undefined || this.isDirectory(path);
  }

  isDirectory(path: string): boolean {
    const { tree, inner } = this.#at(path);
    if (tree.get(`${inner}/`) !== undefined || tree.isDirectory(inner)) return true;
    const prefix = `/${normalizePath(path)}`;
    return this.#mounts.some(({ containerPath }) => containerPath === prefix || containerPath.startsWith(`${prefix}/`));
  }

  list(path: string): string[] {
    const { tree, inner } = this.#at(path);
    return tree.list(inner);
  }

  write(path: string, text: string, append = false, size?: number): FileFault | undefined {
    const { tree, inner, readOnly } = this.#at(path);
    if (readOnly) return 'Read-only file system';
    if (this.isDirectory(path)) return 'Is a directory';
    const parent = normalizePath(path).split('/').slice(0, -1).join('/');
    if (parent && !this.isDirectory(parent)) return 'No such file or directory';
    tree.write(inner, append ? (tree.get(inner)?.text ?? '') + text : text, size);
    return undefined;
  }

  makeDirectory(path: string): FileFault | undefined {
    if (this.exists(path)) return 'File exists';
    const { tree, inner, readOnly } = this.#at(path);
    if (readOnly) return 'Read-only file system';
    tree.makeDirectory(inner);
    return undefined;
  }

  remove(path: string): FileFault | undefined {
    if (!this.exists(path)) return 'No such file or directory';
    const { tree, inner, readOnly } = this.#at(path);
    if (readOnly) return 'Read-only file system';
    tree.remove(inner);
    return undefined;
  }

  #at(path: string): { tree: FileTree; inner: string; readOnly: boolean } {
    const normal = normalizePath(path);
    for (const { containerPath, files, subPath, readOnly } of this.#mounts) {
      const at = normalizePath(containerPath);
      if (normal !== at && !normal.startsWith(`${at}/`)) continue;
      const rest = normal.slice(at.length + 1);
      const inner = subPath ? normalizePath(`${subPath}/${rest}`) : rest;
      return { tree: files, inner, readOnly };
    }
    return { tree: this.#root, inner: normal, readOnly: false };
  }
}
