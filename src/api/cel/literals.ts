/** What the text of a literal stands for. */
import { GO_ESCAPES } from '../go-escapes.ts';
import { Uint, type CelValue } from './values.ts';

const ESCAPED = /\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([^]))/g;

const utf8 = new TextEncoder();

/** The text between the quotes, and whether it is raw. */
function unquote(text: string): { readonly body: string; readonly raw: boolean } {
  const raw = /^[rR]/.test(text);
  const quoted = raw ? text.slice(1) : text;
  const quotes = /^(?:"""|''')/.test(quoted) && quoted.length >= 6 ? 3 : 1;
  return { body: quoted.slice(quotes, -quotes).replaceAll('\r\n', '\n').replaceAll('\r', '\n'), raw };
}

/** The text of a string literal; undefined when it has a code point that there is not. */
export function stringLiteral(text: string): string | undefined {
  const { body, raw } = unquote(text);
  if (raw) return body;
  let wrong = false;
  const value = body.replace(ESCAPED, (_, hex, short, long, octal, single: string | undefined) => {
    if (single !== undefined) return GO_ESCAPES[single] ?? single;
    const code = octal === undefined ? Number.parseInt(hex ?? short ?? long, 16) : Number.parseInt(octal, 8);
    wrong ||= code > 0x10ffff || (code >= 0xd800 && code < 0xe000);
    return wrong ? '' : String.fromCodePoint(code);
  });
  return wrong ? undefined : value;
}

/** The bytes of a bytes literal; undefined where it has an escape of a code point. */
export function bytesLiteral(text: string): Uint8Array | undefined {
  const { body, raw } = unquote(text.slice(1));
  if (raw) return utf8.encode(body);
  const bytes: number[] = [];
  let last = 0;
  for (const match of body.matchAll(ESCAPED)) {
    const [whole, hex, short, long, octal, single] = match;
    if (short !== undefined || long !== undefined) return undefined;
    bytes.push(...utf8.encode(body.slice(last, match.index)));
    if (single !== undefined) bytes.push(...utf8.encode(GO_ESCAPES[single] ?? single));
    else bytes.push(octal === undefined ? Number.parseInt(hex!, 16) : Number.parseInt(octal, 8));
    last = match.index + whole.length;
  }
  bytes.push(...utf8.encode(body.slice(last)));
  return new Uint8Array(bytes);
}

export const MAX_INT = 2n ** 63n - 1n;
export const MIN_INT = -(2n ** 63n);
export const MAX_UINT = 2n ** 64n - 1n;

export const isInt = (value: bigint): boolean => value >= MIN_INT && value <= MAX_INT;
export const isUint = (value: bigint): boolean => value >= 0n && value <= MAX_UINT;

/** An int literal, or undefined when it is out of range. */
export function intLiteral(text: string): CelValue | undefined {
  const negative = text.startsWith('-');
  const size = BigInt(negative ? text.slice(1) : text);
  const value = negative ? -size : size;
  return isInt(value) ? value : undefined;
}

export function uintLiteral(text: string): CelValue | undefined {
  const value = BigInt(text.slice(0, -1));
  return isUint(value) ? new Uint(value) : undefined;
}

export function doubleLiteral(text: string): CelValue | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
