import { schemaOf, SCHEMA_VERSION, type Schema } from '../../api/schema/schema.ts';
import { apiVersionOf, type Kind } from '../../api/kind.ts';
import type { Aggregation } from '../aggregation/aggregation.ts';
import type { EndpointTable } from '../endpoint.ts';
import type { Verb } from '../request.ts';
import { verbsOf } from './discovery.ts';
import { openApiV2 } from './openapi-v2.ts';
import { openApiV2Document, withOthers } from './openapi-v2-document.ts';
import { sha256 } from './sha256.ts';

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

/** What is said of a type, under the empty name, and of its fields. */
export type Prose = (type: string) => ReadonlyMap<string, string>;

/** A type of the API with what is said of it. */
export function describedSchema(type: string, prose: Prose | undefined): Schema {
  const schema = schemaOf(type);
  const about = prose?.(type);
  if (!about || about.size === 0) return schema;
  const say = (name: string, of: Schema): Schema => {
    const description = about.get(name);
    return description ? { description, ...of } : of;
  };
  const properties = Object.entries(schema.properties ?? {}).map(([name, of]) => [name, say(name, of)] as const);
  return say('', schema.properties ? { ...schema, properties: Object.fromEntries(properties) } : schema);
}

/** The schemas of these types and of all that they refer to. */
function schemasOf(
  types: readonly string[],
  custom: ReadonlyMap<string, Schema> = new Map(),
  prose?: Prose,
): Record<string, unknown> {
  const found = new Set(types);
  const out: Record<string, unknown> = {};
  for (const type of found) {
    const schema: Schema = custom.get(type) ?? describedSchema(type, prose);
    out[type] = rewritten(schema, found);
  }
  return out;
}

/** What OpenAPI says of the server's types: one document per group and version, made when it is asked for. */
export class OpenApi {
  readonly #endpoints: EndpointTable;
  readonly #documents = new Map<string, object>();
  #v2: Uint8Array | undefined;
  #v2Document: object | undefined;
  #generation = 0;

  readonly #prose: () => Prose | undefined;

  readonly #aggregation: Aggregation;

  /** `prose`: what is said of types, once that is known. `aggregation`: servers that say more. */
  constructor(endpoints: EndpointTable, prose: () => Prose | undefined, aggregation: Aggregation) {
    this.#endpoints = endpoints;
    this.#prose = prose;
    this.#aggregation = aggregation;
  }

  /** `/openapi/v2` in protobuf, for what kubectl still validates by it (lists, unknown kinds). */
  get v2(): Uint8Array {
    this.#renew();
    const kinds = this.#kinds;
    const custom = customSchemas(kinds, 'v2');
    return (this.#v2 ??= openApiV2(
      Object.keys(schemasOf([...new Set(kinds.map(({ schema }) => schema))], custom)),
      kinds
        .filter((kind) => verbsOf(kind).includes('patch'))
        .map((kind) => ({
          path: objectPath(kind),
          kind: { group: kind.group, version: kind.version, kind: kind.kind },
          parameters: PATCH_PARAMETERS.map(({ name }) => name),
        })),
      custom,
      (type) => describedSchema(type, this.#prose()),
    ));
  }

