import type { CustomKind } from '../custom-kind.ts';
import { badRequest } from '../errors.ts';
import { quote } from '../field-error.ts';
import { apiVersionOf } from '../kind.ts';
import type { ApiError } from '../status.ts';
import { internalPackage, typeName } from './go-types.ts';
import { makerOfPlainObjects, readerOf, type Maker } from './reader.ts';
import { DecodeError, jsonType, Reading } from './reading.ts';
import { schemaNames, schemaOf } from './schema.ts';

export { DecodeError };

/** What is decoded: a kind, or any other type that requests carry (Scale, Binding, DeleteOptions, ...). */
export interface Decodable {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: string;
  /** Kinds that the API was extended with are read in their own way. */
  readonly custom?: CustomKind;
}

export interface DecodeOptions {
  /** What becomes of unknown and duplicate fields; Ignore unless given. They are dropped in any case. */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  /** Fields that the JSON text had twice, from duplicateFields(). */
  readonly duplicates?: readonly string[];
  /** Where fields are in the text, from problemPlaces(). */
  readonly places?: () => (path: string, again: boolean) => number;
  /**
   * For writers in this process that hand over well-formed objects: nothing is checked. Only the object itself,
   * its metadata, spec and status are copied, everything deeper is shared.
   */
  readonly trusted?: boolean;
  /** Words type errors as the conversion of a strategically patched object does, not as a JSON decoder. */
  readonly converting?: boolean;
  /**
   * The object that `raw` is a new version of, as it was decoded before. Parts of `raw` that are the very same
   * there are taken over without being read again, and stay shared below the draft's own metadata, spec and status.
   */
  readonly unchanged?: object;
}

export interface Decoded<T> {
  readonly object: T;
  readonly warnings: readonly string[];
}

/** DeleteOptions as requests carry it. */
export const DELETE_OPTIONS: Decodable = {
  group: '',
  version: 'v1',
  kind: 'DeleteOptions',
  schema: 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
};
export const SCALE: Decodable = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  schema: 'io.k8s.api.autoscaling.v1.Scale',
};
export const BINDING: Decodable = {
  group: '',
  version: 'v1',
  kind: 'Binding',
  schema: 'io.k8s.api.core.v1.Binding',
};
export const EVICTION: Decodable = {
  group: 'policy',
  version: 'v1',
  kind: 'Eviction',
  schema: 'io.k8s.api.policy.v1.Eviction',
};

/** Schema names by `apiVersion/kind` of everything that the schemas know. */
let registered: Map<string, string> | undefined;

