import { kinds } from '../../src/api/kinds.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { EndpointSliceKind } from '../../src/api/discovery/endpoint-slice.ts';
import { NamespaceKind } from '../../src/api/core/namespace.ts';
import { ServiceKind } from '../../src/api/core/service.ts';
import type { Manifest } from '../../src/api/object.ts';
import type { EndpointSlice, Service } from '../../src/api/types.ts';
import { ApiServer } from '../../src/apiserver/index.ts';
import { Client } from '../../src/client/index.ts';
import { Etcd } from '../../src/etcd/index.ts';
import { Kernel } from '../../src/kernel/index.ts';
import { ClusterDns, ClusterNetwork, KubeProxy, type HttpReply, type Outcome } from '../../src/network/index.ts';

const NODES = [
  { name: 'node-1', ip: '10.0.0.1', podCidr: '10.244.0.0/24' },
  { name: 'node-2', ip: '10.0.0.2', podCidr: '10.244.1.0/24' },
];
const DNS_IP = '10.96.0.10';

let kernel: Kernel;
let client: Client;
let network: ClusterNetwork;
const proxies: KubeProxy[] = [];

beforeEach(() => {
  kernel = new Kernel({ seed: 7 });
  const server = new ApiServer({ kernel, etcd: new Etcd(kernel), kinds });
  client = new Client(server, { user: { username: 'admin', groups: ['system:masters'] }, userAgent: 'kubectl' });
  const namespaces = client.resource(NamespaceKind);
  if (!namespaces.list().items.some(({ metadata }) => metadata.name === 'default')) {
    namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' }, spec: {} });
  }
  network = new ClusterNetwork({ kernel });
  proxies.length = 0;
  for (const { name, ip } of NODES) {
    network.addNode(name, ip);
    const proxy = new KubeProxy({
      kernel,
      client: client.as(`kube-proxy/${name}`),
      node: { name, zone: undefined, ips: [ip] },
      install: (rules) => network.setRules(name, rules),
    });
    proxy.start();
    proxies.push(proxy);
  }
});

/** A Pod's address on a node, answering HTTP on port 8080 with `says`. */
function pod(node: number, says: string): string {
  const { name, podCidr } = NODES[node]!;
  const added = network.cni(name).add({ id: says, hostNetwork: false, podCidr });
  if ('problem' in added) throw new Error(added.problem);
  const ip = added.ips[0]!;
  network.listen(ip, 8080, {
    http: (_, peer, reply) => reply({ status: 200, headers: {}, body: `${says} ${peer.ip}` }),
  });
  return ip;
}

function service(name: string, spec: Partial<Service['spec']>): Service {
  const manifest = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ port: 80, targetPort: 8080 }], ...spec },
  } as Manifest<Service>;
  return client.resource(ServiceKind).create(manifest);
}

