import { InformerFactory } from '../client/index.ts';
import { startControllers, type ControllerTable } from '../controllers/index.ts';
import type { Cluster, ClusterParts, Running } from './cluster.ts';
import type { KubeSchedulerConfiguration } from '../scheduler/index.ts';
import { CONTROLLER_MANAGER, SCHEDULER } from './identities.ts';
import { whileLeading, type Candidate } from './leadership.ts';
import { servedKinds } from './served-kinds.ts';
import { POD_CIDR } from './spec.ts';

function startControllerManager(
  { kernel, kinds, apiserver, certificateAuthority, client: clientFor }: Cluster,
  table: ControllerTable,
): Running {
  const client = clientFor('kube-controller-manager', CONTROLLER_MANAGER);
  const served = servedKinds(kinds, apiserver);
  const controllers = startControllers(table, {
    kernel,
    client,
    informers: new InformerFactory(kernel, client),
    get kinds() {
      return served();
    },
    onKindsChange: (listener) => apiserver.endpoints.onChange(listener),
    podCidrs: { clusterCidr: POD_CIDR, nodeMaskSize: 24 },
    rootCa: certificateAuthority.certificate,
    certificateAuthority,
    // Both have the same key.
    signAccountToken: (token) => apiserver.tokens.issueForSecret(token),
  });
  return { stop: () => controllers.stopAll() };
}

/** kube-controller-manager, which runs these controllers, and kube-scheduler, with others beside it that the spec names. */
export function addControlPlane(
  cluster: Cluster,
  { controllers, scheduler }: Pick<ClusterParts, 'controllers' | 'scheduler'>,
): void {
  const { kernel, spec, client } = cluster;
  for (let i = 1; i <= (spec.controllerManagers ?? 1); i++) {
    const suffix = i === 1 ? '' : `-${i}`;
    const component = `kube-controller-manager${suffix}`;
    const candidate: Candidate = {
      component,
      host: `control-plane${suffix}`,
      lease: 'kube-controller-manager',
      client: client('kube-controller-manager', CONTROLLER_MANAGER),
      eventSource: 'kube-controller-manager',
      releases: false,
    };
    cluster.add(component, () => whileLeading(cluster, candidate, () => startControllerManager(cluster, controllers)));
  }
  const addScheduler = (component: string, configuration: KubeSchedulerConfiguration | undefined): void =>
    cluster.add(component, () => {
      const schedulerClient = client(component, SCHEDULER);
      const start = (): Running =>
        scheduler({ kernel, client: schedulerClient, component, ...(configuration ? { configuration } : {}) });
      const candidate: Candidate = {
        component,
        host: 'control-plane',
        lease: component,
        client: schedulerClient,
        eventSource: 'default-scheduler',
        releases: true,
      };
      return whileLeading(cluster, candidate, start);
    });
  addScheduler('kube-scheduler', spec.scheduler);
  for (const [name, configuration] of Object.entries(spec.moreSchedulers ?? {})) addScheduler(name, configuration);
}
