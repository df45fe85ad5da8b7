import type { Issue } from './source.ts';

/** The kinds of tokens, in the order in which cel-go's grammar lists what it expected. */
export const TOKENS = [
  '<EOF>',
  "'=='",
  "'!='",
  "'in'",
  "'<'",
  "'<='",
  "'>='",
  "'>'",
  "'&&'",
  "'||'",
  "'['",
  "']'",
  "'{'",
  "'}'",
  "'('",
  "')'",
  "'.'",
  "','",
  "'-'",
  "'!'",
  "'?'",
  "':'",
  "'+'",
  "'*'",
  "'/'",
  "'%'",
  "'true'",
  "'false'",
  "'null'",
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
  'IDENTIFIER',
  'ESC_IDENTIFIER',
] as const;

export type TokenKind = (typeof TOKENS)[number];

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly offset: number;
}

const ESCAPE = String.raw`\\(?:[abfnrtv"'\\?\x60]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})`;
const QUOTED = [
  String.raw`"""(?:${ESCAPE}|[^\\])*?"""`,
  String.raw`'''(?:${ESCAPE}|[^\\])*?'''`,
  String.raw`"(?:${ESCAPE}|[^\\"\n\r])*"`,
  String.raw`'(?:${ESCAPE}|[^\\'\n\r])*'`,
].join('|');
const RAW = [
  String.raw`[rR]"""(?:[^])*?"""`,
  String.raw`[rR]'''(?:[^])*?'''`,
  String.raw`[rR]"[^"\n\r]*"`,
  String.raw`[rR]'[^'\n\r]*'`,
].join('|');

/** The rules of the lexer, tried in order; each is as long as it can be. */
const RULES: readonly (readonly [TokenKind | undefined, RegExp])[] = [
  [undefined, /[\t \r\n\u000C]+|\/\/[^\n]*/uy],
  ['BYTES', new RegExp(String.raw`[bB](?:${QUOTED}|${RAW})`, 'uy')],
  ['STRING', new RegExp(`${RAW}|${QUOTED}`, 'uy')],
  ['NUM_FLOAT', /[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?/uy],
  ['NUM_UINT', /(?:0x[0-9a-fA-F]+|[0-9]+)[uU]/uy],
  ['NUM_INT', /0x[0-9a-fA-F]+|[0-9]+/uy],
  ['IDENTIFIER', /[A-Za-z_][A-Za-z0-9_]*/uy],
  ['ESC_IDENTIFIER', /`[A-Za-z0-9_.\-/ ]+`/uy],
];

const WORDS: ReadonlySet<string> = new Set(['in', 'true', 'false', 'null']);
const DOUBLE: ReadonlySet<string> = new Set(['==', '!=', '<=', '>=', '&&', '||']);
const SINGLE: ReadonlySet<string> = new Set([...'<>[]{}().,-!?:+*/%']);

function operatorAt(source: string, offset: number): string | undefined {
  const two = source.slice(offset, offset + 2);
  if (DOUBLE.has(two)) return two;
  return SINGLE.has(two[0]!) ? two[0] : undefined;
}

/** How far a string goes that does not end: up to and with the character that it cannot have. */
const BROKEN_STRING = new RegExp(
  String.raw`"(?:${ESCAPE}|[^\\"\n\r])*(?:\\[xXuU]?[0-9a-fA-F]*)?[^]?|'(?:${ESCAPE}|[^\\'\n\r])*(?:\\[xXuU]?[0-9a-fA-F]*)?[^]?`,
  'uy',
);

/** Text that starts no token, with what was read before that was clear. */
function unrecognized(source: string, offset: number): string {
  if ('=&|'.includes(source[offset]!)) return source.slice(offset, offset + 2);
  BROKEN_STRING.lastIndex = offset;
  return BROKEN_STRING.exec(source)?.[0] ?? String.fromCodePoint(source.codePointAt(offset)!);
}

const shown = (text: string): string => text.replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r');

/** Splits an expression into tokens; what is none becomes an issue and is skipped. */
export function tokenize(source: string, issues: Issue[]): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  next: while (offset < source.length) {
    for (const [kind, rule] of RULES) {
      rule.lastIndex = offset;
      const text = rule.exec(source)?.[0];
      if (text === undefined) continue;
      if (kind) tokens.push({ kind: WORDS.has(text) ? (`'${text}'` as TokenKind) : kind, text, offset });
      offset += text.length;
      continue next;
    }
    const operator = operatorAt(source, offset);
    if (operator !== undefined) {
      tokens.push({ kind: `'${operator}'` as TokenKind, text: operator, offset });
      offset += operator.length;
      continue;
    }
    const text = unrecognized(source, offset);
    issues.push({ offset, message: `Syntax error: token recognition error at: '${shown(text)}'` });
    offset += text.length;
  }
  tokens.push({ kind: '<EOF>', text: '<EOF>', offset: source.length });
  return tokens;
}
