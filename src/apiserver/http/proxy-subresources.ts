import { notFound } from '../../api/errors.ts';
import { ApiError } from '../../api/status.ts';
import type { Endpoints, Pod, Service } from '../../api/types.ts';
import type { HttpRequest, HttpResponse, UserInfo, Verb } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { pageNotFound } from './health.ts';
import type { ResourcePath } from './path.ts';

const VERBS = ['create', 'delete', 'get', 'patch', 'update'] as const;

const proxy = (
  kind: string,
): { name: string; verbs: typeof VERBS; kind: { group: ''; version: 'v1'; kind: string } } => ({
  name: 'proxy',
  verbs: VERBS,
  kind: { group: '', version: 'v1', kind },
});

/** The ways through the API server to Services and nodes, as discovery tells of them, by resource of the core group. */
export const PROXY_SUBRESOURCES: Readonly<Record<string, ReturnType<typeof proxy>>> = {
  nodes: proxy('NodeProxyOptions'),
  services: proxy('ServiceProxyOptions'),
};

const METHODS: Readonly<Record<string, Verb>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

export const isProxySubresource = ({ group, resource, subresource }: ResourcePath): boolean =>
  group === '' && subresource === 'proxy' && Object.hasOwn(PROXY_SUBRESOURCES, resource);

const unavailable = (message: string): ApiError => new ApiError(503, 'ServiceUnavailable', message);

/** A Pod behind a Service, for `name`, `name:port` or `scheme:name:port`, the port by number or by name. */
function podBehind({ endpoints: table, names }: ApiServer, namespace: string | undefined, id: string): Pod {
  const parts = id.split(':');
  const [name = '', asked = ''] = parts.length === 3 ? parts.slice(1) : parts;
  const get = (resource: string): unknown => table.find('', 'v1', resource)?.store.get(namespace, name);
  let port = asked;
  if (/^\d+$/.test(asked)) {
    const service = get('services') as Service | undefined;
    if (!service) throw notFound({ group: '', resource: 'services' }, name);
    const found = service.spec?.ports?.find((candidate) => candidate.port === Number(asked));
    if (!found) throw unavailable(`no service port ${asked} found for service ${JSON.stringify(name)}`);
    port = found.name ?? '';
  }
  const endpoints = get('endpoints') as Endpoints | undefined;
  if (!endpoints) throw notFound({ group: '', resource: 'endpoints' }, name);
  const addresses = (endpoints.subsets ?? [])
    .filter(({ ports }) => ports?.some((candidate) => (candidate.name ?? '') === port))
    .flatMap(({ addresses: ready = [] }) => ready);
  const { targetRef } = addresses.length > 0 ? addresses[names.int(addresses.length)]! : {};
  const pod = targetRef?.name && table.find('', 'v1', 'pods')?.store.get(targetRef.namespace, targetRef.name);
  if (!pod) throw unavailable(`no endpoints available for service ${JSON.stringify(id)}`);
  return pod as Pod;
}

/** Passes a request on to a Pod behind a Service, or to a node. */
export function proxyAnswer(
  server: ApiServer,
  request: HttpRequest,
  { group, version, resource, namespace, name = '' }: ResourcePath,
  user: UserInfo,
  userAgent: string,
): HttpResponse {
  const verb = METHODS[request.method] ?? 'get';
  server.authorize({
    verb,
    group,
    version,
    resource,
    subresource: 'proxy',
    namespace,
    name,
    user,
    userAgent,
    options: {},
  });
  if (resource === 'services') {
    const pod = podBehind(server, namespace, name);
    if (!server.nodeProxy) throw unavailable(`no node answers for pod ${pod.metadata.name}`);
    return server.nodeProxy.pod(pod, 'proxy', request);
  }
  const node = name.split(':')[0]!;
  if (!server.endpoints.find('', 'v1', 'nodes')?.store.get(undefined, node))
    throw notFound({ group: '', resource: 'nodes' }, node);
  return pageNotFound();
}
