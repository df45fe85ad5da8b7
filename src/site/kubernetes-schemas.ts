import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';
import { kinds } from '../api/kinds.ts';
import { readProse } from '../server/api-prose.ts';

const MODULE = 'virtual:kubernetes-schemas';
const STRUCTURE = 'src/api/schema/definitions.json';

/** A definition of the API's OpenAPI document, as `definitions.json` has it, or a part of one. */
interface Definition {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Definition>>;
  readonly items?: Definition;
  readonly additionalProperties?: Definition | boolean;
  readonly oneOf?: readonly Definition[];
  readonly format?: string;
  readonly 'x-kubernetes-group-version-kind'?: readonly Readonly<Record<'group' | 'version' | 'kind', string>>[];
}

type JsonSchema = Record<string, unknown>;

const pointer = (name: string): string => `#/definitions/${name}`;

/** One part of a definition as the editor's language service understands it. */
function toJsonSchema(definition: Definition, follow: (name: string) => void): JsonSchema {
  if (definition.$ref) {
    follow(definition.$ref);
    return { $ref: pointer(definition.$ref) };
  }
  const { type, required, oneOf, items, additionalProperties } = definition;
  return {
    ...(type && { type }),
    ...(definition.enum && { enum: definition.enum }),
    ...(required && { required }),
    ...(oneOf && { oneOf }),
    ...(items && { items: toJsonSchema(items, follow) }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: toJsonSchema(additionalProperties, follow),
    }),
  };
}

function describeDefinition(name: string, definition: Definition, follow: (name: string) => void): JsonSchema {
  const prose = readProse(name);
  const schema: JsonSchema = toJsonSchema(definition, follow);
  if (prose.has('')) schema['description'] = prose.get('');
  if (!definition.properties) return schema;
  schema['additionalProperties'] = false;
  schema['properties'] = Object.fromEntries(
    Object.entries(definition.properties).map(([field, value]) => {
      const about = prose.get(field);
      return [field, { ...toJsonSchema(value, follow), ...(about && { description: about }) }];
    }),
  );
  return schema;
}

/**
 * One JSON Schema for a manifest of any of the kinds: it looks at apiVersion and kind of each YAML document to choose
 * the definition that the rest must follow.
 */
export function manifestSchema(kinds: readonly string[]): JsonSchema {
  const { definitions } = JSON.parse(readFileSync(STRUCTURE, 'utf8')) as { definitions: Record<string, Definition> };
  const schemas: Record<string, JsonSchema> = {};
  const queue: string[] = [];
  const follow = (name: string): void => void (name in schemas || queue.push(name));
  const variants: { apiVersion: string; kind: string; name: string }[] = [];
  for (const [name, definition] of Object.entries(definitions)) {
    for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
      const apiVersion = group ? `${group}/${version}` : version;
      if (kinds.includes(`${apiVersion}/${kind}`)) variants.push({ apiVersion, kind, name });
    }
  }
  for (const { name } of variants) follow(name);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const definition = definitions[name];
    if (definition && !(name in schemas)) {
      schemas[name] = {};
      schemas[name] = describeDefinition(name, definition, follow);
    }
  }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Kubernetes API',
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata'],
    properties: {
      apiVersion: { type: 'string', enum: [...new Set(variants.map(({ apiVersion }) => apiVersion))] },
      kind: { type: 'string', enum: [...new Set(variants.map(({ kind }) => kind))] },
      metadata: { type: 'object' },
    },
    allOf: variants.map(({ apiVersion, kind, name }) => ({
      if: {
        properties: { apiVersion: { const: apiVersion }, kind: { const: kind } },
        required: ['apiVersion', 'kind'],
      },
      then: { $ref: pointer(name) },
    })),
    definitions: schemas,
  };
}

/** What the API server of a lab serves, as `apps/v1/Deployment`. */
const served = kinds.map(({ group, version, kind }) => (group ? `${group}/${version}/${kind}` : `${version}/${kind}`));

/** Makes `import schema from 'virtual:kubernetes-schemas'` give the editor its schema, with the API's own documentation. */
export function kubernetesSchemas(): Plugin {
  return {
    name: 'kubernetes-schemas',
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : undefined),
    load: (id) =>
      id === `\0${MODULE}`
        ? `export default JSON.parse(${JSON.stringify(JSON.stringify(manifestSchema(served)))});`
        : undefined,
  };
}
