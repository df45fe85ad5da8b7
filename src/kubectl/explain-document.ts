/** kubectl explain of a type as the server's OpenAPI document describes it (kubectl's plaintext template). */
import { CliError } from './errors.ts';
import { goQuote } from './go-format.ts';
import { isObject, sortedKeys, strings, text, type Obj } from './value.ts';

const REF = '#/components/schemas/';

/**
 * Lines broken at spaces so that they are no longer than a width, with the spaces at the break left out and all others
 * kept; a word that is longer has a line to itself (mitchellh/go-wordwrap).
 */
const wrap = (value: string, width: number): string =>
  value
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');

const wrapLine = (line: string, width: number): string => {
  let out = '';
  let column = 0;
  for (const [, spaces, word] of line.matchAll(/(\s*)(\S*)/g)) {
    let gap = spaces!;
    if (word === '') return column + gap.length > width ? out : out + gap;
    if (column + gap.length + Math.min(word!.length, width - 1) > width) {
      out += '\n';
      column = 0;
      gap = '';
    }
    out += gap + word!;
    column += gap.length + word!.length;
  }
  return out;
};

const indent = (value: string, width: number): string =>
  `${' '.repeat(width)}${value.replaceAll('\n', `\n${' '.repeat(width)}`)}`;

const asObject = (value: unknown): Obj | undefined => (isObject(value) ? value : undefined);

const list = (value: unknown): readonly Obj[] => (Array.isArray(value) ? (value as Obj[]) : []);

/** The types of one group and version. */
class Document {
  readonly #schemas: Obj;

  constructor(document: Obj) {
    this.#schemas = asObject(asObject(document['components'])?.['schemas']) ?? {};
  }

  /** The type of a group, version and kind. */
  typeOf(group: string, version: string, kind: string): Obj | undefined {
    for (const name of sortedKeys(this.#schemas)) {
      const schema = this.#schemas[name] as Obj;
      const known = list(schema['x-kubernetes-group-version-kind']);
      if (known.some((each) => each['group'] === group && each['version'] === version && each['kind'] === kind))
        return schema;
    }
    return undefined;
  }

  resolve(schema: Obj): Obj {
    return asObject(this.#schemas[text(schema, '$ref').slice(REF.length)]) ?? schema;
  }

  description(schema: Obj): string {
    const resolved = this.resolve(schema);
    const own = text(resolved, 'description');
    const parts = [...list(resolved['allOf']), resolved['items'], resolved['additionalProperties']]
      .map(asObject)
      .filter((part) => part !== undefined);
    return `${own ? `${own}\n` : ''}${parts.map((part) => this.description(part)).join('')}`;
  }

  /** `string`, `[]Object`, `map[string]string`, `ObjectMeta`. */
  typeText(schema: Obj): string {
    const items = asObject(schema['items']);
    if (items) return `[]${this.typeText(items)}`;
    const values = asObject(schema['additionalProperties']);
    if (values) return `map[string]${this.typeText(values)}`;
    const allOf = list(schema['allOf']);
    if (allOf.length === 1 && !schema['properties']) return this.typeText(allOf[0]!);
    const ref = text(schema, '$ref');
    if (!ref) return typeName(schema);
    const type = text(this.resolve(schema), 'type');
    return !type || type === 'object' ? ref.slice(ref.lastIndexOf('.') + 1) : type;
  }

  /** What follows the path of fields: nothing when there is no such field. */
  explain(schema: Obj, path: readonly string[], recursive: boolean): string | undefined {
    const resolved = this.resolve(schema);
    const [field, ...rest] = path;
    if (field === undefined) {
      const description = indent(wrap(this.description(resolved) || '<empty>', 76), 4);
      const fields = this.#fields(resolved, 1, recursive, new Set());
      return `DESCRIPTION:\n${description}\n${fields ? `FIELDS:\n${fields}` : ''}`;
    }
    const property = asObject(asObject(resolved['properties'])?.[field]);
    if (property) {
      const inner = this.explain(property, rest, recursive);
      if (inner === undefined || rest.length > 0) return inner;
      return `FIELD: ${field} <${this.typeText(property)}>\n${enumBlock(property)}\n\n${inner}`;
    }
    const inside = asObject(resolved['items']) ?? asObject(resolved['additionalProperties']);
    if (inside) return this.explain(inside, path, recursive);
    for (const part of list(resolved['allOf'])) {
      const found = this.explain(part, path, recursive);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #fields(schema: Obj, level: number, recursive: boolean, seen: ReadonlySet<string>): string {
    const ref = text(schema, '$ref');
    if (ref && seen.has(ref)) return '';
    const within = new Set([...seen, ref]);
    const resolved = this.resolve(schema);
    const properties = asObject(resolved['properties']) ?? {};
    let out = '';
    for (const name of sortedKeys(properties)) {
      const property = properties[name] as Obj;
      out += this.#field(name, property, strings(resolved, 'required').includes(name), level, recursive);
      if (recursive) out += this.#fields(property, level + 1, true, within);
    }
    const parts = [...list(resolved['allOf']), resolved['items'], resolved['additionalProperties']];
    for (const part of parts) if (isObject(part)) out += this.#fields(part, level, recursive, within);
    return out;
  }

  #field(name: string, schema: Obj, required: boolean, level: number, short: boolean): string {
    const width = level * 2;
    const head = `${' '.repeat(width)}${name}\t<${this.typeText(schema)}>${required ? ' -required-' : ''}`;
    const line = `${head}${enumLine(schema, width)}\n`;
    if (short) return line;
    return `${line}${indent(wrap(text(schema, 'description') || '<no description>', 78 - width), width + 2)}\n\n`;
  }
}

const typeName = (schema: Obj): string => {
  const type = text(schema, 'type');
  return type === 'object' || !type ? 'Object' : type;
};

const enumTexts = (schema: Obj): string[] =>
  Array.isArray(schema['enum']) ? (schema['enum'] as unknown[]).map((each) => (each === '' ? '""' : String(each))) : [];

const MOST_SHOWN = 4;

const enumLine = (schema: Obj, width: number): string => {
  const values = enumTexts(schema);
  if (values.length === 0) return '';
  const more = values.length > MOST_SHOWN ? ', ....' : '';
  return `\n${' '.repeat(width)}enum: ${values.slice(0, MOST_SHOWN).join(', ')}${more}`;
};

const enumBlock = (schema: Obj): string => {
  const values = enumTexts(schema);
  return values.length > 0 ? `ENUM:${values.map((value) => `\n    ${value}`).join('')}` : '';
};

/** What kubectl explain prints of a type below its group, kind and version. Throws CliError for unknown fields. */
export function explainDocument(
  document: Obj,
  gvk: { readonly group: string; readonly version: string; readonly kind: string },
  path: readonly string[],
  recursive: boolean,
): string {
  const types = new Document(document);
  const type = types.typeOf(gvk.group, gvk.version, gvk.kind);
  if (!type)
    throw new CliError(
      `GVR (${gvk.group}/${gvk.version}, Resource=${gvk.kind.toLowerCase()}) not found in OpenAPI schema`,
    );
  const found = types.explain(type, path, recursive);
  if (found === undefined) throw new CliError(`field ${goQuote(path.at(-1)!)} does not exist`);
  return `${found}\n`;
}
