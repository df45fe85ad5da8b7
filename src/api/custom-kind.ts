import type { Decoded, DecodeOptions } from './schema/decode.ts';
import type { Schema } from './schema/schema.ts';

/** What a kind that a CustomResourceDefinition defines has beyond what all kinds have. */
export interface CustomKind {
  /** Reads raw JSON by the schema of the definition, as decodeRaw does by the schemas of built-in types. */
  readonly decode: (raw: unknown, options: DecodeOptions) => Decoded<object>;
  /** How the fields of its objects are owned. */
  readonly structure: Schema;
  /** The type as OpenAPI publishes it, under the kind's schema name: version 3, and version 2, which says less. */
  readonly openApi: { readonly v3: Schema; readonly v2: Schema };
  /** What rules said of an object that was let through, because it had said so before (ratcheting). */
  readonly tolerated: (object: object) => readonly string[];
  /** What discovery says can be asked of it. */
  readonly verbs: readonly string[];
  /** The version in which its objects are stored. */
  readonly storageVersion: string;
}
