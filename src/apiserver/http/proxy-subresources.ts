import { badRequest, notFound } from '../../api/errors.ts';
import { ApiError } from '../../api/status.ts';
import type { Endpoints, Pod, Service } from '../../api/types.ts';
import type { ProxiedRequest } from '../node-proxy.ts';
import type { ApiRequest, HttpRequest, HttpResponse, UserInfo, Verb } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { admitConnection } from './connection-admission.ts';
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

const POD_OPTIONS = { group: '', version: 'v1', kind: 'PodProxyOptions' };

/** Where a Pod that names no port is asked. */
const HTTP_PORT = 80;

const METHODS: Readonly<Record<string, Verb>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

export const isProxySubresource = ({ group, resource, subresource }: ResourcePath): boolean =>
  group === '' && subresource === 'proxy' && (resource === 'pods' || Object.hasOwn(PROXY_SUBRESOURCES, resource));

const unavailable = (message: string): ApiError => new ApiError(503, 'ServiceUnavailable', message);

/** `name`, `name:port`, `scheme:name:port`: the middle and the end. */
function nameAndPort(id: string): readonly [name: string, port: string] {
  const parts = id.split(':');
  const [name = '', port = ''] = parts.length === 3 ? parts.slice(1) : parts;
  return [name, port];
}

/** Where a connection goes. */
interface Target {
  readonly ip: string;
  readonly port: number;
}

/** An address behind a Service, the port by number or by name. */
function behindService({ endpoints: table, names }: ApiServer, namespace: string | undefined, id: string): Target {
  const [name, asked] = nameAndPort(id);
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
  const targets = (endpoints.subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
    const found = ports.find((candidate) => (candidate.name ?? '') === port);
    return found ? addresses.map(({ ip }): Target => ({ ip, port: found.port })) : [];
  });
  if (targets.length === 0) throw unavailable(`no endpoints available for service ${JSON.stringify(id)}`);
  return targets[names.int(targets.length)]!;
}

/** The address of a Pod, at the port asked for or else the first that it names. */
function ofPod({ endpoints: table }: ApiServer, namespace: string | undefined, id: string): Target {
  const [name, asked] = nameAndPort(id);
  const pod = table.find('', 'v1', 'pods')?.store.get(namespace, name) as Pod | undefined;
  if (!pod) throw notFound({ group: '', resource: 'pods' }, name);
  const ports = pod.spec.containers.flatMap(({ ports: named = [] }) => named);
  const port = Number(asked || (ports[0]?.containerPort ?? HTTP_PORT));
  if (!pod.status?.podIP) throw badRequest(`address not allowed`);
  return { ip: pod.status.podIP, port };
}

/** What is passed on: the path behind `/proxy`, the query, headers but those of the connection, the body. */
function passedOn({ method, url, headers, body }: HttpRequest): ProxiedRequest {
  const [path = '', query] = url.split('?', 2);
  const behind = path.replace(/^.*?\/proxy(?=\/|$)/, '') || '/';
  const { authorization: _own, connection: _connection, ...rest } = headers;
  return {
    method,
    path: query === undefined ? behind : `${behind}?${query}`,
    headers: rest,
    body: typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body),
  };
}

const FAULTS: Readonly<Record<string, string>> = {
  refused: 'connect: connection refused',
  reset: 'read: connection reset by peer',
  unreachable: 'connect: no route to host',
  timeout: 'i/o timeout',
};

/** Passes a request on to a Pod, to a Pod behind a Service, or to a node. */
export function proxyAnswer(
  server: ApiServer,
  request: HttpRequest,
  { group, version, resource, namespace, name = '' }: ResourcePath,
  user: UserInfo,
  userAgent: string,
): HttpResponse {
  const verb = METHODS[request.method] ?? 'get';
  const asked: ApiRequest = {
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
  };
  server.authorize(asked);
  const objectKind = PROXY_SUBRESOURCES[resource]?.kind ?? POD_OPTIONS;
  admitConnection(server, request, asked, objectKind, new URLSearchParams());
  if (resource === 'nodes') {
    const [node] = nameAndPort(name);
    if (!server.endpoints.find('', 'v1', 'nodes')?.store.get(undefined, node))
      throw notFound({ group: '', resource: 'nodes' }, node);
    return pageNotFound();
  }
  const to = resource === 'services' ? behindService(server, namespace, name) : ofPod(server, namespace, name);
  const answer = server.nodeProxy?.request(to, passedOn(request)) ?? { fault: 'refused' };
  if ('value' in answer) return answer.value;
  throw unavailable(
    `error trying to reach service: dial tcp ${to.ip}:${to.port}: ${FAULTS[answer.fault] ?? answer.fault}`,
  );
}