function registeredSchema(apiVersion: string, kind: string): string | undefined {
  if (!registered) {
    registered = new Map();
    for (const name of schemaNames()) {
      const gvks = (
        schemaOf(name) as { 'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[] }
      )['x-kubernetes-group-version-kind'];
      for (const gvk of gvks ?? []) registered.set(`${apiVersionOf(gvk)}/${gvk.kind}`, name);
    }
  }
  return registered.get(`${apiVersion}/${kind}`);
}

/**
 * Turns raw JSON into an object of its kind: unknown fields, nulls and empty values that mean nothing are dropped,
 * types are checked, quantities and times take their canonical form. The result is new and shares nothing with `raw`.
 * Throws DecodeError with Kubernetes' message; `decode` is the same with the error that a request gets.
 */
export function decodeRaw<T>(kind: Decodable, raw: unknown, options: DecodeOptions = {}): Decoded<T> {
  if (kind.custom) return kind.custom.decode(raw, options) as Decoded<T>;
  const apiVersion = apiVersionOf(kind);
  if (options.trusted) return { object: shallowDraft(raw, apiVersion, kind) as T, warnings: [] };
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw new DecodeError(
      raw === null
        ? "Object 'Kind' is missing in 'null'"
        : `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonType(raw)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    );
  const given = raw as { apiVersion?: unknown; kind?: unknown };
  const givenVersion = typeof given.apiVersion === 'string' && given.apiVersion !== '' ? given.apiVersion : apiVersion;
  const givenKind = typeof given.kind === 'string' && given.kind !== '' ? given.kind : kind.kind;
  const isExpected = givenKind === kind.kind && givenVersion === apiVersion;
  const schema = isExpected ? kind.schema : registeredSchema(givenVersion, givenKind);
  if (schema === undefined)
    throw new DecodeError(
      `no kind ${quote(givenKind)} is registered for version ${quote(givenVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  const at = new Reading(options.converting, isExpected ? options.unchanged : undefined);
  const object = readerOf(schema)(raw, at, '') as { apiVersion: string; kind: string };
  if (at.typeError !== undefined) throw new DecodeError(at.typeError);
  if (!isExpected && givenKind !== kind.kind)
    throw new DecodeError(
      `converting (${typeName(schema)}) to (${internalPackage(kind.group)}.${kind.kind}): unknown conversion`,
    );
  if (options.unchanged) separate(object as object, options.unchanged);
  const problems = options.duplicates?.length || at.unknown.length > 0 ? problemsOf(options, at.unknown) : NO_PROBLEMS;
  if (problems.length > 0 && options.fieldValidation === 'Strict')
    throw new DecodeError(`strict decoding error: ${problems.join(', ')}`, problems);
  // The version is left for the caller to compare: a request may carry another version of the same kind.
  object.apiVersion = givenVersion;
  object.kind = kind.kind;
  return { object: object as T, warnings: options.fieldValidation === 'Warn' ? problems : [] };
}

const NO_PROBLEMS: string[] = [];

/** What is said of such fields, in the order of the text where that is known. */
function problemsOf({ duplicates = [], places }: DecodeOptions, unknown: readonly string[]): string[] {
  const problems = [
    ...duplicates.map((field) => ({ field, again: true })),
    ...unknown.map((field) => ({ field, again: false })),
  ];
  if (places && duplicates.length > 0 && unknown.length > 0) {
    const place = places();
    problems.sort((a, b) => place(a.field, a.again) - place(b.field, b.again));
  }
  return problems.map(({ field, again }) => `${again ? 'duplicate' : 'unknown'} field ${quote(field)}`);
}

/** Gives a draft a top level of its own for every part (metadata, spec, status, data) that it shares whole. */
function separate(draft: object, unchanged: object): void {
  const parts = draft as Record<string, unknown>;
  const before = unchanged as Record<string, unknown>;
  for (const field in parts) {
    const part = parts[field];
    if (typeof part === 'object' && part !== null && part === before[field])
      parts[field] = Array.isArray(part) ? part.slice() : { ...part };
  }
}

const metadataMakers = new Map<string, Maker>();

/** A copy of metadata with room for what the server adds to it. */
function ownMetadata(schema: string, metadata: object | undefined): object {
  let make = metadataMakers.get(schema);
  if (!make) metadataMakers.set(schema, (make = makerOfPlainObjects()));
  return Object.assign(new make(), metadata);
}

/** The draft of a trusted object: its own top level, metadata, spec and status; the rest is shared. */
function shallowDraft(raw: unknown, apiVersion: string, { kind, schema }: Decodable): unknown {
  const source = raw as { metadata?: object; spec?: object; status?: object };
  const draft: Record<string, unknown> = {
    ...source,
    apiVersion,
    kind,
    metadata: ownMetadata(schema, source.metadata),
  };
  if (source.spec) draft['spec'] = { ...source.spec };
  if (source.status) draft['status'] = { ...source.status };
  return draft;
}

/** Like decodeRaw, for the body of a request: throws the BadRequest that the server answers with. */
export function decode<T>(kind: Decodable, raw: unknown, options: DecodeOptions = {}): Decoded<T> {
  try {
    return decodeRaw(kind, raw, options);
  } catch (error) {
    if (error instanceof DecodeError) throw decodeFailure(kind, raw, error);
    throw error;
  }
}

function decodeFailure(kind: Decodable, raw: unknown, error: DecodeError): ApiError {
  const { kind: givenKind, apiVersion } = (raw ?? {}) as { kind?: unknown; apiVersion?: unknown };
  const named = typeof givenKind === 'string' && givenKind !== '' ? givenKind : kind.kind;
  const version = typeof apiVersion === 'string' && apiVersion !== '' ? apiVersion.split('/').at(-1)! : kind.version;
  return badRequest(`${named} in version ${quote(version)} cannot be handled as a ${kind.kind}: ${error.message}`);
}
