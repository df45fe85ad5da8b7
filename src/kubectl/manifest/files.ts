import { CliError } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import type { KubectlIo } from '../io.ts';
import { byText } from '../value.ts';

/** The text of a file; undefined when there is none. */
export const readText = (io: KubectlIo, path: string): string | undefined => {
  const content = io.files.read(path);
  return content === undefined || typeof content === 'string' ? content : new TextDecoder().decode(content);
};

export interface ManifestFile {
  /** As errors name it. */
  readonly source: string;
  readonly content: string;
}

/** The manifests that `-f` means: files, folders (their .json, .yaml and .yml; deep with -R), `-` for standard input. */
export const manifestFiles = (io: KubectlIo, paths: readonly string[], recursive: boolean): ManifestFile[] =>
  paths.flatMap((path) => {
    if (path === '-') return [{ source: 'STDIN', content: io.stdin ?? '' }];
    const content = readText(io, path);
    if (content !== undefined) return [{ source: path, content }];
    const folder = path.replace(/(?<=.)\/+$/, '');
    if (!io.files.list(folder)) throw new CliError(`the path ${goQuote(path)} does not exist`);
    const found = folderFiles(io, folder, recursive);
    if (found.length === 0)
      throw new CliError(`error reading [${path}]: recognized file extensions are [.json .yaml .yml]`);
    return found;
  });

const folderFiles = (io: KubectlIo, folder: string, recursive: boolean): ManifestFile[] =>
  [...io.files.list(folder)!].sort(byText).flatMap((name) => {
    const path = folder === '.' ? name : `${folder}/${name}`;
    if (io.files.list(path)) return recursive ? folderFiles(io, path, recursive) : [];
    const content = /\.(json|yaml|yml)$/.test(name) ? readText(io, path) : undefined;
    return content === undefined ? [] : [{ source: path, content }];
  });
