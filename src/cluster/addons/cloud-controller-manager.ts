import { ServiceAccountKind } from '../../api/core/service-account.ts';
import { InformerFactory } from '../../client/index.ts';
import { AddressedLoadBalancers } from '../../controllers/cloud/load-balancers.ts';
import { ServiceController } from '../../controllers/cloud/service-controller.ts';
import type { Cluster } from '../cluster.ts';
import { API_SERVER, CLOUD_CONTROLLER_MANAGER } from '../identities.ts';

const NAME = 'cloud-controller-manager';

/**
 * Installs the part of a cloud provider that gives Services of type LoadBalancer their addresses. A cluster of kubeadm
 * has none: there, EXTERNAL-IP stays <pending>.
 */
export function addCloudControllerManager(cluster: Cluster): void {
  const { kernel, kinds, certificateAuthority } = cluster;
  cluster
    .client('kubectl', API_SERVER)
    .resource(ServiceAccountKind)
    .create({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'service-controller', namespace: 'kube-system' },
    });
  // The cloud outlives its controller.
  const balancers = new AddressedLoadBalancers();
  cluster.add(NAME, () => {
    const client = cluster.client(NAME, CLOUD_CONTROLLER_MANAGER);
    const informers = new InformerFactory(kernel, client);
    const controller = new ServiceController(
      { kernel, client, informers, kinds, rootCa: certificateAuthority.certificate },
      balancers,
    );
    informers.start();
    return {
      stop() {
        controller.stop();
        informers.stop();
      },
    };
  });
}
