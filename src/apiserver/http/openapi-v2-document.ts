import { SCHEMA_VERSION, type Schema } from '../../api/schema/schema.ts';

/** An operation as OpenAPI v3 has it here. */
export interface Operation {
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly [field: string]: unknown;
}

const DEFINITIONS = '#/definitions/';

/** A schema with its references as OpenAPI v2 writes them: beside what else is said of the field. */
function referring(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(referring);
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' ? DEFINITIONS + value : referring(value),
    ]),
  );
}

/** The same operation in OpenAPI v2, which knows neither media types of answers nor schemas of parameters. */
const olderOperation = ({ parameters, ...rest }: Operation, type: string): object => ({
  ...rest,
  consumes: ['*/*'],
  produces: ['application/json', 'application/yaml'],
  parameters: parameters.map(({ schema, ...parameter }) => ({ ...parameter, ...schema })),
  responses: { 200: { description: 'OK', schema: { $ref: DEFINITIONS + type } } },
});

/** The paths of a kind, by what OpenAPI v3 says of them. */
export interface KindPaths {
  readonly type: string;
  readonly paths: readonly (readonly [path: string, operations: object])[];
}

interface OpenApiV2 {
  readonly swagger: '2.0';
  readonly info: object;
  readonly paths: object;
  readonly definitions: object;
}

/** `/openapi/v2` as JSON: all types with all that they refer to, and the paths of all kinds. */
export const openApiV2Document = (types: ReadonlyMap<string, Schema>, kinds: readonly KindPaths[]): OpenApiV2 => ({
  swagger: '2.0',
  info: { title: 'Kubernetes', version: SCHEMA_VERSION },
  paths: Object.fromEntries(
    kinds.flatMap(({ type, paths }) =>
      paths.map(([path, operations]) => [
        path,
        Object.fromEntries(
          Object.entries(operations).map(([method, what]) => [method, olderOperation(what as Operation, type)]),
        ),
      ]),
    ),
  ),
  definitions: Object.fromEntries([...types].map(([name, schema]) => [name, referring(schema)])),
});

/** The document with the paths and types of OpenAPI v3 documents of other servers; types of the same name are the server's own. */
export function withOthers(own: OpenApiV2, others: readonly object[]): OpenApiV2 {
  if (others.length === 0) return own;
  const documents = others.map(
    (other) =>
      JSON.parse(JSON.stringify(other).replaceAll('#/components/schemas/', DEFINITIONS)) as {
        readonly paths?: object;
        readonly components?: { readonly schemas?: object };
      },
  );
  return {
    ...own,
    paths: Object.assign({}, ...documents.map(({ paths }) => paths ?? {}), own.paths) as object,
    definitions: Object.assign(
      {},
      ...documents.map(({ components }) => components?.schemas ?? {}),
      own.definitions,
    ) as object,
  };
}
