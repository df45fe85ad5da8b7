/** Objects as they come over the wire: JSON of which nothing is known. Reading goes through these few functions. */
export type Obj = { [key: string]: unknown };

export const isObject = (value: unknown): value is Obj =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a path of keys, or undefined. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown => {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Obj)[key];
  }
  return current;
};

export const text = (value: unknown, ...path: readonly (string | number)[]): string => {
  const found = at(value, ...path);
  return found === undefined || found === null ? '' : String(found);
};

export const num = (value: unknown, ...path: readonly (string | number)[]): number => {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : 0;
};

export const list = (value: unknown, ...path: readonly (string | number)[]): Obj[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as Obj[]) : [];
};

export const strings = (value: unknown, ...path: readonly (string | number)[]): string[] =>
  list(value, ...path) as unknown as string[];

export const record = (value: unknown, ...path: readonly (string | number)[]): Record<string, string> => {
  const found = at(value, ...path);
  return isObject(found) ? (found as Record<string, string>) : {};
};

/** A copy with the value at a path replaced (undefined: removed); everything off the path is shared. */
export const withAt = (value: unknown, path: readonly string[], next: unknown): Obj => {
  const copy: Obj = isObject(value) ? { ...value } : {};
  const [key, ...rest] = path as [string, ...string[]];
  if (rest.length > 0) copy[key] = withAt(copy[key], rest, next);
  else if (next === undefined) delete copy[key];
  else copy[key] = next;
  return copy;
};

/** A deep copy of JSON. */
export const clone = <T>(value: T): T => {
  if (Array.isArray(value)) return value.map(clone) as T;
  if (!isObject(value)) return value;
  const copy: Obj = {};
  for (const key of Object.keys(value)) copy[key] = clone(value[key]);
  return copy as T;
};

/** Go orders strings by bytes; for the texts here comparing code units comes to the same. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
export const sortedKeys = (value: object): string[] => Object.keys(value).sort(byText);
