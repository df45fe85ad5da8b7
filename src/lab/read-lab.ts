/** Reads `labs/<id>/` from disk (build and tests only). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, YAMLException } from 'js-yaml';
import { provideLibraries } from '../cluster/libraries.ts';
import { CelError, compileCel } from './cel.ts';
import { labSource, type LabDefinition, type LabSource } from './definition.ts';
import type { LabFile } from './protocol.ts';
import { deepest, positionAt, yamlDocuments } from './yaml-positions.ts';

/** A mistake in a `lab.yaml`; the message names file, line, column and field. */
export class LabError extends Error {
  constructor(file: string, text: string, offset: number, field: string, problem: string) {
    const { line, column } = positionAt(text, offset);
    super(`${file}:${line}:${column}: ${field === '' ? '' : `${field}: `}${problem}`);
    this.name = 'LabError';
  }
}

type Path = readonly (string | number)[];

const pathText = (path: Path): string =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');

/** Checks the text of a `lab.yaml`; `file` is how messages name it. Throws LabError with the first mistake. */
export function parseLab(text: string, file: string): LabSource {
  let raw: unknown;
  try {
    raw = load(text);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new LabError(file, text, error.mark?.position ?? 0, '', error.reason);
  }
  const [document] = yamlDocuments(text);
  const fail = (path: Path, problem: string): never => {
    throw new LabError(file, text, document ? deepest(document, path).offset : 0, pathText(path), problem);
  };
  const result = labSource.safeParse(raw);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    return fail([...issue.path.filter((part) => typeof part !== 'symbol'), ...unknown], issue.message);
  }
  result.data.steps.forEach((step, s) =>
    step.checks.forEach((check, c) => {
      const form = check.trace !== undefined ? 'trace' : 'cel';
      try {
        compileCel(form === 'trace' ? 'span' : check.on?.name !== undefined ? 'object' : 'objects', check[form] ?? '');
      } catch (error) {
        if (!(error instanceof CelError)) throw error;
        fail(['steps', s, 'checks', c, form], `not a CEL expression: ${error.message}`);
      }
    }),
  );
  return result.data;
}

const readFolder = (folder: string): LabFile[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))
    : [];

/** The lab of a folder, with its files. `shownFolder` is how messages name the folder. Throws LabError. */
export function readLab(folder: string, id: string, shownFolder = folder): LabDefinition {
  // Checks are compiled here to find their mistakes, regular expressions in them too.
  provideLibraries();
  const shown = `${shownFolder}/lab.yaml`;
  const text = readFileSync(join(folder, 'lab.yaml'), 'utf8');
  const source = parseLab(text, shown);
  const available = readFolder(join(folder, 'files'));
  const files = source.files.map((path, i) => {
    const file = available.find((candidate) => candidate.path === path);
    if (file) return file;
    const at = deepest(yamlDocuments(text)[0]!, ['files', i]).offset;
    throw new LabError(shown, text, at, `files[${i}]`, `there is no file ${shownFolder}/files/${path}`);
  });
  return { ...source, id, files, solution: readFolder(join(folder, 'solution')) };
}
