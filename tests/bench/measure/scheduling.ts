// node scheduling.ts <nodes> <pods> [profile]
//
// Places Pods that are all there, pending, when the measurement starts: an API server with its etcd and a
// scheduler, connected as in any cluster, and nodes without kubelets (as kube-scheduler's own benchmark
// SchedulingBasic has it).
import { NamespaceKind } from '../../../src/api/core/namespace.ts';
import { NodeKind } from '../../../src/api/core/node.ts';
import { PodKind } from '../../../src/api/core/pod.ts';
import { ServiceAccountKind } from '../../../src/api/core/service-account.ts';
import { ApiServer } from '../../../src/apiserver/index.ts';
import { Client } from '../../../src/client/index.ts';
import { Etcd } from '../../../src/etcd/index.ts';
import { Kernel } from '../../../src/kernel/index.ts';
import { Scheduler } from '../../../src/scheduler/index.ts';
import { profiled } from './profile.ts';
import { report } from './report.ts';

const [nodeCount, podCount] = [Number(process.argv[2]), Number(process.argv[3])];

const kernel = new Kernel({ seed: 1 });
const server = new ApiServer({ kernel, etcd: new Etcd(kernel) });
const client = new Client(server, { user: { username: 'admin', groups: ['system:masters'] }, userAgent: 'bench' });
const metadata = { name: 'default' };
client.resource(NamespaceKind).create({ apiVersion: 'v1', kind: 'Namespace', metadata, spec: {} });
client
  .resource(ServiceAccountKind)
  .create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...metadata, namespace: 'default' } });
const scheduler = new Scheduler({ kernel, client: client.as('kube-scheduler') });
scheduler.start();

const size = { cpu: '4', memory: '32Gi', pods: '110' };
const nodes = client.resource(NodeKind);
for (let i = 0; i < nodeCount; i++) {
  const name = `node-${i}`;
  nodes.create({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    spec: {},
    status: { capacity: size, allocatable: size, conditions: [{ type: 'Ready', status: 'True' }] },
  });
  // Nodes start tainted until a controller has seen that they are ready; there is none here.
  nodes.patch(name, undefined, 'merge', { spec: { taints: null } });
}
kernel.runUntilSettled();

const pods = client.resource(PodKind);
const createPods = (prefix: string, count: number): void => {
  for (let i = 0; i < count; i++) {
    pods.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${prefix}-${i}`, namespace: 'default' },
      spec: {
        containers: [
          {
            name: 'pause',
            image: 'registry.k8s.io/pause:3.10',
            resources: { requests: { cpu: '100m', memory: '500Mi' } },
          },
        ],
      },
    });
  }
};
// As there: Pods of an earlier life first, which also warms up the code.
createPods('init', 1_000);
kernel.runUntilSettled();

createPods('measured', podCount);
const measure = (): number => {
  const start = performance.now();
  kernel.runUntilSettled();
  return performance.now() - start;
};
const wanted = process.argv[4] === 'profile';
const { result: elapsedMs, top } = wanted ? await profiled(measure) : { result: measure(), top: [] };
const bound = pods.list({ namespace: 'default' }).items.filter(({ spec }) => spec.nodeName).length;
if (bound !== podCount + 1_000) throw new Error(`${bound} of ${podCount + 1_000} Pods were bound`);
report({ podsPerSecond: podCount / (elapsedMs / 1_000), elapsedMs, top });
