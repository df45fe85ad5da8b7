/** Distinguished Encoding Rules (X.690): as much of them as certificates and requests for them are made of. */

export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

/** The tag `[n]` of a field that is told by its number; constructed where it has parts. */
export const contextTag = (n: number, constructed = true): number => (constructed ? 0xa0 : 0x80) + n;

const LAST_UTC_YEAR = 2049;

function lengthOf(size: number): number[] {
  if (size < 0x80) return [size];
  const bytes: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 + bytes.length, ...bytes];
}

/** One value: its tag, its length, and what it holds. */
export function der(tag: number, ...contents: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const size = contents.reduce((total, { length }) => total + length, 0);
  const head = [tag, ...lengthOf(size)];
  const out = new Uint8Array(head.length + size);
  out.set(head);
  let at = head.length;
  for (const part of contents) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(Tag.sequence, ...parts);

/** A number that is not negative, from its bytes. */
export function integer(bytes: Uint8Array | readonly number[]): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? [0] : [...bytes.slice(first)];
  return der(Tag.integer, digits[0]! >= 0x80 ? [0, ...digits] : digits);
}

/** `1.2.840.10045.2.1` */
export function oid(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left % 128) + 128);
    bytes.push(...groups);
  }
  return der(Tag.oid, bytes);
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export const bitString = (bytes: Uint8Array | readonly number[], unusedBits = 0): Uint8Array =>
  der(Tag.bitString, [unusedBits], bytes);

export const TRUE = der(Tag.boolean, [0xff]);

/** A time, by the century in one form or the other; whole seconds. */
export function time(ms: number): Uint8Array {
  const text = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
  const inUtc = Number(text.slice(0, 4)) <= LAST_UTC_YEAR;
  return inUtc ? der(Tag.utcTime, utf8(text.slice(2))) : der(Tag.generalizedTime, utf8(text));
}

/** A value as it is read. */
export interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly whole: Uint8Array;
}

/** Bytes that are no DER. */
export class DerError extends Error {}

/** The values that stand one after the other in these bytes. */
export function elementsOf(bytes: Uint8Array): Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at;
    const tag = bytes[at++]!;
    let size = bytes[at++] ?? NaN;
    if (size >= 0x80) {
      let count = size - 0x80;
      for (size = 0; count > 0; count--) size = size * 256 + (bytes[at++] ?? NaN);
    }
    if (!(at + size <= bytes.length)) throw new DerError('asn1: syntax error: data truncated');
    elements.push({ tag, content: bytes.subarray(at, at + size), whole: bytes.subarray(start, at + size) });
    at += size;
  }
  return elements;
}

/** An object identifier as text. */
export function oidText({ content }: Element): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte % 128);
    if (byte >= 128) continue;
    if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)));
    else arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}

const BLOCK = /-----BEGIN ([A-Z ]+)-----([\s\S]*?)-----END \1-----/;
const LINE = 64;

/** DER in the armour of PEM (RFC 7468). */
export function pem(label: string, bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const lines = btoa(binary).match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** The DER of the first block with that label, undefined when there is none. */
export function fromPem(label: string, text: string): Uint8Array | undefined {
  const [, found, body = ''] = BLOCK.exec(text) ?? [];
  if (found !== label) return undefined;
  return Uint8Array.from(atob(body.replace(/\s/g, '')), (character) => character.charCodeAt(0));
}
