import { CliError } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import { isObject, type Obj } from '../value.ts';
import { readYaml } from './yaml-read.ts';

/** One object of a manifest, or what is wrong at its place. */
export type Document = { readonly object: Obj } | { readonly error: Error };

export interface DocumentOptions {
  /** Refuse documents without apiVersion and kind, as commands do that validate. */
  readonly validate: boolean;
}

/** What ends the errors of validation. */
export const STOP_VALIDATING = 'if you choose to ignore these errors, turn validation off with --validate=false';

/** The objects of a YAML or JSON text in order; `source` names it in errors. Reading ends at the first error of syntax. */
export const readDocuments = (content: string, source: string, options: DocumentOptions): Document[] => {
  const documents: Document[] = [];
  const json = /^\s*\{/.test(content);
  const values = json ? jsonValues(content, source) : yamlValues(content, source);
  for (const value of values) {
    if (value instanceof Error) {
      documents.push({ error: value });
      break;
    }
    if (value === null) continue;
    if (options.validate) {
      const wrong = kindErrors(value);
      if (wrong) {
        documents.push({
          error: new CliError(
            `error validating ${goQuote(source)}: error validating data: ${wrong}; ${STOP_VALIDATING}`,
          ),
        });
        break;
      }
    }
    for (const each of flatten(value, source)) documents.push(each);
  }
  return documents;
};

function* yamlValues(content: string, source: string): Generator<unknown> {
  for (const part of content.split(/^---(?=\s|$)[^\n]*(?:\n|$)/m)) {
    if (part.trim() === '') continue;
    try {
      yield readYaml(part);
    } catch (error) {
      yield new CliError(`error parsing ${source}: error converting YAML to JSON: ${(error as Error).message}`);
    }
  }
}

function* jsonValues(content: string, source: string): Generator<unknown> {
  let rest = content;
  while (rest.trim() !== '') {
    rest = rest.replace(/^\s*(---\s*\n\s*)?/, '');
    const end = jsonEnd(rest);
    try {
      if (end < 0) throw new Error('unexpected EOF');
      yield JSON.parse(rest.slice(0, end)) as unknown;
    } catch (error) {
      const message = end < 0 ? 'unexpected EOF' : goJsonError(rest.slice(0, end), error as Error);
      yield new CliError(`error parsing ${source}: ${message}`);
      return;
    }
    rest = rest.slice(end);
  }
}

/** Where the JSON value at the start of a text ends; -1 when it does not. */
const jsonEnd = (text: string): number => {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '{' || c === '[') depth++;
    else if ((c === '}' || c === ']') && --depth === 0) return i + 1;
  }
  return -1;
};

/** JSON.parse's complaint in the words of Go's encoding/json. */
export const goJsonError = (text: string, error: Error): string => {
  const position = /position (\d+)/.exec(error.message);
  const offset = position ? Number(position[1]) : text.length;
  const c = text[offset];
  if (c === undefined || /end of/i.test(error.message)) return 'unexpected end of JSON input';
  const before = text.slice(0, offset).trimEnd().at(-1);
  const shown = c === "'" ? `'\\''` : `'${c}'`;
  if (before === '{') return `invalid character ${shown} looking for beginning of object key string`;
  if (before === ',' && /property name/i.test(error.message))
    return `invalid character ${shown} looking for beginning of object key string`;
  if (before === ':' || before === '[' || before === ',' || before === undefined)
    return `invalid character ${shown} looking for beginning of value`;
  if (/property/i.test(error.message) || /':'/.test(error.message))
    return `invalid character ${shown} after object key`;
  return before === ']' || text.slice(0, offset).lastIndexOf('[') > text.slice(0, offset).lastIndexOf('{')
    ? `invalid character ${shown} after array element`
    : `invalid character ${shown} after object key:value pair`;
};

const kindErrors = (value: unknown): string | undefined => {
  if (!isObject(value)) return 'invalid object to validate';
  const errors: string[] = [];
  for (const field of ['apiVersion', 'kind']) {
    if (value[field] === undefined || value[field] === null) errors.push(`${field} not set`);
    else if (typeof value[field] !== 'string') errors.push(`${field} isn't string type`);
    else if (field === 'apiVersion' && value[field].split('/').length > 2)
      errors.push(`unexpected GroupVersion string: ${value[field]}`);
  }
  return errors.length > 1 ? `[${errors.join(', ')}]` : errors[0];
};

const goType = (value: unknown): string =>
  Array.isArray(value)
    ? 'array'
    : isObject(value)
      ? 'object'
      : value === null
        ? 'null'
        : typeof value === 'boolean'
          ? 'bool'
          : typeof value;

/** Lists become their items; what is no object, or has no kind, becomes the decoder's error. */
const flatten = (value: unknown, source: string): Document[] => {
  const undecodable = (reason: string): Document[] => [
    { error: new CliError(`unable to decode ${goQuote(source)}: ${reason}`) },
  ];
  if (!isObject(value))
    return undecodable(`json: cannot unmarshal ${goType(value)} into Go value of type unstructured.detector`);
  if (!value['kind']) return undecodable(`Object 'Kind' is missing in '${JSON.stringify(value)}'`);
  const { items } = value;
  if (Array.isArray(items) && String(value['kind']).endsWith('List'))
    return items.flatMap((item) => flatten(item, source));
  const wrong = metadataError(value['metadata']);
  return wrong ? undecodable(wrong) : [{ object: value }];
};

const metadataError = (metadata: unknown): string | undefined => {
  if (metadata === undefined || metadata === null) return undefined;
  if (!isObject(metadata))
    return `json: cannot unmarshal ${goType(metadata)} into Go struct field metadataOnlyObject.metadata of type v1.ObjectMeta`;
  const bad = (field: string, value: unknown, type = 'string'): string =>
    `json: cannot unmarshal ${goType(value)} into Go struct field ObjectMeta.metadata.${field} of type ${type}`;
  for (const field of ['name', 'generateName', 'namespace', 'resourceVersion'])
    if (metadata[field] !== undefined && metadata[field] !== null && typeof metadata[field] !== 'string')
      return bad(field, metadata[field]);
  for (const field of ['labels', 'annotations']) {
    const found = metadata[field];
    if (found === undefined || found === null) continue;
    if (!isObject(found)) return bad(field, found, 'map[string]string');
    const wrong = Object.values(found).find((each) => typeof each !== 'string' && each !== null);
    if (wrong !== undefined) return bad(field, wrong);
  }
  return undefined;
};
