import { startCompaction } from '../apiserver/index.ts';
import { ADMIN, createCluster, type Cluster, type ClusterSpec } from '../cluster/index.ts';
import { RealTimeDriver } from '../kernel/index.ts';
import { HttpFront } from './http-front.ts';

export interface ClusterServerOptions extends ClusterSpec {
  /** 0 takes a free port. */
  readonly port: number;
  /** Virtual seconds per second of wall time. */
  readonly speed?: number;
}

/** A cluster that real clients can reach. */
export interface ClusterServer {
  readonly cluster: Cluster;
  readonly port: number;
  /** `http://127.0.0.1:8001` */
  readonly url: string;
  /** The administrator's bearer token, for the kubeconfig. */
  readonly token: string;
  /** Ends what is open and stops the cluster. */
  close(): Promise<void>;
}

/** How much virtual time the cluster gets before anyone can reach it, so that its nodes are ready. */
const WARM_UP_MS = 20_000;

/** A server that runs for days keeps five to ten minutes of history, as the real one does. */
const COMPACTION_INTERVAL_MS = 5 * 60_000;

/** Loopback needs no secrets; the token is there because clients expect one. */
const ADMIN_TOKEN = 'k8s-cookbook-admin';

/** Starts a cluster and serves it over HTTP on loopback, its time following the wall clock. */
export async function startClusterServer({ port, speed = 1, ...spec }: ClusterServerOptions): Promise<ClusterServer> {
  const cluster = createCluster({ epochMs: Date.now() - WARM_UP_MS, trace: { capacity: 0 }, ...spec });
  cluster.kernel.runFor(WARM_UP_MS);
  startCompaction(cluster.kernel, cluster.etcd, COMPACTION_INTERVAL_MS);
  // A component's own mistake is said and over: the rest of the cluster goes on, as a real one does.
  const onError = (error: unknown): void => console.error(error);
  const driver = new RealTimeDriver(cluster.kernel, { speed, onError });
  const front = new HttpFront({
    answer: (request) => cluster.apiserver.http(request),
    user: ADMIN,
    tokens: { [ADMIN_TOKEN]: ADMIN },
    arrives: () => driver.wake(),
  });
  const actual = await front.listen(port);
  driver.start();
  return {
    cluster,
    port: actual,
    url: `http://127.0.0.1:${actual}`,
    token: ADMIN_TOKEN,
    async close() {
      driver.stop();
      await front.close();
    },
  };
}
