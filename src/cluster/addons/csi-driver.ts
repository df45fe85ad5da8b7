import { CsiDriver } from '../../addons/csi-driver/csi-driver.ts';
import { ServiceAccountKind } from '../../api/core/service-account.ts';
import { CsiDriverKind } from '../../api/storage/csi-driver.ts';
import { StorageClassKind } from '../../api/storage/storage-class.ts';
import type { UserInfo } from '../../apiserver/index.ts';
import type { Cluster } from '../cluster.ts';
import { grantRights } from '../grant-rights.ts';
import { API_SERVER } from '../identities.ts';

const NAME = 'csi-driver';
const DRIVER = 'hostpath.csi.k8s.io';
const NAMESPACE = 'kube-system';

const USER: UserInfo = {
  username: `system:serviceaccount:${NAMESPACE}:${NAME}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'],
};

/** What its manifests let the provisioner, the attacher and the resizer do. */
const RULES = [
  'create,delete,get,list,patch,update,watch persistentvolumes core',
  'get,list,update,watch persistentvolumeclaims core',
  'patch,update persistentvolumeclaims/status core',
  'get,list,watch storageclasses storage.k8s.io',
  'get,list,update,watch csinodes storage.k8s.io',
  'get,list,patch,watch volumeattachments storage.k8s.io',
  'patch,update volumeattachments/status storage.k8s.io',
  'create,get,list,patch,update,watch events core',
];

/**
 * Installs a storage driver, called after Kubernetes' example of one, with a storage class that is the default: claims get
 * volumes without anybody's doing. A cluster of kubeadm has none.
 */
export function addCsiDriver(cluster: Cluster): void {
  const { kernel } = cluster;
  const client = cluster.client('kubectl', API_SERVER);
  client
    .resource(ServiceAccountKind)
    .create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace: NAMESPACE } });
  grantRights(client, NAME, RULES, NAME);
  client.resource(CsiDriverKind).create({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: DRIVER },
    spec: { attachRequired: true, podInfoOnMount: true, volumeLifecycleModes: ['Persistent'] },
  });
  client.resource(StorageClassKind).create({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'csi-hostpath-sc', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: DRIVER,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
    allowVolumeExpansion: true,
  });
  cluster.add(NAME, () => {
    const driver = new CsiDriver({ kernel, client: cluster.client(NAME, USER), driver: DRIVER });
    driver.start();
    return driver;
  });
}
