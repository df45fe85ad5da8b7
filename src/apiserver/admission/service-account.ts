import { randomSuffix } from '../../api/names.ts';
import type { Container, Pod, ServiceAccount } from '../../api/types.ts';
import { refuse, type MutatingPlugin } from './admission.ts';

/** Where every container finds its token. */
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const VOLUME_PREFIX = 'kube-api-access-';

/** A token that the kubelet renews, the cluster's certificate, and the namespace. Shared by all Pods: never changed. */
const SOURCES = [
  { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
  { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
  {
    downwardAPI: {
      items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }],
    },
  },
];

/** Every Pod runs as a service account of its namespace, `default` unless it says otherwise, and gets its token mounted. */
export const serviceAccount: MutatingPlugin = {
  name: 'ServiceAccount',
  admit: (request, context) => {
    if (request.kind.kind !== 'Pod' || request.operation !== 'CREATE' || request.subresource) return;
    const pod = request.object as unknown as Pod;
    if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return;
    const { spec } = pod;
    spec.serviceAccountName ||= spec.serviceAccount || 'default';
    spec.serviceAccount = spec.serviceAccountName;
    const name = spec.serviceAccountName;
    const account = context.get('', 'serviceaccounts', request.namespace, name) as ServiceAccount | undefined;
    if (!account) {
      const message = `error looking up service account ${request.namespace}/${name}: serviceaccount "${name}" not found`;
      throw refuse(request, message);
    }
    if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) {
      mountToken(pod, () => VOLUME_PREFIX + randomSuffix(context.kernel.random('kube-apiserver/volume')));
    }
    if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
      spec.imagePullSecrets = account.imagePullSecrets.map((reference) => ({ ...reference }));
    }
  },
};

/** Mounts the token volume in every container that has nothing at its path. */
function mountToken({ spec }: Pod, drawName: () => string): void {
  const existing = spec.volumes?.find((volume) => volume.name.startsWith(VOLUME_PREFIX));
  const name = existing?.name ?? drawName();
  let used = false;
  const mounted = (container: Container): Container => {
    if (container.volumeMounts?.some((mount) => mount.mountPath === TOKEN_PATH)) return container;
    used = true;
    return {
      ...container,
      volumeMounts: (container.volumeMounts ?? []).concat([{ mountPath: TOKEN_PATH, name, readOnly: true }]),
    };
  };
  if (spec.initContainers) spec.initContainers = spec.initContainers.map(mounted);
  spec.containers = (spec.containers ?? []).map(mounted);
  if (!used || existing) return;
  spec.volumes = (spec.volumes ?? []).concat([{ name, projected: { defaultMode: 420, sources: SOURCES } }]);
}
