import { GO_ESCAPES } from '../go-escapes.ts';
import { additionalSchema, propertySchema } from './pruning.ts';
import type { PropsSchema } from './schema-checks.ts';

/** Where a path such as `.a['b'].c` leads in a schema. */
export interface FieldPath {
  /** As error texts write it: `a.b.c`, map keys in brackets. */
  readonly text: string;
  /** The first field. */
  readonly root: string;
  readonly schema: PropsSchema;
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...GO_ESCAPES,
  "'": "'",
  '\\': '\\',
};

const unescape = (text: string): string | undefined => {
  let valid = true;
  const out = text.replace(/\\(.)/g, (_, char: string) => {
    if (!Object.hasOwn(ESCAPES, char)) valid = false;
    return ESCAPES[char] ?? '';
  });
  return valid ? out : undefined;
};

const TOKENS = /'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]]+/gy;

/**
 * Follows a path of fields through a schema; a text says what is wrong with it. With `brackets` false, `['a']` is not
 * understood.
 */
export function followFieldPath(path: string, schema: PropsSchema, brackets = true): FieldPath | string {
  const tokens = path.match(TOKENS) ?? [];
  let at = schema;
  let text = '';
  let root = '';
  const step = (name: string): string | undefined => {
    if (at.properties) {
      const property = propertySchema(at, name);
      if (!property) return 'does not refer to a valid field';
      at = property;
      text = text ? `${text}.${name}` : name;
    } else {
      const values = additionalSchema(at);
      if (!values) return 'does not refer to a valid field';
      at = values;
      text += `[${name}]`;
    }
    root ||= name;
    return undefined;
  };
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    let name: string | undefined;
    if (token === '.') {
      name = tokens[++i];
      if (name === undefined) return 'unexpected end of JSON path';
    } else if (token === '[') {
      if (!brackets) return 'array notation is not allowed';
      const quoted = tokens[++i];
      if (quoted === undefined) return 'unexpected end of JSON path';
      if (!/^'.*'$/s.test(quoted)) return `expected single quoted string but got ${quoted}`;
      name = unescape(quoted.slice(1, -1));
      if (name === undefined) return 'invalid string literal';
      if (tokens[++i] !== ']')
        return tokens[i] === undefined ? 'unexpected end of JSON path' : `expected ] but got ${tokens[i]!}`;
    } else return `expected [ or . but got: ${token}`;
    const problem = step(name);
    if (problem) return problem;
  }
  return { text, root, schema: at };
}
