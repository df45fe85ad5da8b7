import { ServiceKind } from '../api/core/service.ts';
import { EndpointSliceKind } from '../api/discovery/endpoint-slice.ts';
import {
  ImageRegistry,
  SimulatedRuntime,
  type ContainerRuntime,
  type HttpMessage,
  type HttpReply,
  type Image,
  type NetworkOutcome,
  type NodeSpec as Machine,
  type PodNetwork,
  type Target,
} from '../kubelet/index.ts';
import { ClusterDns, ClusterNetwork, KubeProxy } from '../network/index.ts';
import type { Cluster } from './cluster.ts';
import { grantRights } from './grant-rights.ts';
import { API_SERVER, COREDNS, KUBE_PROXY } from './identities.ts';
import { CONTROL_PLANE, CLUSTER_DOMAIN, DNS_SERVICE_IP } from './spec.ts';

const DNS_PORT = 53;
const DNS_RULES = ['list,watch endpoints,services,pods,namespaces core', 'list,watch endpointslices discovery.k8s.io'];
const DNS_LABELS = { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' };

/** What carries Pods: the network between the machines, the images that can be pulled, kube-proxy and DNS. */
export class DataPlane {
  readonly network: ClusterNetwork;
  readonly #cluster: Cluster;
  readonly #registry: ImageRegistry;

  constructor(cluster: Cluster, images: () => readonly Image[]) {
    this.#cluster = cluster;
    this.#registry = new ImageRegistry(images);
    this.network = new ClusterNetwork({ kernel: cluster.kernel });
    this.network.addNode(CONTROL_PLANE.name, CONTROL_PLANE.ip);
    cluster.apiserver.dialer = {
      post: (to, path, headers, body) => {
        const outcome = this.network.requestAtOnce(CONTROL_PLANE.ip, to, { method: 'POST', path, headers, body });
        if ('fault' in outcome) return outcome;
        const { status, body: answer, afterMs } = outcome.value;
        return { status, body: answer, tookMs: afterMs };
      },
    };
    this.#publishDns();
    cluster.add('coredns', () => this.#startDns());
  }

  /** Asks a server from the control plane's machine, in no time. */
  request(to: Target, message: HttpMessage): NetworkOutcome<HttpReply> {
    return this.network.requestAtOnce(CONTROL_PLANE.ip, to, message);
  }

  /** Connects a machine, starts its kube-proxy, and returns what its kubelet works with. */
  addNode(node: Machine): { runtime: ContainerRuntime; network: PodNetwork } {
    const { kernel } = this.#cluster;
    const { network } = this;
    network.addNode(node.name, node.ip);
    this.#addProxy(node);
    const runtime = new SimulatedRuntime({
      kernel,
      component: `kubelet/${node.name}`,
      registry: this.#registry,
      cni: network.cni(node.name),
      network,
      hostIps: [node.ip],
    });
    return { runtime, network };
  }

  #addProxy(node: Machine): void {
    const { kernel, client, add } = this.#cluster;
    const component = `kube-proxy/${node.name}`;
    const zone = node.zone ?? node.labels?.['topology.kubernetes.io/zone'];
    const proxy = new KubeProxy({
      kernel,
      client: client(component, KUBE_PROXY),
      node: { name: node.name, zone, ips: [node.ip] },
      install: (rules) => this.network.setRules(node.name, rules),
    });
    add(component, () => {
      proxy.start();
      return proxy;
    });
  }

  #startDns(): { stop(): void } {
    const { kernel, client } = this.#cluster;
    const dns = new ClusterDns({ kernel, client: client('coredns', COREDNS), domain: CLUSTER_DOMAIN });
    dns.start();
    const closeUdp = this.network.listen(CONTROL_PLANE.ip, DNS_PORT, dns, 'UDP');
    const closeTcp = this.network.listen(CONTROL_PLANE.ip, DNS_PORT, dns, 'TCP');
    return {
      stop() {
        dns.stop();
        closeUdp?.();
        closeTcp?.();
      },
    };
  }

  /** The Service that Pods' resolv.conf names, as kubeadm creates it, with the DNS server as its endpoint. */
  #publishDns(): void {
    const client = this.#cluster.client('kubeadm', API_SERVER);
    grantRights(client, 'system:coredns', DNS_RULES, 'coredns');
    const ports = [
      { name: 'dns', port: DNS_PORT, protocol: 'UDP' as const },
      { name: 'dns-tcp', port: DNS_PORT, protocol: 'TCP' as const },
    ];
    client.resource(ServiceKind).create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels: DNS_LABELS },
      spec: { clusterIP: DNS_SERVICE_IP, ports, type: 'ClusterIP' },
    });
    client.resource(EndpointSliceKind).create({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [CONTROL_PLANE.ip], conditions: { ready: true } }],
      ports,
    });
  }
}
