// node --expose-gc --import ./webernetes-modules.ts deploy-webernetes.ts <replicas> <nodes> <driving>
//
// Its components are promises and timers on a clock of its own. Driving `wall` leaves that clock alone, so that
// back-offs and pulls take their time; driving `step` stops it and moves it as soon as nothing more happens by
// itself, which is faster for a few Pods; for many, each step looks through all timers.
import { BaseImage, Cluster, type ProcessContext } from '@ngrok/webernetes';
import { liveHeap, median, report, warmUp } from './report.ts';

class Idle extends BaseImage {
  static readonly imageName = 'idle';
  static readonly imageVersion = '1.0';
  readonly defaultCommand = ['idle'];

  override async exec(context: ProcessContext): Promise<number> {
    return await context.waitUntilKilled();
  }
}

const settle = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function readyCluster(nodes: number): Promise<Cluster> {
  const cluster = new Cluster({ nodes });
  cluster.registerImage(Idle);
  await cluster.init();
  await settle(300);
  return cluster;
}

/** Applies a Deployment and waits until all of its Pods are Ready. */
async function deploy(cluster: Cluster, replicas: number, driving: string | undefined): Promise<void> {
  let ready = false;
  const done = new Promise<void>((resolve) => {
    cluster.informer('deployments', (_type, { metadata, status }) => {
      if (metadata?.name !== 'web' || status?.readyReplicas !== replicas) return;
      ready = true;
      resolve();
    });
  });
  const labels = { app: 'web' };
  const containers = [{ name: 'idle', image: 'idle:1.0' }];
  await cluster.apply([
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
    },
  ]);
  if (driving !== 'step') return done;
  cluster.pause();
  while (!ready) {
    cluster.clock.step(50);
    for (let i = 0; i < 20 && !ready; i++) await new Promise((resolve) => setImmediate(resolve));
  }
}

const [replicas, nodes, driving] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];

const warm = await warmUp(replicas, async (many) => {
  const used = await readyCluster(nodes);
  await deploy(used, many, driving);
  if (!used.isPaused()) used.pause();
  return used;
});

const readyMs = await median(async () => {
  const timed = await readyCluster(nodes);
  const start = performance.now();
  await deploy(timed, replicas, driving);
  const took = performance.now() - start;
  if (!timed.isPaused()) timed.pause();
  return took;
});

// Apart: collecting all garbage on purpose takes compiled code along.
const cluster = await readyCluster(nodes);
const before = liveHeap();
await deploy(cluster, replicas, driving);
if (!cluster.isPaused()) await settle(500);
report({
  readyMs,
  heapPerPod: (liveHeap() - before) / replicas,
  // Read here so that it lives to the end.
  warmUpPaused: warm.isPaused(),
});
