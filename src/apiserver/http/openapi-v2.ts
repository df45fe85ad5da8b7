import { SCHEMA_VERSION, type Schema } from '../../api/schema/schema.ts';
import { WireWriter } from './protobuf/wire-writer.ts';

/** The only form in which kubectl asks for the OpenAPI v2 document. */
export const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** Numbers of the fields of gnostic's openapi.v2 messages that are written here. */
const DOCUMENT = { swagger: 1, info: 2, paths: 8, definitions: 9 } as const;
const INFO = { title: 1, version: 2 } as const;
const PATHS = { path: 2 } as const;
const PATH_ITEM = { patch: 8 } as const;
const OPERATION = { parameters: 8, extension: 13 } as const;
const NON_BODY_PARAMETER = 2;
const QUERY_PARAMETER = 3;
const QUERY = { in: 2, name: 4, type: 6 } as const;
const NAMED = { name: 1, value: 2 } as const;
const SCHEMA = {
  ref: 1,
  format: 2,
  description: 4,
  required: 19,
  additionalProperties: 21,
  type: 22,
  items: 23,
  properties: 25,
  extension: 31,
} as const;
/** What of the messages with a single list or choice is used. */
const FIRST = 1;
const ANY_YAML = 2;

const named = (name: string, value: WireWriter): WireWriter =>
  new WireWriter().text(NAMED.name, name).message(NAMED.value, value);

function schemaMessage(schema: Schema): WireWriter {
  const out = new WireWriter();
  if (schema.$ref) return out.text(SCHEMA.ref, `#/definitions/${schema.$ref}`);
  out.text(SCHEMA.format, schema.format).text(SCHEMA.description, schema.description);
  for (const field of schema.required ?? []) out.text(SCHEMA.required, field);
  if (schema.additionalProperties) {
    out.message(
      SCHEMA.additionalProperties,
      new WireWriter().message(FIRST, schemaMessage(schema.additionalProperties)),
    );
  }
  if (schema.type) out.message(SCHEMA.type, new WireWriter().text(FIRST, schema.type));
  if (schema.items) out.message(SCHEMA.items, new WireWriter().message(FIRST, schemaMessage(schema.items)));
  if (schema.properties) {
    const properties = new WireWriter();
    for (const [name, property] of Object.entries(schema.properties))
      properties.message(FIRST, named(name, schemaMessage(property)));
    out.message(SCHEMA.properties, properties);
  }
  for (const [name, value] of Object.entries(schema)) {
    if (name.startsWith('x-')) out.message(SCHEMA.extension, extension(name, value));
  }
  return out;
}

/** JSON is YAML, which is what extensions are written in. */
const extension = (name: string, value: unknown): WireWriter =>
  named(name, new WireWriter().text(ANY_YAML, JSON.stringify(value)));

/** A parameter of a query, in the two choices that it is wrapped in. */
function queryParameter(name: string): WireWriter {
  const query = new WireWriter().text(QUERY.in, 'query').text(QUERY.name, name).text(QUERY.type, 'string');
  const parameter = new WireWriter().message(NON_BODY_PARAMETER, new WireWriter().message(QUERY_PARAMETER, query));
  return new WireWriter().message(FIRST, parameter);
}

/** Where a kind can be patched: the operations by which clients find out what writes of it understand. */
export interface PatchPath {
  readonly path: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly parameters: readonly string[];
}

function pathsMessage(patches: readonly PatchPath[]): WireWriter {
  const out = new WireWriter();
  for (const { path, kind, parameters } of patches) {
    const operation = new WireWriter();
    for (const name of parameters) operation.message(OPERATION.parameters, queryParameter(name));
    operation.message(OPERATION.extension, extension('x-kubernetes-group-version-kind', kind));
    out.message(PATHS.path, named(path, new WireWriter().message(PATH_ITEM.patch, operation)));
  }
  return out;
}

/** The document of these types (with all that they refer to) as gnostic writes it; `custom` has those not built in. */
export function openApiV2(
  types: readonly string[],
  patches: readonly PatchPath[],
  custom: ReadonlyMap<string, Schema>,
  schemaOf: (type: string) => Schema,
): Uint8Array {
  const definitions = new WireWriter();
  for (const type of types) definitions.message(FIRST, named(type, schemaMessage(custom.get(type) ?? schemaOf(type))));
  return new WireWriter()
    .text(DOCUMENT.swagger, '2.0')
    .message(DOCUMENT.info, new WireWriter().text(INFO.title, 'Kubernetes').text(INFO.version, SCHEMA_VERSION))
    .message(DOCUMENT.paths, pathsMessage(patches))
    .message(DOCUMENT.definitions, definitions)
    .finish();
}
