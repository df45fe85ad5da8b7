import { quote } from '../../api/field-error.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { EndpointSlice, Service } from '../../api/types.ts';
import type { Dialer, DialOutcome, DialTarget } from './dialer.ts';

/** Where a webhook is: a Service in the cluster, or a URL outside, which nothing here leads to. */
export interface ClientConfig {
  readonly url?: string;
  readonly service?: {
    readonly namespace?: string;
    readonly name?: string;
    readonly path?: string;
    readonly port?: number;
  };
}

/** A webhook that could not be asked; the message is Go's HTTP client's. */
export class WebhookCallError extends Error {}

/** Where services and their endpoints are looked up. */
export interface ServiceSource {
  get(group: string, resource: string, namespace: string | undefined, name: string): UntypedObject | undefined;
  list(group: string, resource: string, namespace: string | undefined): readonly UntypedObject[];
}

const DEFAULT_PORT = 443;
const SERVICE_NAME = 'kubernetes.io/service-name';
const HEADERS = {
  accept: 'application/json, */*',
  'content-type': 'application/json',
  'user-agent': 'kube-apiserver-admission',
};

const FAULTS: Readonly<Record<Extract<DialOutcome, { fault: string }>['fault'], (address: string) => string>> = {
  refused: (address) => `dial tcp ${address}: connect: connection refused`,
  unreachable: (address) => `dial tcp ${address}: connect: no route to host`,
  reset: () => 'EOF',
  timeout: () => 'context deadline exceeded',
};

/** The first ready endpoint of a Service's port; none is there where nothing is ready. */
function endpointOf(service: Service, port: number, source: ServiceSource): DialTarget | undefined {
  const portName = service.spec?.ports?.find((one) => one.port === port)?.name ?? '';
  const slices = source.list(
    'discovery.k8s.io',
    'endpointslices',
    service.metadata.namespace,
  ) as unknown as EndpointSlice[];
  for (const { metadata, endpoints, ports } of slices) {
    if (metadata.labels?.[SERVICE_NAME] !== service.metadata.name) continue;
    const target = ports?.find(({ name }) => (name ?? '') === portName)?.port;
    const ready = endpoints?.find(({ conditions }) => conditions?.ready ?? true)?.addresses?.[0];
    if (target !== undefined && ready !== undefined) return { ip: ready, port: target };
  }
  return undefined;
}

/** Calls webhooks over the network of the cluster. TLS is taken for granted: certificates are neither shown nor checked. */
export class WebhookClient {
  readonly #source: ServiceSource;
  readonly #dialer: () => Dialer | undefined;

  constructor(source: ServiceSource, dialer: () => Dialer | undefined) {
    this.#source = source;
    this.#dialer = dialer;
  }

  /** Posts JSON to a webhook, and gives the JSON that it answers. Throws WebhookCallError. */
  call({ url, service }: ClientConfig, body: object, timeoutSeconds: number): unknown {
    const { host, path } = service ? serviceUrl(service) : splitUrl(url ?? '');
    const fail = (problem: string): WebhookCallError =>
      new WebhookCallError(`Post ${quote(`https://${host}${path}?timeout=${timeoutSeconds}s`)}: ${problem}`);
    const outcome = service
      ? this.#dialService(service, `${path}?timeout=${timeoutSeconds}s`, JSON.stringify(body), timeoutSeconds)
      : outside(host);
    if (typeof outcome === 'string') throw fail(outcome);
    return answerOf(outcome.status, outcome.body);
  }

  /** The answer, or what kept it from coming. */
  #dialService(
    { namespace = '', name = '', port = DEFAULT_PORT }: NonNullable<ClientConfig['service']>,
    path: string,
    body: string,
    timeoutSeconds: number,
  ): { readonly status: number; readonly body: string } | string {
    const service = this.#source.get('', 'services', namespace, name) as Service | undefined;
    if (!service) return `service ${quote(name)} not found`;
    const { type, clusterIP = '', ports, externalName } = service.spec ?? {};
    if (type === 'ExternalName') return `dial tcp: lookup ${externalName}: no such host`;
    if (clusterIP === 'None') return 'cannot route to service with ClusterIP "None"';
    if (!ports?.some((one) => one.port === port)) return `no service port ${port} found for service ${quote(name)}`;
    const target = endpointOf(service, port, this.#source);
    // The rules of kube-proxy refuse what is for a Service without endpoints.
    const outcome: DialOutcome =
      (target && this.#dialer()?.post(target, path, { ...HEADERS, host: `${name}.${namespace}.svc` }, body)) ??
      ({ fault: 'refused' } as const);
    if ('fault' in outcome) return FAULTS[outcome.fault](`${clusterIP}:${port}`);
    return (outcome.tookMs ?? 0) >= timeoutSeconds * 1000 ? FAULTS.timeout('') : outcome;
  }
}

function serviceUrl({ namespace, name, path = '', port = DEFAULT_PORT }: NonNullable<ClientConfig['service']>) {
  return { host: `${name}.${namespace}.svc:${port}`, path: path.startsWith('/') ? path : `/${path}` };
}

/** Nothing is outside: addresses refuse connections, and names are not known. */
function outside(host: string): string {
  const [, name = host, port = String(DEFAULT_PORT)] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  const ip = name === 'localhost' ? '127.0.0.1' : name;
  return /^(?:[\d.]+|\[.*\])$/.test(ip) ? FAULTS.refused(`${ip}:${port}`) : `dial tcp: lookup ${name}: no such host`;
}

function splitUrl(url: string): { readonly host: string; readonly path: string } {
  const [, host = '', path = ''] = /^https:\/\/([^/?#]*)([^?#]*)/.exec(url) ?? [];
  return { host, path: path || '/' };
}

const SERVER_ERRORS: Readonly<Record<number, string>> = {
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  503: 'the server is currently unable to handle the request',
};

function answerOf(status: number, body: string): unknown {
  if (status >= 400) {
    const known = SERVER_ERRORS[status];
    throw new WebhookCallError(
      known ??
        (status >= 500
          ? `an error on the server (${quote(body.trim() || 'unknown')}) has prevented the request from succeeding`
          : 'the server rejected our request for an unknown reason'),
    );
  }
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new WebhookCallError(
      `couldn't get version/kind; json parse error: invalid character ${quote(body[0] ?? '').replaceAll('"', "'")} looking for beginning of value`,
    );
  }
}
