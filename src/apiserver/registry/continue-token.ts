import { badRequest } from '../../api/errors.ts';
import type { ApiError } from '../../api/status.ts';
import { jsonSyntaxError } from '../http/json-syntax.ts';
import { decodeBase64Url, encodeBase64Url } from '../base64url.ts';

/** Where a limited list goes on: at which revision, and from which key (relative to the list's range). */
export interface ContinueToken {
  /** The revision to read at; -1 for the newest, once the first one is gone. */
  readonly revision: number;
  /** The first key that may come next. */
  readonly start: string;
}

const VERSION = 'meta.k8s.io/v1';

/** The opaque text that clients get: URL-safe base64 of the JSON that the real server makes. */
export const encodeContinue = ({ revision, start }: ContinueToken): string =>
  encodeBase64Url(JSON.stringify({ v: VERSION, rv: revision, start }));

const INVALID_KEY = 'continue key is not valid';
const UNKNOWN_VERSION = 'server does not recognize this encoded version';

const broken = (reason: string): ApiError => badRequest(`invalid continue token: ${INVALID_KEY}: ${reason}`);

export function decodeContinue(encoded: string): ContinueToken {
  const decoded = decodeBase64Url(encoded);
  if ('brokenAt' in decoded) throw broken(`illegal base64 data at input byte ${decoded.brokenAt}`);
  const problem = jsonSyntaxError(decoded.text);
  if (problem) throw broken(problem);
  const token = (JSON.parse(decoded.text) ?? {}) as { v?: unknown; rv?: unknown; start?: unknown };
  if (token.v !== VERSION)
    throw badRequest(`invalid continue token: ${INVALID_KEY}: ${UNKNOWN_VERSION} ${String(token.v ?? '')}`);
  if (typeof token.rv !== 'number' || token.rv === 0) {
    throw broken(`incorrect encoded start resourceVersion (version ${VERSION})`);
  }
  if (typeof token.start !== 'string' || token.start === '')
    throw broken(`encoded start key empty (version ${VERSION})`);
  // Nobody gets out of the range by going up in it.
  const parts = token.start.replace(/^\//, '').split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) throw broken(token.start);
  return { revision: token.rv, start: token.start.replace(/^\//, '') };
}
