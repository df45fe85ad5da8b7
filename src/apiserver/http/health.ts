import type { HttpResponse } from '../request.ts';

/** What a starting server does before it is ready; in the order in which it tells of it. */
const HOOKS = `start-apiserver-admission-initializer generic-apiserver-start-informers
priority-and-fairness-config-consumer priority-and-fairness-filter storage-object-count-tracker-hook
start-apiextensions-informers start-apiextensions-controllers crd-informer-synced start-system-namespaces-controller
start-cluster-authentication-info-controller start-kube-apiserver-identity-lease-controller
start-kube-apiserver-identity-lease-garbage-collector start-legacy-token-tracking-controller
start-service-ip-repair-controllers rbac/bootstrap-roles scheduling/bootstrap-system-priority-classes
priority-and-fairness-config-producer bootstrap-controller start-kubernetes-service-cidr-controller
aggregator-reload-proxy-client-cert start-kube-aggregator-informers apiservice-status-local-available-controller
apiservice-status-remote-available-controller apiservice-registration-controller apiservice-discovery-controller
kube-apiserver-autoregistration`
  .split(/\s+/)
  .map((hook) => `poststarthook/${hook}`);

const LAST = [
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
  'poststarthook/apiservice-openapiv3-controller',
];

const ALIVE = ['ping', 'log', 'etcd', ...HOOKS, ...LAST];
const READY = ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...HOOKS, ...LAST, 'shutdown'];

const CHECKS: Readonly<Record<string, readonly string[]>> = { healthz: ALIVE, livez: ALIVE, readyz: READY };

export const textAnswer = (body: string, status = 200): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body,
});

/** What the real server's router answers where nothing is. */
export const pageNotFound = (): HttpResponse => textAnswer('404 page not found\n', 404);

const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(',');

/** `/healthz`, `/livez`, `/readyz` and their single checks; undefined for other paths. A server that answers is healthy. */
export function healthAnswer(segments: readonly string[], query: URLSearchParams): HttpResponse | undefined {
  const [endpoint = '', ...check] = segments;
  const checks = Object.hasOwn(CHECKS, endpoint) ? CHECKS[endpoint] : undefined;
  if (!checks) return undefined;
  if (check.length > 0) return checks.includes(check.join('/')) ? textAnswer('ok') : pageNotFound();
  if (!query.has('verbose')) return textAnswer('ok');
  const excluded = query.getAll('exclude').filter(Boolean);
  const lines = checks.map((name) => (excluded.includes(name) ? `[+]${name} excluded: ok\n` : `[+]${name} ok\n`));
  const unknown = excluded.filter((name) => !checks.includes(name));
  if (unknown.length > 0)
    lines.push(`warn: some health checks cannot be excluded: no matches for ${quoted(unknown)}\n`);
  return textAnswer(`${lines.join('')}${endpoint} check passed\n`);
}
