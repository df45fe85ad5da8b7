// node --expose-gc deploy.ts <replicas> <nodes> [traced]
import { DeploymentKind } from '../../../src/api/apps/deployment.ts';
import { NodeKind } from '../../../src/api/core/node.ts';
import { createCluster } from '../../../src/cluster/index.ts';
import { liveHeap, report } from './report.ts';

const [replicas, nodes] = [Number(process.argv[2]), Number(process.argv[3])];
const traced = process.argv[4] === 'traced';
const LIMIT_MS = 3_600_000;

const cluster = createCluster({ seed: 1, nodes, ...(traced ? {} : { trace: { capacity: 0 } }) });
const { kernel } = cluster;
const client = cluster.client();
const nodesReady = (): boolean =>
  client
    .resource(NodeKind)
    .list()
    .items.filter(
      ({ status, spec }) =>
        status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') && !spec.taints?.length,
    ).length === nodes;
for (let i = 0; i < 600 && !nodesReady(); i++) kernel.runFor(100);
kernel.runUntilSettled(60_000);
const before = liveHeap();

const deployments = client.resource(DeploymentKind);
const labels = { app: 'web' };
const containers = [{ name: 'web', image: 'nginx' }];
let ready = false;
deployments.watch(
  { namespace: 'default' },
  {
    events(events) {
      for (const event of events) {
        if (event.type === 'MODIFIED' && event.object.status?.readyReplicas === replicas) ready = true;
      }
    },
    closed: () => undefined,
  },
);
const start = performance.now();
const cpu = process.cpuUsage();
const virtualStart = kernel.now;
deployments.create({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
});
if (!kernel.runWhile(() => !ready, LIMIT_MS)) throw new Error(`not all of ${replicas} Pods became ready`);
const readyMs = performance.now() - start;
const { user } = process.cpuUsage(cpu);
const virtualMs = kernel.now - virtualStart;
kernel.runUntilSettled(60_000);
report({
  readyMs,
  cpuMs: user / 1_000,
  virtualMs,
  heapPerPod: (liveHeap() - before) / replicas,
  events: kernel.executed,
});
