/** Values as Go writes them: its JSON, and its %v. */

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const sortedKeys = (value: object): string[] => Object.keys(value).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

/** A string as Go's encoding/json writes it: `<`, `>`, `&` and the line separators escaped. */
export const goString = (value: string): string =>
  JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A number as Go prints it. */
export const goNumber = (value: number): string => {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return Object.is(value, -0) ? '0' : value.toFixed(0);
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
};

export interface GoJsonOptions {
  /** Spaces or other text per level; absent: compact. */
  readonly indent?: string;
  /** Keep the order of keys, as a Go struct has them; a map is written sorted. */
  readonly keepOrder?: boolean;
}

/** JSON as Go writes it. */
export const goJson = (value: unknown, options: GoJsonOptions = {}): string => write(value, options, '\n');

const write = (value: unknown, options: GoJsonOptions, newline: string): string => {
  const { indent } = options;
  const inner = indent === undefined ? '' : newline + indent;
  const outer = indent === undefined ? '' : newline;
  const deeper = indent === undefined ? newline : newline + indent;
  if (typeof value === 'string') return goString(value);
  if (typeof value === 'number') return goNumber(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[${inner}${value.map((item) => write(item, options, deeper)).join(`,${inner}`)}${outer}]`;
  }
  if (isObject(value)) {
    const keys = (options.keepOrder ? Object.keys(value) : sortedKeys(value)).filter((key) => value[key] !== undefined);
    if (keys.length === 0) return '{}';
    const colon = indent === undefined ? ':' : ': ';
    return `{${inner}${keys.map((key) => goString(key) + colon + write(value[key], options, deeper)).join(`,${inner}`)}${outer}}`;
  }
  return value === undefined || value === null ? 'null' : String(value);
};

/** A value as Go's `%v` prints it: `map[a:b]`, `[x y]`, `<nil>`. */
export const goValue = (value: unknown): string => {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (isObject(value))
    return `map[${sortedKeys(value)
      .map((key) => `${key}:${goValue(value[key])}`)
      .join(' ')}]`;
  return typeof value === 'number' ? goNumber(value) : String(value);
};
