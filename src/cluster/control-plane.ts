import { InformerFactory } from '../client/index.ts';
import { startControllers, type ControllerTable } from '../controllers/index.ts';
import { Scheduler } from '../scheduler/index.ts';
import { ROOT_CA } from './bootstrap.ts';
import type { Cluster, Running } from './cluster.ts';
import { CONTROLLER_MANAGER, SCHEDULER } from './identities.ts';
import { POD_CIDR } from './spec.ts';

function startControllerManager(
  { kernel, kinds, apiserver, client: clientFor }: Cluster,
  table: ControllerTable,
): Running {
  const client = clientFor('kube-controller-manager', CONTROLLER_MANAGER);
  const controllers = startControllers(table, {
    kernel,
    client,
    informers: new InformerFactory(kernel, client),
    // Those that work on every kind work on what can be deleted.
    kinds: kinds.filter(({ verbs }) => !verbs || verbs.includes('delete')),
    podCidrs: { clusterCidr: POD_CIDR, nodeMaskSize: 24 },
    rootCa: ROOT_CA,
    // Both have the same key.
    signAccountToken: (token) => apiserver.tokens.issueForSecret(token),
  });
  return { stop: () => controllers.stopAll() };
}

function startScheduler({ kernel, client }: Cluster): Running {
  const scheduler = new Scheduler({ kernel, client: client('kube-scheduler', SCHEDULER) });
  scheduler.start();
  return scheduler;
}

/** kube-controller-manager, which runs these controllers, and kube-scheduler. */
export function addControlPlane(cluster: Cluster, controllers: ControllerTable): void {
  cluster.add('kube-controller-manager', () => startControllerManager(cluster, controllers));
  cluster.add('kube-scheduler', () => startScheduler(cluster));
}
