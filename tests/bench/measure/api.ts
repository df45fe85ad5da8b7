// node api.ts <pods>
//
// The whole path of a request, without components: creates, patches, lists and watches of Pods, by a client in the process
// and over plain HTTP, and what a stored Pod takes of the heap.
import { Agent, request } from 'node:http';
import { kinds } from '../../../src/api/kinds.ts';
import { NamespaceKind } from '../../../src/api/core/namespace.ts';
import { PodKind } from '../../../src/api/core/pod.ts';
import { ServiceAccountKind } from '../../../src/api/core/service-account.ts';
import type { Pod } from '../../../src/api/types.ts';
import { ApiServer } from '../../../src/apiserver/index.ts';
import { Client } from '../../../src/client/index.ts';
import { Etcd } from '../../../src/etcd/index.ts';
import { Kernel } from '../../../src/kernel/index.ts';
import { HttpFront } from '../../../src/server/http-front.ts';
import { liveHeap, report } from './report.ts';

const count = Number(process.argv[2]);
const USER = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };
/** Kubelet-like watches in the large fan-out; a hundredth of them in the small one. */
const MANY_WATCHES = 5_000;
const FEW_WATCHES = 50;
const WRITES = 2_000;
const LISTS = 5;
/** Connections that are kept busy at once. */
const CONNECTIONS = 8;
const PODS_URL = '/api/v1/namespaces/default/pods';

const kernel = new Kernel({ seed: 1, trace: { capacity: 0 } });
const server = new ApiServer({ kernel, etcd: new Etcd(kernel), kinds });
const client = new Client(server, { user: USER, userAgent: 'bench' });
client.resource(NamespaceKind).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' }, spec: {} });
const metadata = { name: 'default', namespace: 'default' };
client.resource(ServiceAccountKind).create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
const pods = client.resource(PodKind);

const podNamed = (name: string, nodeName?: string): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: 'bench', tier: 'web' } },
    spec: {
      ...(nodeName ? { nodeName } : {}),
      containers: [{ name: 'web', image: 'nginx:1.27', resources: { requests: { cpu: '100m', memory: '64Mi' } } }],
    },
  }) as Pod;

/** Seconds that `work` takes. */
const seconds = (work: () => void): number => {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1_000;
};
const times = (n: number, work: (i: number) => void): void => {
  for (let i = 0; i < n; i++) work(i);
};
const label = (i: number): object => ({ metadata: { labels: { round: String(i) } } });

// Code that was not run before is slow in everybody's hands.
times(2_000, (i) => pods.create(podNamed(`warm-${i}`)));
times(2_000, (i) => pods.patch(`warm-${i}`, 'default', 'merge', label(i)));
times(2_000, (i) => pods.delete(`warm-${i}`, 'default', { gracePeriodSeconds: 0 }));
kernel.runUntilSettled();

const heapBefore = liveHeap();
const createSeconds = seconds(() => times(count, (i) => pods.create(podNamed(`pod-${i}`))));
const podBytes = (liveHeap() - heapBefore) / count;
const patchSeconds = seconds(() => times(count, (i) => pods.patch(`pod-${i}`, 'default', 'merge', label(i))));
const listSeconds = seconds(() =>
  times(LISTS, () => {
    if (pods.list({ namespace: 'default' }).items.length !== count) throw new Error('a list lacks Pods');
  }),
);

/** Microseconds that a write and its delivery take while so many others watch a node each. */
function fanOut(watches: number): number {
  let heard = 0;
  const sink = { events: (): void => void heard++, closed: (): void => undefined };
  const open = Array.from({ length: watches }, (_, i) =>
    pods.watch({ fieldSelector: `spec.nodeName=node-${i}`, resourceVersion: String(server.etcd.revision) }, sink),
  );
  pods.create(podNamed(`fan-${watches}`, 'node-7'));
  kernel.runUntilSettled();
  heard = 0;
  const took = seconds(() =>
    times(WRITES, (i) => {
      pods.patch(`fan-${watches}`, 'default', 'merge', label(i));
      kernel.runUntilSettled();
    }),
  );
  for (const watch of open) watch.stop();
  if (heard !== WRITES) throw new Error(`${heard} of ${WRITES} writes were heard`);
  return (took / WRITES) * 1e6;
}
const fewMicros = fanOut(FEW_WATCHES);
const manyMicros = fanOut(MANY_WATCHES);

const front = new HttpFront({
  answer: (asked) => server.http(asked),
  answerInTurn: (asked, respond) => server.httpInTurn(asked, respond),
  user: USER,
  tokens: {},
  arrives: () => void kernel.runUntilSettled(),
});
const port = await front.listen(0);
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

function http(method: string, path: string, type: string, body?: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': type };
    const asked = request({ port, host: '127.0.0.1', method, path, agent, headers }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('end', () =>
        response.statusCode! < 300 ? resolve(bytes) : reject(new Error(`${method} ${path} → ${response.statusCode}`)),
      );
    });
    asked.on('error', reject);
    asked.end(body && JSON.stringify(body));
  });
}
/** Seconds that so many requests take, some at once. */
async function httpSeconds(n: number, ask: (i: number) => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < n) await ask(next++);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return (performance.now() - start) / 1_000;
}
const JSON_TYPE = 'application/json';
await httpSeconds(500, (i) => http('POST', PODS_URL, JSON_TYPE, podNamed(`http-warm-${i}`)));
const httpCreate = await httpSeconds(WRITES, (i) => http('POST', PODS_URL, JSON_TYPE, podNamed(`http-${i}`)));
const httpPatch = await httpSeconds(WRITES, (i) =>
  http('PATCH', `${PODS_URL}/http-${i}`, 'application/merge-patch+json', label(i)),
);
const listStart = performance.now();
const listBytes = await http('GET', `${PODS_URL}?limit=${count}`, JSON_TYPE);
const httpListSeconds = (performance.now() - listStart) / 1_000;

report({
  createsPerSecond: count / createSeconds,
  patchesPerSecond: count / patchSeconds,
  listMs: (listSeconds / LISTS) * 1_000,
  podBytes,
  fewMicros,
  manyMicros,
  httpCreatesPerSecond: WRITES / httpCreate,
  httpPatchesPerSecond: WRITES / httpPatch,
  httpListMs: httpListSeconds * 1_000,
  listBytes,
});
