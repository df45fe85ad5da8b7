/** Names of properties as identifiers in expressions (apiserver/pkg/cel/escaping.go). */

const RESERVED: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

const ESCAPES: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};
const UNESCAPES = new Map(Object.entries(ESCAPES).map(([plain, escaped]) => [escaped, plain]));

/** The identifier for a property; undefined when expressions cannot name it. */
export function escapeName(name: string): string | undefined {
  if (!/^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(name)) return undefined;
  if (RESERVED.has(name)) return `__${name}__`;
  return name.replace(/__|[./-]/g, (part) => ESCAPES[part]!);
}

/** The property that an identifier is for. */
export function unescapeName(identifier: string): string {
  if (!identifier.includes('__')) return identifier;
  const word = /^__(.*)__$/.exec(identifier)?.[1];
  if (word !== undefined && RESERVED.has(word)) return word;
  return identifier.replace(/__(?:underscores|dot|dash|slash)__/g, (part) => UNESCAPES.get(part)!);
}
