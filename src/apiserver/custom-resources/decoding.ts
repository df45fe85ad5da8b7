import { withDefaults } from '../../api/apiextensions/defaulting.ts';
import { prune, withoutNulls } from '../../api/apiextensions/pruning.ts';
import type { PropsSchema } from '../../api/apiextensions/schema-checks.ts';
import { badRequest } from '../../api/errors.ts';
import { quote } from '../../api/field-error.ts';
import type { Decoded, DecodeOptions } from '../../api/schema/decode.ts';
import { DecodeError, jsonType } from '../../api/schema/reading.ts';
import { embedsResources, withEmbeddedMetadata } from './embedded.ts';
import { readMetadata } from './metadata.ts';

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The form that the objects of one version have: pruned, and completed with defaults. */
export class ObjectForm {
  readonly schema: PropsSchema;
  readonly #embeds: boolean;

  constructor(schema: PropsSchema) {
    this.schema = schema;
    this.#embeds = embedsResources(schema);
  }

  /** An object without what the schema does not specify; the object itself when it has nothing of the kind. */
  pruned(object: Fields, unknown: string[] = [], lenient = true): Fields {
    const pruned = prune(object, this.schema, true);
    unknown.push(...pruned.unknown);
    const kept = withoutNulls(pruned.value, this.schema);
    return (this.#embeds ? withEmbeddedMetadata(kept, this.schema, unknown, lenient) : kept) as Fields;
  }

  /** A stored object as it is read: the schema may have changed since it was written. */
  read(object: Fields): Fields {
    return withDefaults(this.pruned(object), this.schema) as Fields;
  }

  /** Raw JSON as an object of this form. The draft has a top level, metadata, spec and status of its own. */
  decode(raw: unknown, apiVersion: string, options: DecodeOptions): Decoded<object> {
    if (!isObject(raw))
      throw new DecodeError(`json: cannot unmarshal ${jsonType(raw)} into Go value of type map[string]interface {}`);
    if (!raw['kind']) throw new DecodeError(`Object 'Kind' is missing in '${JSON.stringify(raw)}'`);
    const given = raw['apiVersion'] ?? apiVersion;
    if (given !== apiVersion)
      throw badRequest(
        `the API version in the data (${String(given)}) does not match the expected API version (${apiVersion})`,
      );
    const { metadata, unknown } = readMetadata(raw['metadata']);
    const fields = unknown.map((field) => `metadata.${field}`);
    const read = withDefaults(this.pruned(raw, fields, false), this.schema) as Fields;
    const problems = [
      ...(options.duplicates ?? []).map((field) => `duplicate field ${quote(field)}`),
      ...fields.map((field) => `unknown field ${quote(field)}`),
    ];
    if (problems.length > 0 && options.fieldValidation === 'Strict')
      throw new DecodeError(`strict decoding error: ${problems.join(', ')}`, problems);
    const object: Record<string, unknown> = { ...read, apiVersion, metadata };
    for (const part of ['spec', 'status']) if (isObject(object[part])) object[part] = { ...object[part] };
    return { object, warnings: options.fieldValidation === 'Warn' ? problems : [] };
  }
}
