// node scheduling.ts <workload> <nodes> [profile]
//
// Places Pods that are all there, pending, when the measurement starts: an API server with its etcd and a
// scheduler, connected as in any cluster, and nodes without kubelets (as kube-scheduler's own benchmark has it).
import { kinds } from '../../../src/api/kinds.ts';
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
import {
  schedulingWorkloads,
  type PodTemplate,
  type SchedulingWorkload,
  type SchedulingWorkloadName,
} from './scheduling-workloads.ts';

const workload: SchedulingWorkload = schedulingWorkloads[process.argv[2] as SchedulingWorkloadName];
const nodeCount = Number(process.argv[3]);

const kernel = new Kernel({ seed: 1 });
const server = new ApiServer({ kernel, etcd: new Etcd(kernel), kinds });
const client = new Client(server, { user: { username: 'admin', groups: ['system:masters'] }, userAgent: 'bench' });
for (const name of ['default', ...(workload.namespaces ?? [])]) {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} } as const;
  client.resource(NamespaceKind).create(namespace);
  const metadata = { name: 'default', namespace: name };
  client.resource(ServiceAccountKind).create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
}
const scheduler = new Scheduler({ kernel, client: client.as('kube-scheduler') });
scheduler.start();

const size = { cpu: '4', memory: '32Gi', pods: '110' };
const nodes = client.resource(NodeKind);
const { zones } = workload;
for (let i = 0; i < nodeCount; i++) {
  const name = `node-${i}`;
  const zone = zones && { 'topology.kubernetes.io/zone': zones[i % zones.length]! };
  nodes.create({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...zone } },
    spec: {},
    status: { capacity: size, allocatable: size, conditions: [{ type: 'Ready', status: 'True' }] },
  });
  // Nodes start tainted until a controller has seen that they are ready; there is none here.
  nodes.patch(name, undefined, 'merge', { spec: { taints: null } });
}
kernel.runUntilSettled();

const pods = client.resource(PodKind);
const createPod = (name: string, { namespace, labels, requests, spec }: PodTemplate): void => {
  pods.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, ...(labels ? { labels } : {}) },
    spec: {
      containers: [{ name: 'pause', image: 'registry.k8s.io/pause:3.10', resources: { requests } }],
      ...spec,
    },
  });
};
const createPods = (prefix: string, count: number, template: PodTemplate): void => {
  for (let i = 0; i < count; i++) createPod(`${prefix}-${i}`, template);
};
// Pods of an earlier life, which also warm up the code.
const { init, measured, churn } = workload;
createPods('init', init.count(nodeCount), init.template);
kernel.runUntilSettled();

const podCount = measured.count(nodeCount);
createPods('measured', podCount, measured.template);
const boundPods = new Set<string>();
pods.watch(
  { namespace: measured.template.namespace },
  {
    events(events) {
      for (const { type, object } of events) {
        if (type !== 'MODIFIED' || !object.spec.nodeName) continue;
        if (object.metadata.name.startsWith('measured-')) boundPods.add(object.metadata.name);
      }
    },
    closed: () => undefined,
  },
);
let more = 0;
const comeAgain = (): void => {
  if (!churn || boundPods.size === podCount) return;
  createPod(`churn-${more++}`, churn.template);
  kernel.after(churn.everyMs, 'bench', comeAgain);
};

/** The longest that one event took: for so long a worker would not answer. */
let pauseMs = 0;
const measure = (): number => {
  if (churn) kernel.after(churn.everyMs, 'bench', comeAgain);
  const start = performance.now();
  let last = start;
  kernel.runWhile(() => {
    const now = performance.now();
    pauseMs = Math.max(pauseMs, now - last);
    last = now;
    return boundPods.size < podCount;
  }, 3_600_000);
  return performance.now() - start;
};
const before = process.cpuUsage();
const wanted = process.argv[4] === 'profile';
const { result: elapsedMs, top } = wanted ? await profiled(measure) : { result: measure(), top: [] };
const { user, system } = process.cpuUsage(before);
if (boundPods.size !== podCount) throw new Error(`${boundPods.size} of ${podCount} Pods were bound`);
report({ podsPerSecond: podCount / (elapsedMs / 1_000), elapsedMs, pauseMs, cpuMs: (user + system) / 1_000, top });
