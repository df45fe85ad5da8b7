/** Why a text is no JSON, in the words of Go's encoding/json. */

type Expectation = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or }' | 'comma or ]' | 'end';

const CONTEXT: Readonly<Record<Expectation, string>> = {
  value: 'looking for beginning of value',
  'value or ]': 'looking for beginning of value',
  key: 'looking for beginning of object key string',
  'key or }': 'looking for beginning of object key string',
  colon: 'after object key',
  'comma or }': 'after object key:value pair',
  'comma or ]': 'after array element',
  end: 'after top-level value',
};

const END = 'unexpected end of JSON input';

const shown = (c: string): string => (c === "'" ? `'\\''` : c === '"' ? `'"'` : `'${JSON.stringify(c).slice(1, -1)}'`);

const invalid = (c: string | undefined, context: string): string =>
  c === undefined ? END : `invalid character ${shown(c)} ${context}`;

/** A string, number or literal that begins at `at`: where it ends, or what is wrong with it. */
function scanScalar(text: string, at: number): number | string {
  const c = text[at]!;
  if (c === '"') {
    for (let i = at + 1; ; i++) {
      const next = text[i];
      if (next === undefined) return END;
      if (next === '"') return i + 1;
      if (next < ' ') return invalid(next, 'in string literal');
      if (next !== '\\') continue;
      const escape = text[++i];
      if (escape === 'u') {
        const last = i + 4;
        while (i < last)
          if (!/[0-9a-fA-F]/.test(text[++i] ?? '')) return invalid(text[i], 'in \\u hexadecimal character escape');
      } else if (!'"\\/bfnrt'.includes(escape ?? '?')) return invalid(escape, 'in string escape code');
    }
  }
  for (const word of ['true', 'false', 'null']) {
    if (c !== word[0]) continue;
    for (let i = 1; i < word.length; i++) {
      if (text[at + i] !== word[i]) return invalid(text[at + i], `in literal ${word} (expecting '${word[i]}')`);
    }
    return at + word.length;
  }
  let i = at;
  if (text[i] === '-' && !/[0-9]/.test(text[++i] ?? '')) return invalid(text[i], 'in numeric literal');
  if (text[i] === '0') i++;
  else while (/[0-9]/.test(text[i] ?? '')) i++;
  if (text[i] === '.') {
    if (!/[0-9]/.test(text[++i] ?? '')) return invalid(text[i], 'after decimal point in numeric literal');
    while (/[0-9]/.test(text[i] ?? '')) i++;
  }
  if (text[i] === 'e' || text[i] === 'E') {
    if (text[++i] === '+' || text[i] === '-') i++;
    if (!/[0-9]/.test(text[i] ?? '')) return invalid(text[i], 'in exponent of numeric literal');
    while (/[0-9]/.test(text[i] ?? '')) i++;
  }
  return i;
}

/** The first thing that is wrong with a text; undefined when it is JSON. */
export function jsonSyntaxError(text: string): string | undefined {
  const open: ('{' | '[')[] = [];
  let expected: Expectation = 'value';
  const closed = (): Expectation => (open.length === 0 ? 'end' : open.at(-1) === '{' ? 'comma or }' : 'comma or ]');
  for (let at = 0; ;) {
    while (/[ \t\r\n]/.test(text[at] ?? '')) at++;
    const c = text[at];
    if (c === undefined) return expected === 'end' ? undefined : END;
    if (
      (c === '}' && (expected === 'key or }' || expected === 'comma or }')) ||
      (c === ']' && (expected === 'value or ]' || expected === 'comma or ]'))
    ) {
      open.pop();
      expected = closed();
      at++;
    } else if (c === ',' && (expected === 'comma or }' || expected === 'comma or ]')) {
      expected = expected === 'comma or }' ? 'key' : 'value';
      at++;
    } else if (c === ':' && expected === 'colon') {
      expected = 'value';
      at++;
    } else if ((c === '{' || c === '[') && expected.startsWith('value')) {
      open.push(c);
      expected = c === '{' ? 'key or }' : 'value or ]';
      at++;
    } else if (expected.startsWith('key') ? c === '"' : expected.startsWith('value') && /["\-0-9tfn]/.test(c)) {
      const end = scanScalar(text, at);
      if (typeof end === 'string') return end;
      at = end;
      expected = expected.startsWith('key') ? 'colon' : closed();
    } else {
      return invalid(c, CONTEXT[expected]);
    }
  }
}
