import { ApiServiceKind } from '../../api/apiregistration/api-service.ts';
import { formatTime } from '../../api/meta.ts';
import { ApiError } from '../../api/status.ts';
import type { ApiService, EndpointSlice, Service } from '../../api/types.ts';
import type { Etcd } from '../../etcd/index.ts';
import type { ServiceReference } from './aggregated-server.ts';
import { HTTPS } from './aggregation.ts';
import { NetworkServer, targetOf, type Target } from './network-server.ts';
import { Loopback } from '../loopback.ts';
import type { ApiServer } from '../server.ts';
import { storagePrefix } from '../storage-keys.ts';

/** What is looked at again without any change: how long a server that went away stays Available. */
const RESYNC_MS = 30_000;
/** How long after a change it is looked at. */
const DELAY_MS = 5;

const COMPONENT = 'kube-apiserver';
const APISERVICES = storagePrefix(ApiServiceKind);
const SERVICES = storagePrefix({ group: '', resource: 'services' });
const SLICES = storagePrefix({ group: 'discovery.k8s.io', resource: 'endpointslices' });
const SERVICE_NAME = 'kubernetes.io/service-name';

interface Finding {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

const unavailable = (reason: string, message: string): Finding => ({ status: 'False', reason, message });

const LOCAL: Finding = { status: 'True', reason: 'Local', message: 'Local APIServices are always available' };

const hasReadyEndpoint = ({ endpoints, ports }: EndpointSlice, port: string): boolean =>
  (endpoints ?? []).some(({ conditions }) => conditions?.ready ?? true) &&
  (ports ?? []).some(({ name, port: number }) => (name ?? '') === port && number !== undefined);

/**
 * Keeps the Available condition of APIServices: whether their Service is there, listens on the port, has endpoints that
 * are ready, and a server behind it that tells what it serves (kube-aggregator's availability controllers).
 */
export function keepAvailability(server: ApiServer): void {
  const { kernel, etcd, aggregation } = server;
  const loopback = new Loopback(server);
  const due = new Set<string>();
  let resyncing = false;

  const look = (name: string): void => {
    due.add(name);
    if (due.size === 1) kernel.after(DELAY_MS, COMPONENT, sync);
  };

  const sync = (): void => {
    const names = [...due];
    due.clear();
    for (const name of names) check(name);
  };

  const check = (name: string): void => {
    const service = loopback.get(ApiServiceKind, name);
    if (!service) return;
    const found = service.spec.service ? examine(server, service) : LOCAL;
    try {
      write(service, found);
    } catch (error) {
      // Someone was faster: look again.
      if (!(error instanceof ApiError) || error.code !== 409) throw error;
      look(name);
    }
  };

  const write = (service: ApiService, { status, reason, message }: Finding): void => {
    const conditions = service.status?.conditions ?? [];
    const before = conditions.find(({ type }) => type === 'Available');
    if (before?.status === status && before.reason === reason && before.message === message) return;
    const lastTransitionTime =
      before?.status === status && before.lastTransitionTime ? before.lastTransitionTime : formatTime(kernel.now);
    const available = { type: 'Available', status, reason, message, lastTransitionTime };
    const others = conditions.filter(({ type }) => type !== 'Available');
    const next = { ...service, status: { ...service.status, conditions: [...others, available] } };
    loopback.update(ApiServiceKind, next, 'status');
  };

  /** Asks again and again, as long as there are other servers. */
  const resync = (): void => {
    const names = aggregation.serviceNames;
    resyncing = names.length > 0;
    if (!resyncing) return;
    for (const name of names) look(name);
    kernel.after(RESYNC_MS, COMPONENT, resync, { background: true });
  };

  const lookBehind = (namespace: string | undefined, name: string): void => {
    for (const one of aggregation.serviceNames) {
      const { service } = loopback.get(ApiServiceKind, one)?.spec ?? {};
      if (service?.namespace === namespace && service?.name === name) look(one);
    }
  };

  etcd.watch({ prefix: APISERVICES }, (changes) => {
    for (const { type, entry, previous } of changes) {
      if (type !== 'put') continue;
      const { spec, metadata } = entry.value as ApiService;
      const before = previous?.value as ApiService | undefined;
      if (spec.service || before?.spec.service) look(metadata.name);
    }
    if (resyncing || aggregation.serviceNames.length === 0) return;
    resyncing = true;
    kernel.after(RESYNC_MS, COMPONENT, resync, { background: true });
  });
  etcd.watch({ prefix: SERVICES }, (changes) => {
    if (!resyncing) return;
    for (const { entry } of changes) {
      const [namespace, name = ''] = entry.key.slice(SERVICES.length).split('/');
      lookBehind(namespace, name);
    }
  });
  etcd.watch({ prefix: SLICES }, (changes) => {
    if (!resyncing) return;
    for (const change of changes) {
      const slice = (change.type === 'put' ? change.entry.value : change.previous?.value) as EndpointSlice | undefined;
      const name = slice?.metadata.labels?.[SERVICE_NAME];
      if (slice && name) lookBehind(slice.metadata.namespace, name);
    }
  });
  aggregation.changed = (address) => {
    const [namespace, name = ''] = address.split(/[/:]/);
    lookBehind(namespace, name);
  };
}

/** What is to be said of an APIService that names another server. */
function examine(apiserver: ApiServer, { spec }: ApiService): Finding {
  const { endpoints, etcd, aggregation } = apiserver;
  let target: Target | undefined;
  const { group = '', version = '', service = {} } = spec;
  const { namespace = '', name = '', port = HTTPS } = service;
  const where = `service/${name} in ${JSON.stringify(namespace)}`;
  const found = endpoints.find('', 'v1', 'services')?.store.get(namespace, name) as Service | undefined;
  if (!found) return unavailable('ServiceNotFound', `${where} is not present`);
  if (found.spec?.type === 'ClusterIP') {
    const listening = found.spec.ports?.find((candidate) => candidate.port === port);
    if (!listening) return unavailable('ServicePortError', `${where} is not listening on port ${port}`);
    const slices = slicesOf(etcd, namespace, name);
    if (slices.length === 0) return unavailable('EndpointsNotFound', `cannot find endpointslices for ${where}`);
    const portName = listening.name ?? '';
    target = targetOf(slices, portName);
    if (!slices.some((slice) => hasReadyEndpoint(slice, portName)))
      return unavailable(
        'MissingEndpoints',
        `endpointslices for ${where} have no addresses with port name ${JSON.stringify(portName)}`,
      );
  }
  const host = `${found.spec?.clusterIP ?? found.spec?.externalName ?? ''}:${port}`;
  const url = `https://${host}/apis/${group}/${version}`;
  let server = aggregation.at(service);
  if (!server || server instanceof NetworkServer) {
    const problem = ask(apiserver, service, target, group, version);
    if (problem !== undefined)
      return unavailable('FailedDiscoveryCheck', `failing or missing response from ${url}: ${problem(url, host)}`);
    server = aggregation.at(service)!;
  }
  if (!server.kinds.some((kind) => kind.group === group && kind.version === version))
    return unavailable('FailedDiscoveryCheck', `failing or missing response from ${url}: bad status from ${url}: 404`);
  return { status: 'True', reason: 'Passed', message: 'all checks passed' };
}

/** Says what is wrong, given the address that was asked. */
type Problem = (url: string, host: string) => string;

/**
 * Asks a server in the cluster's network what it serves of a group and version, and lets it answer from then on. What is
 * wrong where it does not tell; undefined where all is well.
 */
function ask(
  { aggregation, nodeProxy }: ApiServer,
  service: Partial<ServiceReference>,
  target: Target | undefined,
  group: string,
  version: string,
): Problem | undefined {
  const reference = { namespace: service.namespace ?? '', name: service.name ?? '', port: service.port ?? HTTPS };
  const refused: Problem = (url, host) => `Get ${JSON.stringify(url)}: dial tcp ${host}: connect: connection refused`;
  if (!nodeProxy || !target) return refused;
  const found = NetworkServer.discover(nodeProxy, target, group, version);
  if (!('kinds' in found)) {
    aggregation.end(reference);
    const { problem, status } = found;
    return (url) =>
      status === undefined ? `Get ${JSON.stringify(url)}: ${problem}` : `bad status from ${url}: ${status}`;
  }
  const known = aggregation.at(reference)?.kinds;
  const others = (known ?? []).filter((kind) => kind.group !== group || kind.version !== version);
  const kinds = [...others, ...found.kinds];
  // Whatever is new is told, and looked at again.
  if (JSON.stringify(known) !== JSON.stringify(kinds))
    aggregation.listen(reference, new NetworkServer(nodeProxy, target, kinds));
  return undefined;
}

const slicesOf = (etcd: Etcd, namespace: string, service: string): EndpointSlice[] =>
  etcd
    .range({ prefix: `${SLICES}${namespace}/` })
    .entries.map(({ value }) => value as EndpointSlice)
    .filter(({ metadata }) => metadata.labels?.[SERVICE_NAME] === service);
