import { elementsOf, fromPem, Tag } from './der.ts';

/** Index of the validity among the fields of a certificate's body that has a version (RFC 5280 §4.1). */
const VALIDITY = 4;

/** When a certificate expires, milliseconds since the Unix epoch; NaN when it is none. `text` is PEM. */
export function notAfter(text: string): number {
  const bytes = fromPem('CERTIFICATE', text);
  const body = bytes && elementsOf(elementsOf(elementsOf(bytes)[0]!.content)[0]!.content);
  const last = body?.[VALIDITY] && elementsOf(body[VALIDITY].content)[1];
  if (!last) return NaN;
  const digits = new TextDecoder().decode(last.content);
  // Two digits of a year: from 1950 to 2049.
  const full = last.tag !== Tag.utcTime ? digits : (digits < '5' ? '20' : '19') + digits;
  return Date.parse(full.replace(/^(....)(..)(..)(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
