import type { HttpResponse } from '../apiserver/index.ts';
import { toYaml } from '../kubectl/index.ts';

const JSON_TYPE = 'application/json';
const YAML_TYPE = 'application/yaml';
const ANY_JSON: ReadonlySet<string> = new Set([JSON_TYPE, 'application/*', '*/*']);
/** Those who look at answers themselves: browsers and command-line tools. */
const READERS = /^(curl|Wget|Mozilla\/5\.0)/;

/** What Go's encoder writes in place of characters that HTML knows. */
const ESCAPES: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** A JSON value as one line of a stream or as an answer. */
export const jsonLine = (value: unknown): string =>
  `${JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => ESCAPES[char]!)}\n`;

/** Whether the first form that a client accepts is YAML. */
function wantsYaml(accept: string): boolean {
  for (const clause of accept.split(',')) {
    const type = clause.split(';', 1)[0]!.trim();
    if (type === YAML_TYPE) return true;
    if (ANY_JSON.has(type)) return false;
  }
  return false;
}

function wantsPretty(url: string, userAgent: string): boolean {
  const pretty = new URLSearchParams(url.split('?')[1] ?? '').get('pretty');
  return pretty === null || pretty === '' ? READERS.test(userAgent) : pretty !== 'false' && pretty !== '0';
}

/** Who asks, as far as that decides the form of the answer. */
export interface Asker {
  readonly url: string;
  readonly accept: string;
  readonly userAgent: string;
}

/** The body of an answer as it goes out, and its type where that is another than it says: text and bytes stay as they are. */
export function encode(
  { body, headers }: HttpResponse,
  { url, accept, userAgent }: Asker,
): { readonly bytes: Uint8Array; readonly contentType?: string } {
  if (body instanceof Uint8Array) return { bytes: body };
  if (body === undefined || typeof body === 'string') return { bytes: Buffer.from(body ?? '', 'utf8') };
  if (headers['content-type'] === JSON_TYPE && wantsYaml(accept)) {
    const plain = JSON.parse(JSON.stringify(body)) as unknown;
    return { bytes: Buffer.from(toYaml(plain), 'utf8'), contentType: YAML_TYPE };
  }
  const line = jsonLine(body);
  if (!wantsPretty(url, userAgent)) return { bytes: Buffer.from(line, 'utf8') };
  return { bytes: Buffer.from(prettied(line), 'utf8') };
}

/** The same JSON with indentation; Go's encoder ends such answers without a newline. */
const prettied = (line: string): string =>
  JSON.stringify(JSON.parse(line), undefined, 2).replace(/[<>&\u2028\u2029]/g, (char) => ESCAPES[char]!);
