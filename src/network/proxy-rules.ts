import type { EndpointSlice, Service } from '../api/types.ts';
import type { Target } from './traffic.ts';

export interface RuleEndpoint extends Target {
  readonly node: string | undefined;
  /** Nodes and zones for which the slice hints it; all when empty. */
  readonly nodes: readonly string[];
  readonly zones: readonly string[];
}

/** What happens to packets for one port of a Service. */
export interface ServiceRule {
  /** `default/web:http`: namespace, name and port name. */
  readonly service: string;
  /** Endpoints for traffic from inside, and for traffic that comes in through a node. */
  readonly internal: readonly RuleEndpoint[];
  readonly external: readonly RuleEndpoint[];
  /** There are endpoints, only none that the policy allows here: packets are dropped instead of refused. */
  readonly internalElsewhere: boolean;
  readonly externalElsewhere: boolean;
  /** How long a client stays with its endpoint, milliseconds; undefined without session affinity. */
  readonly affinityMs: number | undefined;
}

/** The packet rules of one node: by `address:port/protocol`, and by `port/protocol` for its own addresses. */
export interface RuleSet {
  readonly addresses: ReadonlyMap<string, ServiceRule>;
  readonly externals: ReadonlyMap<string, ServiceRule>;
  readonly nodePorts: ReadonlyMap<string, ServiceRule>;
}

/** The node for which rules are made. */
export interface RuleNode {
  readonly name: string;
  readonly zone: string | undefined;
}

type SlicePort = NonNullable<EndpointSlice['ports']>[number];

/** Hints by node (trafficDistribution PreferSameNode). */
type Hints = { readonly forNodes?: readonly { readonly name: string }[] };

const namesOf = (hints: readonly { readonly name: string }[] | undefined): string[] =>
  hints?.map(({ name }) => name) ?? [];

/** Endpoints of one port of a Service: the ready ones, or the terminating ones that still serve when none is ready. */
function endpointsOf(slices: readonly EndpointSlice[], portName: string, protocol: string): RuleEndpoint[] {
  const ready = new Map<string, RuleEndpoint>();
  const leaving = new Map<string, RuleEndpoint>();
  for (const slice of slices) {
    const port = slice.ports?.find(
      (one: SlicePort) => (one.name ?? '') === portName && (one.protocol ?? 'TCP') === protocol,
    )?.port;
    if (port === undefined) continue;
    for (const { addresses, conditions, nodeName, hints } of slice.endpoints ?? []) {
      const into =
        conditions?.ready !== false ? ready : conditions.serving && conditions.terminating ? leaving : undefined;
      const ip = addresses[0];
      if (!into || !ip) continue;
      into.set(`${ip}:${port}`, {
        ip,
        port,
        node: nodeName,
        nodes: namesOf((hints as Hints | undefined)?.forNodes),
        zones: namesOf(hints?.forZones),
      });
    }
  }
  return [...(ready.size > 0 ? ready : leaving).values()];
}

/** With hints on every endpoint, those of the node, or else of its zone, if there are any. */
function near(endpoints: readonly RuleEndpoint[], { name, zone }: RuleNode): readonly RuleEndpoint[] {
  if (endpoints.every(({ nodes }) => nodes.length > 0)) {
    const here = endpoints.filter(({ nodes }) => nodes.includes(name));
    if (here.length > 0) return here;
  }
  if (!zone || endpoints.some(({ zones }) => zones.length === 0)) return endpoints;
  const close = endpoints.filter(({ zones }) => zones.includes(zone));
  return close.length > 0 ? close : endpoints;
}

/** The rules of one Service on one node; empty for those that have no address to rewrite. */
export function serviceRules(service: Service, slices: readonly EndpointSlice[], node: RuleNode): RuleSet {
  const addresses = new Map<string, ServiceRule>();
  const externals = new Map<string, ServiceRule>();
  const nodePorts = new Map<string, ServiceRule>();
  const { spec, metadata, status } = service;
  if (spec.type === 'ExternalName' || !spec.clusterIP || spec.clusterIP === 'None')
    return { addresses, externals, nodePorts };
  const affinity =
    spec.sessionAffinity === 'ClientIP'
      ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) * 1000
      : undefined;
  for (const { name = '', port, protocol = 'TCP', nodePort } of spec.ports ?? []) {
    const all = endpointsOf(slices, name, protocol);
    const local = all.filter((endpoint) => endpoint.node === node.name);
    const internal = spec.internalTrafficPolicy === 'Local' ? local : near(all, node);
    const external = spec.externalTrafficPolicy === 'Local' ? local : near(all, node);
    const rule: ServiceRule = {
      service: `${metadata.namespace}/${metadata.name}${name ? `:${name}` : ''}`,
      internal,
      external,
      internalElsewhere: internal.length === 0 && all.length > 0,
      externalElsewhere: external.length === 0 && all.length > 0,
      affinityMs: affinity,
    };
    for (const ip of spec.clusterIPs ?? [spec.clusterIP]) addresses.set(`${ip}:${port}/${protocol}`, rule);
    for (const ip of spec.externalIPs ?? []) externals.set(`${ip}:${port}/${protocol}`, rule);
    for (const { ip } of status?.loadBalancer?.ingress ?? []) if (ip) externals.set(`${ip}:${port}/${protocol}`, rule);
    if (nodePort) nodePorts.set(`${nodePort}/${protocol}`, rule);
  }
  return { addresses, externals, nodePorts };
}

/** The complete rules of a node, from every Service and every slice. */
export function rules(services: readonly Service[], slices: readonly EndpointSlice[], node: RuleNode): RuleSet {
  const byService = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const name = slice.metadata.labels?.['kubernetes.io/service-name'];
    if (!name) continue;
    const key = `${slice.metadata.namespace}/${name}`;
    const list = byService.get(key);
    if (list) list.push(slice);
    else byService.set(key, [slice]);
  }
  return merged(
    services.map((service) =>
      serviceRules(service, byService.get(`${service.metadata.namespace}/${service.metadata.name}`) ?? [], node),
    ),
  );
}

/** Several rule sets as one. */
export function merged(sets: Iterable<RuleSet>): RuleSet {
  const addresses = new Map<string, ServiceRule>();
  const externals = new Map<string, ServiceRule>();
  const nodePorts = new Map<string, ServiceRule>();
  for (const set of sets) {
    for (const [key, rule] of set.addresses) addresses.set(key, rule);
    for (const [key, rule] of set.externals) externals.set(key, rule);
    for (const [key, rule] of set.nodePorts) nodePorts.set(key, rule);
  }
  return { addresses, externals, nodePorts };
}