function endpoints(name: string, list: readonly { ip: string; node?: string; ready?: boolean }[]): void {
  const manifest = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-x`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: list.map(({ ip, node, ready = true }) => ({
      addresses: [ip],
      conditions: { ready },
      ...(node ? { nodeName: node } : {}),
    })),
  } as unknown as Manifest<EndpointSlice>;
  client.resource(EndpointSliceKind).create(manifest);
}

function get(from: string, ip: string, port: number, timeoutMs = 3000): Outcome<HttpReply> {
  let outcome: Outcome<HttpReply> | undefined;
  const message = { method: 'GET', path: '/', headers: {}, body: '' };
  network.request(from, { ip, port }, message, timeoutMs, (result) => {
    outcome = result;
  });
  kernel.runWhile(() => outcome === undefined, 60_000);
  return outcome!;
}

const body = (outcome: Outcome<HttpReply>): string => ('value' in outcome ? outcome.value.body : outcome.fault);

describe('traffic between Pods', () => {
  test('reaches another node in virtual time, with the sender seen', () => {
    const a = pod(0, 'a');
    const b = pod(1, 'b');
    const begun = kernel.now;
    expect(body(get(a, b, 8080))).toBe(`b ${a}`);
    expect(kernel.now - begun).toBeGreaterThan(0.3);
    expect(kernel.now - begun).toBeLessThan(3);
  });

  test('is refused where nothing listens and lost where nobody is', () => {
    const a = pod(0, 'a');
    expect(get(a, pod(1, 'b'), 9999)).toEqual({ fault: 'refused' });
    expect(get(a, '10.244.9.9', 80)).toEqual({ fault: 'timeout' });
    network.setNodeUp('node-2', false);
    expect(get(a, pod(1, 'c'), 8080)).toEqual({ fault: 'timeout' });
  });
});

describe('traffic to Services', () => {
  test('spreads over the ready endpoints', () => {
    const ips = [pod(0, 'a'), pod(1, 'b'), pod(1, 'c')];
    const web = service('web', {});
    endpoints('web', [{ ip: ips[0]! }, { ip: ips[1]! }, { ip: ips[2]!, ready: false }]);
    kernel.runFor(3000);
    const from = pod(0, 'client');
    const seen = new Set(Array.from({ length: 30 }, () => body(get(from, web.spec.clusterIP!, 80)).split(' ')[0]));
    expect(seen).toEqual(new Set(['a', 'b']));
  });

  test('is refused without endpoints, and lost on a port that the Service does not have', () => {
    const web = service('web', {});
    kernel.runFor(3000);
    const from = pod(0, 'client');
    expect(get(from, web.spec.clusterIP!, 80)).toEqual({ fault: 'refused' });
    expect(get(from, web.spec.clusterIP!, 9999)).toEqual({ fault: 'timeout' });
    expect(get(from, '10.96.200.200', 80)).toEqual({ fault: 'timeout' });
  });

  test('stays with one endpoint under ClientIP affinity', () => {
    const web = service('web', { sessionAffinity: 'ClientIP' });
    endpoints('web', [{ ip: pod(0, 'a') }, { ip: pod(1, 'b') }]);
    kernel.runFor(3000);
    const from = pod(0, 'client');
    expect(new Set(Array.from({ length: 20 }, () => body(get(from, web.spec.clusterIP!, 80)))).size).toBe(1);
  });

  test('comes in through the node port of any node', () => {
    const web = service('web', { type: 'NodePort' });
    endpoints('web', [{ ip: pod(1, 'b'), node: 'node-2' }]);
    kernel.runFor(3000);
    const { nodePort } = web.spec.ports![0]!;
    expect(body(get(NODES[1]!.ip, NODES[0]!.ip, nodePort!))).toMatch(/^b /);
    expect(body(get(pod(0, 'client'), NODES[1]!.ip, nodePort!))).toMatch(/^b /);
  });

  test('is dropped by a node without local endpoints under externalTrafficPolicy Local', () => {
    const web = service('web', { type: 'NodePort', externalTrafficPolicy: 'Local' });
    endpoints('web', [{ ip: pod(1, 'b'), node: 'node-2' }]);
    kernel.runFor(3000);
    const { nodePort } = web.spec.ports![0]!;
    expect(get(NODES[0]!.ip, NODES[0]!.ip, nodePort!)).toEqual({ fault: 'timeout' });
  });

  test('leaves a trace with the Service and the endpoint', () => {
    const web = service('web', {});
    endpoints('web', [{ ip: pod(0, 'a') }]);
    kernel.runFor(3000);
    const from = kernel.trace.nextId;
    get(pod(1, 'client'), web.spec.clusterIP!, 80);
    const span = kernel.trace.since(from).find(({ component }) => component === 'network');
    expect(span?.attributes).toMatchObject({ service: 'default/web', node: 'node-2' });
  });
});

describe('cluster DNS', () => {
  test('knows Services, headless ones by their endpoints', () => {
    const dns = new ClusterDns({ kernel, client: client.as('coredns') });
    dns.start();
    const web = service('web', {});
    service('db', { clusterIP: 'None' });
    const ip = pod(0, 'a');
    endpoints('db', [{ ip }]);
    service('alias', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local', ports: [] });
    kernel.runFor(100);
    const ask = (name: string): object => dns.dns({ name, type: 'A' });
    expect(ask('web.default.svc.cluster.local')).toEqual({ code: 'NOERROR', records: [web.spec.clusterIP] });
    expect(ask('alias.default.svc.cluster.local')).toEqual({ code: 'NOERROR', records: [web.spec.clusterIP] });
    expect(ask('db.default.svc.cluster.local')).toEqual({ code: 'NOERROR', records: [ip] });
    expect(ask('nosuch.default.svc.cluster.local')).toEqual({ code: 'NXDOMAIN', records: [] });
    expect(ask('example.com')).toEqual({ code: 'NXDOMAIN', records: [] });
    network.addAddress(DNS_IP, 'node-1');
    network.listen(DNS_IP, 53, dns, 'UDP');
    let outcome: unknown;
    network.query(ip, DNS_IP, { name: 'web.default.svc.cluster.local', type: 'A' }, 5000, (result) => {
      outcome = result;
    });
    kernel.runFor(10);
    expect(outcome).toMatchObject({ value: { records: [web.spec.clusterIP] } });
  });
});
