import { startAudit } from '../apiserver/audit/audit.ts';
import { startCompaction } from '../apiserver/index.ts';
import { countRequests } from '../apiserver/metrics/server-metrics.ts';
import { ADMIN, createCluster, type Cluster, type ClusterSpec } from '../cluster/index.ts';
import { API_SERVER_SERVICE_IP } from '../cluster/spec.ts';
import { RealTimeDriver } from '../kernel/index.ts';
import { plainProse } from './api-prose.ts';
import type { AuditOptions } from './audit-file.ts';
import { clientCertificate, serverCertificate, type KeyPair } from './certificates.ts';
import { HttpFront } from './http-front.ts';

export interface ClusterServerOptions extends ClusterSpec {
  /** 0 takes a free port. */
  readonly port: number;
  /** Virtual seconds per second of wall time. */
  readonly speed?: number;
  /** Serves HTTPS, knows clients by their certificates, and takes nobody without credentials for the administrator. */
  readonly tls?: boolean;
  /** What is to be logged of every request, from the start on. */
  readonly audit?: AuditOptions | undefined;
}

/** A cluster that real clients can reach. */
export interface ClusterServer {
  readonly cluster: Cluster;
  readonly port: number;
  /** `http://127.0.0.1:8001`, https with TLS */
  readonly url: string;
  /** The administrator's bearer token, for the kubeconfig. */
  readonly token: string;
  /** The cluster's authority, and what the administrator shows, with TLS. */
  readonly tls?: { readonly authority: string; readonly client: KeyPair } | undefined;
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
export async function startClusterServer({
  port,
  speed = 1,
  tls = false,
  audit,
  ...spec
}: ClusterServerOptions): Promise<ClusterServer> {
  const cluster = createCluster({ epochMs: Date.now() - WARM_UP_MS, trace: { capacity: 0 }, ...spec });
  if (audit) startAudit(cluster.apiserver, audit.policy, audit.sink);
  countRequests(cluster.apiserver);
  cluster.apiserver.prose = plainProse;
  cluster.kernel.runFor(WARM_UP_MS);
  startCompaction(cluster.kernel, cluster.etcd, COMPACTION_INTERVAL_MS);
  // A component's own mistake is said and over: the rest of the cluster goes on, as a real one does.
  const onError = (error: unknown): void => console.error(error);
  const driver = new RealTimeDriver(cluster.kernel, { speed, onError });
  const front = new HttpFront({
    answer: (request) => cluster.apiserver.http(request),
    answerInTurn: (request, respond) => cluster.apiserver.httpInTurn(request, respond),
    ...(tls
      ? { tls: { ...serverKeys(cluster), authority: cluster.certificateAuthority.certificate } }
      : { user: ADMIN }),
    tokens: { [ADMIN_TOKEN]: ADMIN },
    arrives: () => driver.wake(),
  });
  const actual = await front.listen(port);
  driver.start();
  return {
    cluster,
    port: actual,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${actual}`,
    token: ADMIN_TOKEN,
    ...(tls ? { tls: adminKeys(cluster) } : {}),
    async close() {
      driver.stop();
      await front.close();
    },
  };
}

const serverKeys = ({ certificateAuthority, kernel }: Cluster): KeyPair =>
  serverCertificate(certificateAuthority, ['127.0.0.1', API_SERVER_SERVICE_IP], kernel.now);

const adminKeys = ({ certificateAuthority, kernel }: Cluster): ClusterServer['tls'] => ({
  authority: certificateAuthority.certificate,
  client: clientCertificate(certificateAuthority, ADMIN, kernel.now),
});
