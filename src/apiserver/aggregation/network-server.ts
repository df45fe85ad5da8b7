import { ApiError, type Status } from '../../api/status.ts';
import type { Kind } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { EndpointSlice } from '../../api/types.ts';
import { requestUri } from '../audit/request-uri.ts';
import type { NodeProxy, ProxiedAnswer } from '../node-proxy.ts';
import type { ApiRequest, ApiResponse, HttpRequest, HttpResponse, UserInfo, Verb } from '../request.ts';
import { serviceUnavailable } from './aggregation.ts';
import type { AggregatedServer } from './aggregated-server.ts';

export interface Target {
  readonly ip: string;
  readonly port: number;
}

interface ResourceEntry {
  readonly name: string;
  readonly singularName?: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

const METHODS: Readonly<Record<Verb, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};

const FAULTS: Readonly<Record<string, string>> = {
  refused: 'connect: connection refused',
  reset: 'read: connection reset by peer',
  unreachable: 'connect: no route to host',
  timeout: 'i/o timeout',
};

/** The first ready endpoint of a Service, at one of its ports by name. */
export function targetOf(slices: readonly EndpointSlice[], portName: string): Target | undefined {
  for (const { endpoints, ports } of slices) {
    const port = ports?.find(({ name }) => (name ?? '') === portName)?.port;
    const ready = (endpoints ?? []).find(({ conditions }) => conditions?.ready ?? true);
    if (port !== undefined && ready) return { ip: ready.addresses[0]!, port };
  }
  return undefined;
}

/** By which a server behind this one knows who asks: it trusts this one to have found that out (request-header authentication). */
function identityHeaders({ username, uid, groups, extra = {} }: UserInfo): Record<string, string> {
  const headers: Record<string, string> = { 'x-remote-user': username, 'x-remote-group': groups.join(', ') };
  if (uid) headers['x-remote-uid'] = uid;
  for (const [key, values] of Object.entries(extra)) headers[`x-remote-extra-${key.toLowerCase()}`] = values.join(', ');
  return headers;
}

const AGGREGATOR: UserInfo = { username: 'system:kube-aggregator', groups: ['system:masters'] };

const kindOf = (group: string, version: string, entry: ResourceEntry): Kind => ({
  group,
  version,
  kind: entry.kind,
  resource: entry.name,
  singular: entry.singularName ?? '',
  namespaced: entry.namespaced,
  verbs: entry.verbs,
  ...(entry.shortNames ? { shortNames: entry.shortNames } : {}),
  ...(entry.categories ? { categories: entry.categories } : {}),
  schema: '',
});

/** A server of further groups that runs in a Pod: it is asked over the cluster's network, in HTTP. */
export class NetworkServer implements AggregatedServer {
  readonly kinds: readonly Kind[];
  readonly #proxy: NodeProxy;
  readonly #target: Target;
  /** What it said of its types, by group and version. */
  readonly #openApi = new Map<string, object | undefined>();

  constructor(proxy: NodeProxy, target: Target, kinds: readonly Kind[]) {
    this.#proxy = proxy;
    this.#target = target;
    this.kinds = kinds;
  }

  /** Asks what a server serves of a group and version. What is wrong where it does not tell. */
  static discover(
    proxy: NodeProxy,
    target: Target,
    group: string,
    version: string,
  ): { readonly kinds: readonly Kind[] } | { readonly problem: string; readonly status?: number } {
    const path = `/apis/${group}/${version}`;
    const asked = { method: 'GET', path, headers: identityHeaders(AGGREGATOR), body: '' };
    const answer = proxy.request(target, asked);
    if (!('value' in answer))
      return { problem: `dial tcp ${target.ip}:${target.port}: ${FAULTS[answer.fault] ?? answer.fault}` };
    const { status, body } = answer.value;
    if (status < 200 || status > 299) return { problem: '', status };
    const { resources = [] } = parsed(body) as { resources?: readonly ResourceEntry[] };
    const whole = resources.filter(({ name }) => !name.includes('/'));
    return { kinds: whole.map((entry) => kindOf(group, version, entry)) };
  }

  /** Asked once: servers that change what they serve are known anew. */
  openApi(group: string, version: string): object | undefined {
    const path = `/openapi/v3/apis/${group}/${version}`;
    if (this.#openApi.has(path)) return this.#openApi.get(path);
    const headers = { accept: 'application/json', ...identityHeaders(AGGREGATOR) };
    const answer = this.#proxy.request(this.#target, { method: 'GET', path, headers, body: '' });
    const said = 'value' in answer && answer.value.status === 200 ? parsed(answer.value.body) : undefined;
    const document = typeof said === 'object' && said !== null && 'components' in said ? said : undefined;
    this.#openApi.set(path, document);
    return document;
  }

  serve(request: ApiRequest): ApiResponse {
    const { verb, body, user } = request;
    const { status, body: text } = this.#ask(
      METHODS[verb],
      requestUri(request),
      { accept: 'application/json', 'content-type': 'application/json', ...identityHeaders(user) },
      body === undefined ? '' : JSON.stringify(body),
    );
    const object = parsed(text) as UntypedObject;
    if (status < 400) return { code: status, object, warnings: [] };
    const { reason = '', message = text, details } = object as unknown as Partial<Status>;
    throw new ApiError(status, reason, message, details);
  }

  http({ method, url, headers, body }: HttpRequest, user: UserInfo): HttpResponse {
    const { authorization: _own, connection: _connection, host: _host, ...rest } = headers;
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
    return this.#ask(method, url, { ...rest, ...identityHeaders(user) }, text);
  }

  #ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Extract<ProxiedAnswer, { value: unknown }>['value'] {
    const answer = this.#proxy.request(this.#target, { method, path, headers, body });
    if ('value' in answer) return answer.value;
    throw serviceUnavailable();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return {};
  }
}
