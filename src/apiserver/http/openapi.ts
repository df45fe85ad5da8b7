import { schemaOf, SCHEMA_VERSION, type Schema } from '../../api/schema/schema.ts';
import { apiVersionOf, type Kind } from '../../api/kind.ts';
import type { EndpointTable } from '../endpoint.ts';
import type { Verb } from '../request.ts';
import { verbsOf } from './discovery.ts';
import { openApiV2 } from './openapi-v2.ts';

/** Query parameters that kubectl looks for before it uses them. */
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
  name,
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
}));

const PATCH_PARAMETERS = [...WRITE_PARAMETERS, { name: 'force', in: 'query', schema: { type: 'boolean' } }];

const COMPONENTS = '#/components/schemas/';

/** A schema with its references as OpenAPI writes them; the types it refers to are put into `found`. */
function rewritten(schema: unknown, found: Set<string>): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map((item) => rewritten(item, found));
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === '$ref' && typeof value === 'string') {
      found.add(value);
      out['allOf'] = [{ $ref: COMPONENTS + value }];
    } else {
      out[key] = rewritten(value, found);
    }
  }
  // OpenAPI v3 allows nothing beside a $ref.
  if (Object.keys(out).length === 1 && out['allOf']) return (out['allOf'] as object[])[0];
  return out;
}

/** The schemas of these types and of all that they refer to. */
function schemasOf(types: readonly string[]): Record<string, unknown> {
  const found = new Set(types);
  const out: Record<string, unknown> = {};
  for (const type of found) {
    const schema: Schema = schemaOf(type);
    out[type] = rewritten(schema, found);
  }
  return out;
}

/** What OpenAPI says of the server's types: one document per group and version, made when it is asked for. */
export class OpenApi {
  readonly #endpoints: EndpointTable;
  readonly #documents = new Map<string, object>();
  #v2: Uint8Array | undefined;

  constructor(endpoints: EndpointTable) {
    this.#endpoints = endpoints;
  }

  /** `/openapi/v2` in protobuf, for what kubectl still validates by it (lists, unknown kinds). */
  get v2(): Uint8Array {
    return (this.#v2 ??= openApiV2(
      Object.keys(schemasOf([...new Set([...this.#endpoints].map(({ kind }) => kind.schema))])),
    ));
  }

  /** `/openapi/v3`: where the documents are. */
  index(): object {
    const paths: Record<string, object> = {};
    for (const path of [...new Set([...this.#endpoints].map(({ kind }) => pathOf(kind)))].sort()) {
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${SCHEMA_VERSION}` };
    }
    return { paths };
  }

  /** `/openapi/v3/apis/apps/v1`; undefined for groups that are not served. */
  document(path: string): object | undefined {
    const known = this.#documents.get(path);
    if (known) return known;
    const kinds = [...this.#endpoints].map(({ kind }) => kind).filter((kind) => pathOf(kind) === path);
    if (kinds.length === 0) return undefined;
    const document = {
      openapi: '3.0.0',
      info: { title: 'Kubernetes', version: SCHEMA_VERSION },
      paths: Object.fromEntries(kinds.flatMap((kind) => pathsOf(kind, path))),
      components: {
        schemas: schemasOf([
          ...kinds.map(({ schema }) => schema),
          'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
        ]),
      },
    };
    this.#documents.set(path, document);
    return document;
  }
}

const pathOf = (kind: Kind): string => `${kind.group ? 'apis' : 'api'}/${apiVersionOf(kind)}`;

/** The paths of a kind with their operations, as far as clients look at them. */
function pathsOf(kind: Kind, root: string): [string, object][] {
  const { group, version } = kind;
  const scope = kind.namespaced ? '/namespaces/{namespace}' : '';
  const operation = (action: string, parameters: object[] = []): object => ({
    parameters,
    responses: {
      200: { description: 'OK', content: { 'application/json': { schema: { $ref: COMPONENTS + kind.schema } } } },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, kind: kind.kind, version },
  });
  const served = verbsOf(kind);
  /** The operations of a path, those that the kind has. */
  const path = (...operations: [verb: Verb, method: string, operation: object][]): object =>
    Object.fromEntries(operations.filter(([verb]) => served.includes(verb)).map(([, method, one]) => [method, one]));
  const list: [Verb, string, object] = ['list', 'get', operation('list')];
  const collection = path(
    list,
    ['create', 'post', operation('post', WRITE_PARAMETERS)],
    ['deletecollection', 'delete', operation('deletecollection')],
  );
  const single = path(
    ['get', 'get', operation('get')],
    ['update', 'put', operation('put', WRITE_PARAMETERS)],
    ['patch', 'patch', operation('patch', PATCH_PARAMETERS)],
    ['delete', 'delete', operation('delete')],
  );
  const base = `/${root}${scope}/${kind.resource}`;
  const paths: [string, object][] = [
    [base, collection],
    [`${base}/{name}`, single],
  ];
  if (kind.namespaced) paths.unshift([`/${root}/${kind.resource}`, path(list)]);
  return paths.filter(([, operations]) => Object.keys(operations).length > 0);
}
