const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const ENCODER = new TextEncoder();

/** URL-safe base64 without padding (RFC 4648 §5) of a text's UTF-8 bytes. */
export const encodeBase64Url = (text: string): string => bytesToBase64Url(ENCODER.encode(text));

/** The same of bytes. */
export function bytesToBase64Url(bytes: Uint8Array): string {
  const codes = new Array<number>(Math.ceil((bytes.length * 4) / 3));
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const count = Math.min(3, bytes.length - i);
    const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let j = 0; j <= count; j++) codes[at++] = ALPHABET.charCodeAt((bits >> (18 - 6 * j)) & 63);
  }
  // In one piece: a string grown letter by letter is a chain of pieces ten times its size.
  return String.fromCharCode.apply(null, codes);
}

/** Bytes again, or where (which input character) the encoding is broken. */
export function base64UrlToBytes(encoded: string): { readonly bytes: Uint8Array } | { readonly brokenAt: number } {
  const bytes = new Uint8Array(Math.floor((encoded.length * 3) / 4));
  let at = 0;
  let bits = 0;
  let width = 0;
  for (let i = 0; i < encoded.length; i++) {
    const digit = ALPHABET.indexOf(encoded[i]!);
    if (digit < 0) return { brokenAt: i };
    bits = ((bits << 6) | digit) & 0xffffff;
    width += 6;
    if (width >= 8) bytes[at++] = (bits >> (width -= 8)) & 255;
  }
  if (encoded.length % 4 === 1) return { brokenAt: encoded.length - 1 };
  return { bytes };
}

/** The text again, or where (which input byte) the encoding is broken. */
export function decodeBase64Url(encoded: string): { readonly text: string } | { readonly brokenAt: number } {
  const decoded = base64UrlToBytes(encoded);
  return 'brokenAt' in decoded ? decoded : { text: new TextDecoder().decode(decoded.bytes) };
}
