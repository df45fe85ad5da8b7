import { ServiceKind } from '../api/core/service.ts';
import { EndpointSliceKind } from '../api/discovery/endpoint-slice.ts';
import type { EndpointSlice, Service } from '../api/types.ts';
import { InformerFactory, type Client, type SharedInformer } from '../client/index.ts';
import type { Kernel } from '../kernel/index.ts';
import type { DnsAnswer, DnsQuestion, Server } from './traffic.ts';

export interface ClusterDnsOptions {
  readonly kernel: Kernel;
  readonly client: Client;
  /** `cluster.local` */
  readonly domain?: string;
}

const NXDOMAIN: DnsAnswer = { code: 'NXDOMAIN', records: [] };
const answer = (records: readonly string[]): DnsAnswer => ({ code: 'NOERROR', records });
/** Longest chain of ExternalNames that is followed. */
const MOST_ALIASES = 8;

/**
 * The cluster's DNS server: names of Services and of the endpoints of headless ones, from the API (CoreDNS' kubernetes
 * plugin). It stands on an address of its own instead of running in Pods, and knows no world outside.
 */
export class ClusterDns implements Server {
  readonly #domain: string;
  readonly #informers: InformerFactory;
  readonly #services: SharedInformer<Service>;
  readonly #slices: SharedInformer<EndpointSlice>;

  constructor({ kernel, client, domain = 'cluster.local' }: ClusterDnsOptions) {
    this.#domain = domain;
    this.#informers = new InformerFactory(kernel, client);
    this.#services = this.#informers.for(ServiceKind);
    this.#slices = this.#informers.for(EndpointSliceKind);
    this.#slices.addIndex('service', ({ metadata }) => [
      `${metadata.namespace}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`,
    ]);
  }

  start(): void {
    this.#informers.start();
  }

  stop(): void {
    this.#informers.stop();
  }

  dns({ name, type }: DnsQuestion): DnsAnswer {
    if (type !== 'A') return NXDOMAIN;
    return this.#address(name, 0);
  }

  #address(name: string, aliases: number): DnsAnswer {
    const suffix = `.${this.#domain}`;
    if (!name.endsWith(suffix)) return NXDOMAIN;
    const labels = name.slice(0, -suffix.length).split('.');
    const kind = labels.pop();
    const namespace = labels.pop();
    if (kind === 'pod' && labels.length === 1 && namespace) return podAnswer(labels[0]!);
    const service = labels.pop();
    if (kind !== 'svc' || !namespace || !service) return NXDOMAIN;
    const object = this.#services.get(namespace, service);
    if (!object) return NXDOMAIN;
    if (object.spec.type === 'ExternalName') {
      return aliases < MOST_ALIASES ? this.#address(object.spec.externalName ?? '', aliases + 1) : NXDOMAIN;
    }
    if (object.spec.clusterIP !== 'None')
      return labels.length === 0 ? answer(object.spec.clusterIPs ?? [object.spec.clusterIP!]) : NXDOMAIN;
    return this.#endpoints(`${namespace}/${service}`, labels, object.spec.publishNotReadyAddresses ?? false);
  }

  /** Addresses of a headless Service: all, or the one of a hostname. */
  #endpoints(key: string, labels: readonly string[], all: boolean): DnsAnswer {
    const [hostname] = labels;
    if (labels.length > 1) return NXDOMAIN;
    const found: string[] = [];
    for (const { endpoints } of this.#slices.byIndex('service', key)) {
      for (const endpoint of endpoints ?? []) {
        if (!all && endpoint.conditions?.ready === false) continue;
        const [ip] = endpoint.addresses;
        if (!ip) continue;
        const own = endpoint.hostname ?? ip.replaceAll('.', '-');
        if (hostname === undefined || hostname === own) found.push(ip);
      }
    }
    return found.length > 0 || hostname === undefined ? answer(found) : NXDOMAIN;
  }
}

/** `10-244-1-5.default.pod.cluster.local` */
const podAnswer = (label: string): DnsAnswer =>
  /^\d{1,3}(-\d{1,3}){3}$/.test(label) ? answer([label.replaceAll('-', '.')]) : NXDOMAIN;
