import { startCompaction } from '../../src/apiserver/compaction.ts';
import { createCluster, type Cluster } from '../../src/cluster/index.ts';
import { Failures } from './failures.ts';
import { violations } from './invariants.ts';
import { createAgents, createNamespace, createNarrowNamespace, NAMESPACES } from './workloads.ts';

export interface SoakOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly hours: number;
  /** Something happens on average so often, minutes. */
  readonly everyMinutes: number;
}

export interface SoakResult {
  readonly cluster: Cluster;
  readonly violations: readonly string[];
}

const HOUR_MS = 3_600_000;
/** As kube-apiserver has etcd forget: every five minutes. */
const COMPACTION_MS = 300_000;
/** Time that a cluster gets to come to rest. */
const REST_MS = HOUR_MS;

/** Runs a cluster for a while, with everything going wrong that can; then lets it rest, and says what is not as it should be. */
export function soak({ seed, nodes, hours, everyMinutes }: SoakOptions): SoakResult {
  const cluster = createCluster({ seed, nodes, runtime: 'instant', trace: { capacity: 0 } });
  const { kernel, etcd } = cluster;
  startCompaction(kernel, etcd, COMPACTION_MS);
  kernel.runFor(60_000);
  const client = cluster.client();
  createAgents(client);
  createNarrowNamespace(client);
  for (const namespace of NAMESPACES) createNamespace(client, namespace);
  kernel.runFor(60_000);
  const failures = new Failures(cluster);
  failures.begin(everyMinutes * 60_000);
  kernel.runFor(hours * HOUR_MS);
  failures.end();
  kernel.runFor(REST_MS);
  return { cluster, violations: violations(cluster) };
}
