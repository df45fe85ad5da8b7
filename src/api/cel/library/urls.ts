/** URLs (Kubernetes' cel/library/urls.go), as Go's net/url reads them. */
import { quote } from '../../field-error.ts';
import { global, member, type Library, type Overload } from '../functions.ts';
import { BOOL, listType, mapType, opaqueType, STRING } from '../types.ts';
import { ArrayList, EntryMap, Failure, Opaque, type CelValue, type Result } from '../values.ts';

const NAME = 'kubernetes.URL';
const URL_TYPE = opaqueType(NAME);

class Url extends Opaque {
  readonly typeName = NAME;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;

  constructor(scheme: string, host: string, path: string, query: string) {
    super();
    this.scheme = scheme;
    this.host = host;
    this.path = path;
    this.query = query;
  }

  equals(other: CelValue): boolean {
    return other instanceof Url && this.text === other.text;
  }

  get text(): string {
    return `${this.scheme}://${this.host}${this.path}?${this.query}`;
  }
}

/** What Go says of text that is no absolute URL, in the words of url.ParseRequestURI. */
function wrongUrl(text: string): string | undefined {
  const say = (what: string): string => `parse ${quote(text)}: ${what}`;
  if (text === '') return say('empty url');
  // oxlint-disable-next-line eslint/no-control-regex
  if (/[\x00-\x1f\x7f]/.test(text)) return say('net/url: invalid control character in URL');
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text)?.[1];
  if (scheme === undefined && text.startsWith(':')) return say('missing protocol scheme');
  const rest = scheme === undefined ? text : text.slice(scheme.length + 1);
  if (!rest.startsWith('/')) return say('invalid URI for request');
  const escape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(rest.split('?')[0]!)?.[0];
  if (escape !== undefined) return say(`invalid URL escape ${quote(escape)}`);
  const authority = /^\/\/([^/?]*)/.exec(rest)?.[1] ?? '';
  const host = authority.replace(/^.*@/, '');
  const port = host.replace(/^\[[^\]]*\]/, '').match(/:(.*)$/)?.[1];
  if (port !== undefined && !/^\d*$/.test(port)) return say(`invalid port ${quote(`:${port}`)} after host`);
  const odd = /[\s<>"^`{|}\\]/.exec(host)?.[0];
  return odd === undefined ? undefined : say(`invalid character ${quote(odd)} in host name`);
}

function parse(text: string): Result {
  const wrong = wrongUrl(text);
  if (wrong !== undefined) return new Failure(`URL parse error during conversion from string: ${wrong}`);
  const [, scheme = '', authority = '', path = '', query = ''] =
    /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?/.exec(text)!;
  return new Url(scheme.toLowerCase(), authority.replace(/^.*@/, ''), path, query);
}

/** Escapes what a path may not have and leaves escapes as they are. */
const escapedPath = (path: string): string =>
  encodeURI(path)
    .replaceAll('%25', '%')
    .replace(/["<>\\^`{|}]/g, encodeURIComponent);

function decodeQuery(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function queryOf({ query }: Url): Result {
  const values = new Map<string, string[]>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const [rawKey = '', ...rest] = pair.split('=');
    const [key, value] = [decodeQuery(rawKey), decodeQuery(rest.join('='))];
    if (key !== undefined && value !== undefined) values.set(key, [...(values.get(key) ?? []), value]);
  }
  return new EntryMap([...values].map(([key, list]) => [key, new ArrayList(list)] as const));
}

const text = (id: string, read: (url: Url) => string): Overload => member(id, [URL_TYPE], STRING, read);

export const urls: Library = [
  ['url', global('string_to_url', [STRING], URL_TYPE, parse)],
  ['isURL', global('is_url_string', [STRING], BOOL, (value: string) => wrongUrl(value) === undefined)],
  ['getScheme', text('url_get_scheme', ({ scheme }) => scheme)],
  ['getHost', text('url_get_host', ({ host }) => host)],
  ['getHostname', text('url_get_hostname', ({ host }) => /^\[([^\]]*)\]/.exec(host)?.[1] ?? host.replace(/:\d*$/, ''))],
  ['getPort', text('url_get_port', ({ host }) => /:(\d*)$/.exec(host.replace(/^\[[^\]]*\]/, ''))?.[1] ?? '')],
  ['getEscapedPath', text('url_get_escaped_path', ({ path }) => escapedPath(path))],
  ['getQuery', member('url_get_query', [URL_TYPE], mapType(STRING, listType(STRING)), queryOf)],
];

/** What is wrong with a URL, or undefined. */
export { wrongUrl };
