import type { HttpResponse } from '../request.ts';

const CHECKS = ['ping', 'log', 'etcd', 'informer-sync'];
const ENDPOINTS: ReadonlySet<string> = new Set(['healthz', 'livez', 'readyz']);

export const textAnswer = (body: string, status = 200): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body,
});

/** What the real server's router answers where nothing is. */
export const pageNotFound = (): HttpResponse => textAnswer('404 page not found\n', 404);

/** `/healthz`, `/livez`, `/readyz` and their single checks; undefined for other paths. A server that answers is healthy. */
export function healthAnswer(segments: readonly string[], query: URLSearchParams): HttpResponse | undefined {
  const [endpoint, check, ...rest] = segments;
  if (endpoint === undefined || !ENDPOINTS.has(endpoint)) return undefined;
  if (check !== undefined) return rest.length === 0 && CHECKS.includes(check) ? textAnswer('ok') : pageNotFound();
  if (!query.has('verbose')) return textAnswer('ok');
  return textAnswer(`${CHECKS.map((name) => `[+]${name} ok\n`).join('')}${endpoint} check passed\n`);
}