  /** `/openapi/v2` in JSON. */
  get v2Document(): object {
    this.#renew();
    if (this.#v2Document) return this.#v2Document;
    const kinds = this.#kinds;
    const custom = customSchemas(kinds, 'v2');
    const types = Object.keys(schemasOf([...new Set(kinds.map(({ schema }) => schema))], custom));
    const schemaOfType = (type: string): Schema => custom.get(type) ?? describedSchema(type, this.#prose());
    const own = openApiV2Document(
      new Map(types.map((type) => [type, schemaOfType(type)])),
      kinds.map((kind) => ({ type: kind.schema, paths: pathsOf(kind) })),
    );
    return (this.#v2Document = withOthers(own, [...this.#remote().values()]));
  }

  /** Another one whenever `/openapi/v2` may say something else. */
  get etag(): string {
    return `"${SCHEMA_VERSION}-${this.#served}"`;
  }

  get #kinds(): readonly Kind[] {
    return [...this.#endpoints].map(({ kind }) => kind);
  }

  /** Another number whenever something else is served. */
  get #served(): number {
    return this.#endpoints.generation + this.#aggregation.generation;
  }

  /** What other servers say of their types, by path. */
  #remote(): ReadonlyMap<string, object> {
    const documents = new Map<string, object>();
    for (const { group, version } of this.#aggregation.versions) {
      const document = this.#aggregation.openApi(group, version);
      if (document) documents.set(`apis/${group}/${version}`, document);
    }
    return documents;
  }

  /** Forgets what was made when something else was served. */
  #renew(): void {
    const generation = this.#served;
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#documents.clear();
    this.#v2 = undefined;
    this.#v2Document = undefined;
  }

  /** `/openapi/v3`: where the documents are. */
  index(): object {
    const paths: Record<string, object> = {};
    const custom = new Set(this.#kinds.filter((kind) => kind.custom).map(pathOf));
    const remote = this.#remote();
    for (const path of [...new Set([...this.#kinds.map(pathOf), ...remote.keys()])].sort()) {
      const hash = custom.has(path) || remote.has(path) ? hashOf(this.document(path)!) : SCHEMA_VERSION;
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
    }
    return { paths };
  }

  /** `/openapi/v3/apis/apps/v1`; undefined for groups that are not served. */
  document(path: string): object | undefined {
    this.#renew();
    const known = this.#documents.get(path);
    if (known) return known;
    const kinds = this.#kinds.filter((kind) => pathOf(kind) === path);
    if (kinds.length === 0) return this.#remote().get(path);
    const document = {
      openapi: '3.0.0',
      info: { title: 'Kubernetes', version: SCHEMA_VERSION },
      paths: Object.fromEntries(kinds.flatMap((kind) => pathsOf(kind))),
      components: {
        schemas: schemasOf(
          [...kinds.map(({ schema }) => schema), 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'],
          customSchemas(kinds, 'v3'),
          this.#prose(),
        ),
      },
    };
    this.#documents.set(path, document);
    return document;
  }
}

/** The types of custom resources, by their names. */
const customSchemas = (kinds: readonly Kind[], version: 'v2' | 'v3'): ReadonlyMap<string, Schema> =>
  new Map(kinds.flatMap(({ schema, custom }) => (custom ? [[schema, custom.openApi[version]]] : [])));

const hashOf = (document: object): string =>
  Array.from(sha256(JSON.stringify(document)), (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();

const pathOf = (kind: Kind): string => `${kind.group ? 'apis' : 'api'}/${apiVersionOf(kind)}`;

/** Where one object of a kind is. */
const objectPath = (kind: Kind): string =>
  `/${pathOf(kind)}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.resource}/{name}`;

/** The paths of a kind with their operations, as far as clients look at them. */
function pathsOf(kind: Kind): [string, object][] {
  const { group, version } = kind;
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
    Object.fromEntries(operations.filter(([verb]) => served.includes(verb)).map(([, method, what]) => [method, what]));
  const list: [Verb, string, object] = ['list', 'get', operation('list')];
  const collection = path(
    list,
    ['create', 'post', operation('post', WRITE_PARAMETERS)],
    ['deletecollection', 'delete', operation('deletecollection')],
  );
  const one = path(
    ['get', 'get', operation('get')],
    ['update', 'put', operation('put', WRITE_PARAMETERS)],
    ['patch', 'patch', operation('patch', PATCH_PARAMETERS)],
    ['delete', 'delete', operation('delete')],
  );
  const single = objectPath(kind);
  const paths: [string, object][] = [
    [single.slice(0, -'/{name}'.length), collection],
    [single, one],
  ];
  if (kind.namespaced) paths.unshift([`/${pathOf(kind)}/${kind.resource}`, path(list)]);
  return paths.filter(([, operations]) => Object.keys(operations).length > 0);
}
