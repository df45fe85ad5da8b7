import { DeploymentKind } from '../../src/api/apps/deployment.ts';
import { ReplicaSetKind } from '../../src/api/apps/replica-set.ts';
import { keyOf } from '../../src/api/meta.ts';
import type { CoreEvent, Deployment, Pod, ReplicaSet } from '../../src/api/types.ts';
import type { Rig } from './rig.ts';

type Spec = Partial<Deployment['spec']>;

/** A Deployment `web` of nginx, with what the test changes. */
export const deployment = (spec: Spec = {}, annotations?: Record<string, string>): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'lab', ...(annotations ? { annotations } : {}) },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    template: podTemplate('nginx:1.27'),
    ...spec,
  },
});

export const podTemplate = (image: string, more: object = {}): Deployment['spec']['template'] => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image }], ...more },
});

export const replicaSet = (name: string, replicas: number): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name, namespace: 'lab' },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: podTemplate('nginx:1.27') },
});

export const getDeployment = (rig: Rig): Deployment => rig.client.resource(DeploymentKind).get('web', 'lab');

export function changeDeployment(rig: Rig, spec: object): void {
  rig.client.resource(DeploymentKind).patch('web', 'lab', 'strategic', { spec });
}

export const setImage = (rig: Rig, image: string): void =>
  changeDeployment(rig, { template: { spec: { containers: [{ name: 'c', image }] } } });

/** ReplicaSets by revision. */
export const replicaSets = (rig: Rig): ReplicaSet[] =>
  rig.client
    .resource(ReplicaSetKind)
    .list({ namespace: 'lab' })
    .items.sort((a, b) => Number(revision(a)) - Number(revision(b)));

export const revision = ({ metadata }: ReplicaSet): string | undefined =>
  metadata.annotations?.['deployment.kubernetes.io/revision'];

/** `revision desired/current/ready` of each ReplicaSet. */
export const counts = (rig: Rig): string[] =>
  replicaSets(rig).map(
    (rs) => `${revision(rs)} ${rs.spec.replicas}/${rs.status?.replicas ?? 0}/${rs.status?.readyReplicas ?? 0}`,
  );

/** Conditions as `type status reason`. */
export const conditions = ({ status }: Deployment): string[] =>
  (status?.conditions ?? []).map(({ type, status: is, reason }) => `${type} ${is} ${reason}`);

/** Messages of events in the order in which they were written, hashes replaced. */
export const messages = (events: readonly CoreEvent[]): string[] =>
  [...events]
    .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
    .map(({ reason, message }) => `${reason}: ${message?.replace(/web-[a-z0-9]+/g, 'RS')}`);

export const podKeys = (pods: readonly Pod[]): string[] => pods.map(keyOf).sort();
