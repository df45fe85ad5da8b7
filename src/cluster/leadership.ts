import { EventRecorder, LeaderElector, type Client } from '../client/index.ts';
import type { Cluster, Running } from './cluster.ts';

const NAMESPACE = 'kube-system';

export interface Candidate {
  /** The component, which is also the name of its stream of chance. */
  readonly component: string;
  /** Machine that it runs on. */
  readonly host: string;
  /** Name of the Lease in kube-system. */
  readonly lease: string;
  readonly client: Client;
  /** Whose events tell of elections: `kube-controller-manager`. */
  readonly eventSource: string;
  /** Gives the lease back when it is stopped; otherwise others have to wait until it expires, as after a crash. */
  readonly releases: boolean;
}

/** Whether components take part in elections: on the rig of the recordings they do not (--leader-elect=false). */
const elects = ({ spec }: Cluster): boolean => spec.leaderElection ?? spec.runtime !== 'instant';

/**
 * Starts a component as soon as it holds its lease, and stops it when it has lost it. A process that is started again is
 * another candidate: it has to wait for the lease of the one before, as anybody else.
 */
export function whileLeading(cluster: Cluster, candidate: Candidate, start: () => Running): Running {
  if (!elects(cluster)) return start();
  const { kernel } = cluster;
  const { component, host, lease, client, eventSource, releases } = candidate;
  let running: Running | undefined;
  const elector = new LeaderElector({
    kernel,
    client,
    name: lease,
    namespace: NAMESPACE,
    identity: `${host}_${kernel.random(`${component}/identity`).uuid()}`,
    recorder: new EventRecorder({ kernel, client, component: eventSource }),
    releases,
    onStartedLeading: () => {
      running = start();
    },
    onStoppedLeading: () => {
      running?.stop();
      running = undefined;
    },
  });
  elector.start();
  return { stop: () => elector.stop() };
}
