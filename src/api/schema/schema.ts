import definitions from './definitions.json' with { type: 'json' };

/** The structure of one type: JSON schema with Kubernetes' extensions, without prose. */
export interface Schema {
  readonly description?: string;
  readonly $ref?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'map' | 'set';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
}

const byRef = definitions.definitions as Readonly<Record<string, Schema>>;

/** The Kubernetes version that the schemas describe: `v1.36.2`. */
export const SCHEMA_VERSION: string = definitions.kubernetes;

/** The schema of a type by its full name, `io.k8s.api.core.v1.Pod`; throws when the API has no such type. */
export function schemaOf(ref: string): Schema {
  const schema = byRef[ref];
  if (!schema) throw new Error(`No schema is named ${ref}; add it to schema/definitions.json or correct the name.`);
  return schema;
}

/** Follows a reference, if it is one. */
export const resolve = (schema: Schema): Schema => (schema.$ref ? schemaOf(schema.$ref) : schema);

/** The names of every type. */
export const schemaNames = (): readonly string[] => Object.keys(byRef);
