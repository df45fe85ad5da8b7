// node --expose-gc deploy.ts <replicas> <nodes> [traced]
import { DeploymentKind } from '../../../src/api/apps/deployment.ts';
import { NodeKind } from '../../../src/api/core/node.ts';
import { createCluster, type Cluster } from '../../../src/cluster/index.ts';
import { liveHeap, median, report, warmUp } from './report.ts';

const LIMIT_MS = 3_600_000;

function readyCluster(nodes: number, traced: boolean): Cluster {
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
  return cluster;
}

/** Creates a Deployment and runs the cluster until all of its Pods are Ready. */
function deploy(cluster: Cluster, replicas: number): void {
  const deployments = cluster.client().resource(DeploymentKind);
  const labels = { app: 'web' };
  const containers = [{ name: 'idle', image: 'busybox', command: ['sleep', 'infinity'] }];
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
  deployments.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  });
  if (!cluster.kernel.runWhile(() => !ready, LIMIT_MS)) throw new Error(`not all of ${replicas} Pods became ready`);
}

const [replicas, nodes] = [Number(process.argv[2]), Number(process.argv[3])];
const traced = process.argv[4] === 'traced';

const warm = await warmUp(replicas, (many) => {
  const used = readyCluster(nodes, traced);
  deploy(used, many);
  return used;
});

let virtualMs = 0;
const readyMs = await median(() => {
  const timed = readyCluster(nodes, traced);
  const virtualStart = timed.kernel.now;
  const start = performance.now();
  deploy(timed, replicas);
  const took = performance.now() - start;
  virtualMs = timed.kernel.now - virtualStart;
  return took;
});

// Apart: collecting all garbage on purpose takes compiled code along.
const cluster = readyCluster(nodes, traced);
const before = liveHeap();
deploy(cluster, replicas);
cluster.kernel.runUntilSettled(60_000);
report({
  readyMs,
  virtualMs,
  heapPerPod: (liveHeap() - before) / replicas,
  events: cluster.kernel.executed,
  // Read here so that it lives to the end.
  warmUpEvents: warm.kernel.executed,
});
