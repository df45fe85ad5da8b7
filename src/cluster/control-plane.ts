import { kinds } from '../api/kinds.ts';
import { InformerFactory } from '../client/index.ts';
import { DeploymentController } from '../controllers/deployment/deployment-controller.ts';
import { ReplicaSetController } from '../controllers/replicaset/replicaset-controller.ts';
import { Scheduler } from '../scheduler/index.ts';
import { ROOT_CA } from './bootstrap.ts';
import type { Cluster, Running } from './cluster.ts';
import { CONTROLLER_MANAGER, SCHEDULER } from './identities.ts';
import { POD_CIDR } from './spec.ts';

function startControllerManager(cluster: Cluster): Running {
  const { kernel } = cluster;
  const client = cluster.client('kube-controller-manager', CONTROLLER_MANAGER);
  const informers = new InformerFactory(kernel, client);
  const context = {
    kernel,
    client,
    informers,
    kinds,
    podCidrs: { clusterCidr: POD_CIDR, nodeMaskSize: 24 },
    rootCa: ROOT_CA,
  };
  const controllers = [new DeploymentController(context), new ReplicaSetController(context)];
  informers.start();
  return {
    stop() {
      for (const controller of controllers) controller.stop();
      informers.stop();
    },
  };
}

function startScheduler(cluster: Cluster): Running {
  const scheduler = new Scheduler({
    kernel: cluster.kernel,
    client: cluster.client('kube-scheduler', SCHEDULER),
  });
  scheduler.start();
  return scheduler;
}

/** kube-controller-manager and kube-scheduler. */
export function addControlPlane(cluster: Cluster): void {
  const without = cluster.spec.without ?? [];
  if (!without.includes('kube-controller-manager')) {
    cluster.add('kube-controller-manager', () => startControllerManager(cluster));
  }
  if (!without.includes('kube-scheduler')) cluster.add('kube-scheduler', () => startScheduler(cluster));
}
