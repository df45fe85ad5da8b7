import { YAMLException } from 'js-yaml';
import type { Status } from '../api/status.ts';
import type { Finding, LabFile } from './protocol.ts';
import { deepest, fieldPath, positionAt, yamlDocuments, type YamlNode } from './yaml-positions.ts';

/** A Status that refused a write, and which object of the file the write was for, as far as the URL told. */
export interface Refusal {
  readonly status: Status;
  readonly url: string;
}

interface Complaint {
  readonly field: string;
  readonly message: string;
}

const UNKNOWN_FIELD = /(?:unknown|duplicate) field "([^"]+)"/g;
const WRONG_TYPE = /Go struct field \w+?\.([\w.[\]]+) of type/;

/** What a Status complains about, field by field: its causes, or what its message says where a decoder wrote it. */
function complaints({ details, message = '' }: Status): Complaint[] {
  const causes = (details?.causes ?? []).map(({ field = '', message: text = message }) => ({
    field,
    message: field ? `${field}: ${text}` : text,
  }));
  if (causes.length > 0) return causes;
  const unknown = [...message.matchAll(UNKNOWN_FIELD)].map((match) => ({ field: match[1]!, message: match[0] }));
  if (unknown.length > 0) return unknown;
  return [{ field: WRONG_TYPE.exec(message)?.[1] ?? '', message }];
}

const textOf = (node: YamlNode, path: readonly string[]): string | undefined => {
  const found = deepest(node, path);
  let at: YamlNode | undefined = node;
  for (const part of path) at = at?.children.get(part);
  return at === found ? found.scalar : undefined;
};

/** The document that a request was about: by the object's name and kind, else the only or first one that has a kind. */
function documentOf(documents: readonly YamlNode[], { status, url }: Refusal): YamlNode | undefined {
  const path = url.split('?')[0]!.split('/');
  const name = status.details?.name ?? path.at(-1);
  const named = documents.filter((document) => textOf(document, ['metadata', 'name']) === name);
  const resource = `/${path.slice(1).join('/')}/`;
  const ofKind = (candidates: readonly YamlNode[]): YamlNode | undefined =>
    candidates.find((document) => {
      const kind = textOf(document, ['kind'])?.toLowerCase();
      return kind !== undefined && (status.details?.kind?.toLowerCase() === kind || resource.includes(`/${kind}`));
    });
  return (
    ofKind(named) ??
    named[0] ??
    ofKind(documents) ??
    documents.find((document) => textOf(document, ['kind'])) ??
    documents[0]
  );
}

/** What kubectl itself refused, before it asked for a write: at the kind or at the start of the document it names. */
function kubectlFinding(file: LabFile, documents: readonly YamlNode[], stderr: string): Finding[] {
  const message = stderr.trim().replace(/^error: /, '');
  if (message === '') return [];
  const kind = /no matches for kind "([^"]+)"/.exec(message)?.[1];
  const document = documents.find((candidate) => textOf(candidate, ['kind']) === kind) ?? documents[0];
  const at = document ? deepest(document, ['kind']).offset : 0;
  return [{ path: file.path, ...positionAt(file.text, at), message }];
}

/** The API server's refusals, or else kubectl's own, at the lines of the manifest they concern. */
export function findingsOf(file: LabFile, refusals: readonly Refusal[], stderr = ''): Finding[] {
  let documents: YamlNode[];
  try {
    documents = yamlDocuments(file.text);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { line, column } = error.mark ?? { line: 0, column: 0 };
    return [{ path: file.path, line: line + 1, column: column + 1, message: `YAML: ${error.reason}` }];
  }
  if (refusals.length === 0) return kubectlFinding(file, documents, stderr);
  return refusals.flatMap((refusal) => {
    const document = documentOf(documents, refusal);
    return complaints(refusal.status).map(({ field, message }) => {
      const path = fieldPath(field);
      const at = document ? deepest(document, path.length > 0 ? path : ['kind']) : undefined;
      return { path: file.path, ...positionAt(file.text, at?.offset ?? 0), message };
    });
  });
}
