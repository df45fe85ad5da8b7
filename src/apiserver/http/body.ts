import { badRequest, requestEntityTooLarge, unsupportedMediaType } from '../../api/errors.ts';
import { duplicateFields, problemPlaces, visitFields } from '../../api/schema/duplicate-fields.ts';
import type { HttpRequest, PatchType } from '../request.ts';
import type { BodyFormats } from './body-formats.ts';
import { duplicateKey } from './duplicate-key.ts';
import { jsonSyntaxError } from './json-syntax.ts';

/** The longest body that the server reads: 3 MB (--max-request-body-bytes' built-in value). */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** What kubectl's create commands send. Answers are JSON all the same: clients accept both. */
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

const JSON_TYPES: ReadonlySet<string> = new Set(['', 'application/json', 'text/json']);

const YAML = 'application/yaml';

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

const mediaTypeOf = ({ headers }: HttpRequest): string =>
  (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();

const unknownFormat = (accepted: readonly string[]): Error =>
  unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

export interface Body {
  readonly value: unknown;
  /** Fields that the text had twice. */
  readonly duplicates: readonly string[];
  /** Where fields are in the text, for those who complain of several; only where some are there twice. */
  readonly places?: () => (path: string, again: boolean) => number;
}

/** The text of a body, where it came as text. */
export function textOf({ body }: HttpRequest): string | undefined {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : undefined;
}

/** The JSON of a request's body; undefined when it has none. `expected` names the kind in complaints. */
export function readBody(request: HttpRequest, expected: string, formats?: BodyFormats): Body | undefined {
  const type = mediaTypeOf(request);
  if (formats && type === PROTOBUF) return readProtobuf(request, formats);
  if (!JSON_TYPES.has(type) && !(formats && type === YAML)) {
    throw unknownFormat(['application/json', 'application/yaml', PROTOBUF]);
  }
  const text = textOf(request);
  if (text === undefined) return request.body === undefined ? undefined : { value: request.body, duplicates: [] };
  if (text.length > MAX_BODY_BYTES) throw requestEntityTooLarge(`limit is ${MAX_BODY_BYTES}`);
  if (text === '') return undefined;
  if (formats && type === YAML) return { value: formats.yaml(text).value, duplicates: [] };
  const value = parse(text, expected);
  const duplicates = duplicateFields(text);
  return duplicates.length === 0 ? { value, duplicates } : { value, duplicates, places: () => problemPlaces(text) };
}

function readProtobuf({ body }: HttpRequest, formats: BodyFormats): Body | undefined {
  if (!(body instanceof Uint8Array) || body.length === 0) return undefined;
  if (body.length > MAX_BODY_BYTES) throw requestEntityTooLarge(`limit is ${MAX_BODY_BYTES}`);
  return { value: formats.protobuf(body), duplicates: [] };
}

/** What a PATCH carries, and of which sort it is. */
export function readPatch(
  request: HttpRequest,
  formats?: BodyFormats,
): { readonly type: PatchType; readonly body: unknown; readonly duplicates?: readonly string[] } {
  const type = PATCH_TYPES[mediaTypeOf(request)];
  if (!type) throw unknownFormat([...Object.keys(PATCH_TYPES), 'application/apply-patch+cbor']);
  const text = textOf(request);
  if (text === undefined) return { type, body: request.body };
  if (text.length > MAX_BODY_BYTES) throw requestEntityTooLarge(`limit is ${MAX_BODY_BYTES}`);
  try {
    const body = JSON.parse(text) as unknown;
    return type === 'apply' ? { type, body, duplicates: duplicateKeys(text) } : { type, body };
  } catch {
    if (formats && type === 'apply') {
      const { value, duplicates } = formats.yaml(text);
      return { type, body: value, duplicates };
    }
    // Strategic merge patches are read elsewhere in the real server, which shows.
    throw badRequest(`${type === 'strategic' ? '' : 'error decoding patch: '}${jsonSyntaxError(text)}`);
  }
}

/** What is said of keys that a text has twice, where it is read as YAML. */
function duplicateKeys(text: string): string[] {
  const lines: string[] = [];
  visitFields(text, ({ key, again, index }) => {
    if (again) lines.push(duplicateKey(text.slice(0, index).split('\n').length, key));
  });
  return lines;
}

function parse(text: string, expected: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const bytes = new TextEncoder().encode(text);
    const hex = Array.from(bytes.slice(0, 1024), (byte) => byte.toString(16).padStart(2, '0')).join('');
    throw badRequest(
      `the object provided is unrecognized (must be of type ${expected}): ` +
        `couldn't get version/kind; json parse error: ${jsonSyntaxError(text)} (${hex}${bytes.length > 1024 ? ' ...' : ''})`,
    );
  }
}
