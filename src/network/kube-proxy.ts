import { ServiceKind } from '../api/core/service.ts';
import { EndpointSliceKind } from '../api/discovery/endpoint-slice.ts';
import type { EndpointSlice, Service } from '../api/types.ts';
import { causeNow, InformerFactory, type Client, type SharedInformer } from '../client/index.ts';
import type { Kernel, Random, Timer } from '../kernel/index.ts';
import {
  merged,
  serviceRules,
  type RuleEndpoint,
  type RuleNode,
  type RuleSet,
  type ServiceRule,
} from './proxy-rules.ts';
import type { PacketRules, Protocol, Target, Verdict } from './traffic.ts';

/** Rules are written at most this often (--iptables-min-sync-period). */
const LEAST_SYNC_MS = 1000;
/** From a change to the rules that follow it, when none were written lately. */
const SYNC_LATENCY_MS = 5;

export interface KubeProxyOptions {
  readonly kernel: Kernel;
  /** Its user agent is the proxy's lane. */
  readonly client: Client;
  readonly node: RuleNode & { readonly ips: readonly string[] };
  /** Puts rules into effect on the node; undefined removes them. */
  readonly install: (rules: PacketRules | undefined) => void;
}

interface Affinity {
  readonly endpoint: RuleEndpoint;
  until: number;
}

const serviceOf = (slice: EndpointSlice): string | undefined => {
  const name = slice.metadata.labels?.['kubernetes.io/service-name'];
  return name && `${slice.metadata.namespace}/${name}`;
};

/**
 * kube-proxy of one node: watches Services and EndpointSlices, makes packet rules of them, and has the node apply
 * them. As the real one in iptables mode: a random endpoint per connection, refusal without endpoints, silence on
 * ports that no Service has. Health check ports and source ranges are not there.
 */
export class KubeProxy implements PacketRules {
  readonly #options: KubeProxyOptions;
  readonly #random: Random;
  readonly #rulesOf = new Map<string, RuleSet>();
  readonly #dirty = new Set<string>();
  readonly #affinities = new Map<string, Affinity>();
  #informers: InformerFactory | undefined;
  #services: SharedInformer<Service> | undefined;
  #slices: SharedInformer<EndpointSlice> | undefined;
  #rules: RuleSet = merged([]);
  #next: Timer | undefined;
  #lastSync = -Infinity;
  #cause = 0;

  constructor(options: KubeProxyOptions) {
    this.#options = options;
    this.#random = options.kernel.random(options.client.userAgent);
  }

  /** The rules in effect. */
  get rules(): RuleSet {
    return this.#rules;
  }

  start(): void {
    if (this.#informers) return;
    const { kernel, client, install } = this.#options;
    const informers = (this.#informers = new InformerFactory(kernel, client));
    this.#services = informers.for(ServiceKind);
    this.#slices = informers.for(EndpointSliceKind);
    this.#slices.addIndex('service', (slice) => [serviceOf(slice) ?? '']);
    const changed = ({ metadata }: Service): void => this.#mark(`${metadata.namespace}/${metadata.name}`);
    const moved = (slice: EndpointSlice): void => {
      const service = serviceOf(slice);
      if (service) this.#mark(service);
    };
    this.#services.addHandler({ add: changed, update: changed, delete: changed, lazy: true });
    this.#slices.addHandler({ add: moved, update: moved, delete: moved, lazy: true });
    informers.start();
    install(this);
  }

  stop(): void {
    this.#informers?.stop();
    this.#informers = undefined;
    this.#next?.cancel();
    this.#next = undefined;
  }

  /** Where a packet goes by the rules in effect. */
  verdict(from: string, to: Target, protocol: Protocol): Verdict | undefined {
    const key = `${to.ip}:${to.port}/${protocol}`;
    const inner = this.#rules.addresses.get(key);
    if (inner) return this.#choose(inner, inner.internal, inner.internalElsewhere, from);
    const own = this.#options.node.ips.includes(to.ip);
    const outer =
      this.#rules.externals.get(key) ?? (own ? this.#rules.nodePorts.get(`${to.port}/${protocol}`) : undefined);
    return outer && this.#choose(outer, outer.external, outer.externalElsewhere, from);
  }

  #choose(rule: ServiceRule, endpoints: readonly RuleEndpoint[], elsewhere: boolean, client: string): Verdict {
    const { service, affinityMs } = rule;
    if (endpoints.length === 0) return { kind: elsewhere ? 'drop' : 'reject', service };
    const { now } = this.#options.kernel;
    const key = `${service} ${client}`;
    const stuck = affinityMs === undefined ? undefined : this.#affinities.get(key);
    if (
      stuck &&
      stuck.until > now &&
      endpoints.some(({ ip, port }) => ip === stuck.endpoint.ip && port === stuck.endpoint.port)
    ) {
      stuck.until = now + affinityMs!;
      return { kind: 'forward', to: stuck.endpoint, service };
    }
    const endpoint = endpoints[this.#random.int(endpoints.length)]!;
    if (affinityMs !== undefined) this.#affinities.set(key, { endpoint, until: now + affinityMs });
    return { kind: 'forward', to: endpoint, service };
  }

  #mark(service: string): void {
    const { kernel, client } = this.#options;
    if (this.#dirty.size === 0) this.#cause = causeNow(kernel.trace);
    this.#dirty.add(service);
    if (this.#next) return;
    const due = Math.max(kernel.now + SYNC_LATENCY_MS, this.#lastSync + LEAST_SYNC_MS);
    this.#next = kernel.after(due - kernel.now, client.userAgent, () => this.#sync());
  }

  /** Rewrites the rules of the Services that changed. */
  #sync(): void {
    const { kernel, client, node } = this.#options;
    this.#next = undefined;
    this.#lastSync = kernel.now;
    const changed = [...this.#dirty];
    this.#dirty.clear();
    kernel.trace.within(this.#cause, () =>
      kernel.trace.span(client.userAgent, 'sync rules', { services: changed }, () => {
        for (const key of changed) {
          const slash = key.indexOf('/');
          const service = this.#services!.get(key.slice(0, slash), key.slice(slash + 1));
          if (service) this.#rulesOf.set(key, serviceRules(service, this.#slices!.byIndex('service', key), node));
          else this.#rulesOf.delete(key);
        }
        this.#rules = merged(this.#rulesOf.values());
      }),
    );
  }
}
