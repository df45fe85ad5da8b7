import { badRequest } from '../../api/errors.ts';

/** Where a limited list goes on: at which revision, and from which key (relative to the list's range). */
export interface ContinueToken {
  /** The revision to read at; -1 for the newest, once the first one is gone. */
  readonly revision: number;
  readonly start: string;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The opaque text that clients get: URL-safe base64 of the JSON that the real server makes. */
export function encodeContinue({ revision, start }: ContinueToken): string {
  const json = JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${start}\0` });
  const bytes = new TextEncoder().encode(json);
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const count = Math.min(3, bytes.length - i);
    const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let j = 0; j <= count; j++) text += ALPHABET[(bits >> (18 - 6 * j)) & 63];
  }
  return text;
}

const broken = (reason: string): Error => badRequest(`invalid continue token: continue key is not valid: ${reason}`);

export function decodeContinue(text: string): ContinueToken {
  const bytes: number[] = [];
  let bits = 0;
  let width = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = ALPHABET.indexOf(text[i]!);
    if (digit < 0) throw broken(`illegal base64 data at input byte ${i}`);
    bits = ((bits << 6) | digit) & 0xffffff;
    width += 6;
    if (width >= 8) bytes.push((bits >> (width -= 8)) & 255);
  }
  if (text.length % 4 === 1) throw broken(`illegal base64 data at input byte ${text.length - 1}`);
  const json = new TextDecoder().decode(new Uint8Array(bytes));
  let token: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    token = JSON.parse(json) as typeof token;
  } catch {
    throw broken(`invalid character ${JSON.stringify(json[0] ?? '').replaceAll('"', "'")} looking for beginning of value`);
  }
  if (token.v !== 'meta.k8s.io/v1') throw broken(`server does not recognize this encoded version ${JSON.stringify(token.v)}`);
  if (typeof token.rv !== 'number' || token.rv === 0) throw broken('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof token.start !== 'string' || token.start === '') throw broken('encoded start key empty (version meta.k8s.io/v1)');
  return { revision: token.rv, start: token.start };
}
