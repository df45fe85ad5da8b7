import { describe, expect, test } from 'vitest';
import { DeploymentKind } from '../../src/api/apps/deployment.ts';
import { ReplicaSetKind } from '../../src/api/apps/replica-set.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import type { ReplicaSet } from '../../src/api/types.ts';
import {
  changeDeployment,
  conditions,
  counts,
  deployment,
  getDeployment,
  messages,
  podTemplate,
  replicaSets,
  setImage,
} from './objects.ts';
import { Rig, type RigOptions } from './rig.ts';

function rigWith(spec: Parameters<typeof deployment>[0] = {}, options: RigOptions = {}): Rig {
  const rig = new Rig(options);
  rig.client.resource(DeploymentKind).create(deployment(spec));
  rig.settle();
  return rig;
}

/** Makes the n-th Pod that waits for its readiness gate ready. */
function pass(rig: Rig, count: number): void {
  const waiting = rig.pods().filter((pod) => pod.metadata.labels?.['v'] === '2' && !pod.metadata.labels['ok']);
  for (const pod of waiting.slice(0, count)) {
    const client = rig.client.resource(PodKind);
    client.patch(pod.metadata.name, 'lab', 'merge', { metadata: { labels: { ok: '1' } } });
    rig.start(pod, 'node-1');
  }
  rig.settle();
}

describe('a new Deployment', () => {
  test('gets a ReplicaSet, Pods, its status, its revision and an event', () => {
    const rig = rigWith();
    const { metadata, status } = getDeployment(rig);
    expect(metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
    expect(metadata.generation).toBe(1);
    expect(status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      terminatingReplicas: 0,
    });
    expect(status).not.toHaveProperty('unavailableReplicas');
    expect(conditions(getDeployment(rig))).toEqual([
      'Available True MinimumReplicasAvailable',
      'Progressing True NewReplicaSetAvailable',
    ]);
    const [rs] = replicaSets(rig);
    const hash = rs!.metadata.labels!['pod-template-hash']!;
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{8,10}$/);
    expect(rs!.metadata).toMatchObject({
      name: `web-${hash}`,
      annotations: {
        'deployment.kubernetes.io/desired-replicas': '3',
        'deployment.kubernetes.io/max-replicas': '4',
        'deployment.kubernetes.io/revision': '1',
      },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', controller: true, blockOwnerDeletion: true },
      ],
    });
    expect(rs!.spec.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash });
    expect(messages(rig.events('Deployment'))).toEqual(['ScalingReplicaSet: Scaled up replica set RS from 0 to 3']);
    expect(messages(rig.events('ReplicaSet'))).toHaveLength(3);
  });

  test('is written by each controller in turn', () => {
    const rig = new Rig();
    const from = rig.kernel.trace.nextId;
    rig.client.resource(DeploymentKind).create(deployment({ replicas: 1 }));
    rig.settle();
    const writes = rig.kernel.trace
      .since(from)
      .filter(({ component, attributes }) => component === 'kube-apiserver' && attributes['resource'] !== 'events')
      .filter(({ attributes }) => attributes['subresource'] !== 'status')
      .map(({ attributes }) => `${attributes['userAgent']} ${attributes['verb']} ${attributes['resource']}`);
    expect(writes.slice(0, 3)).toEqual([
      'kubectl create deployments',
      'deployment-controller create replicasets',
      'replicaset-controller create pods',
    ]);
  });

  test('adopts a ReplicaSet with its template', () => {
    const rig = rigWith();
    const [before] = replicaSets(rig);
    rig.client.resource(DeploymentKind).delete('web', 'lab', { propagationPolicy: 'Orphan' });
    rig.settle();
    expect(replicaSets(rig)[0]!.metadata.ownerReferences).toBeUndefined();
    rig.client.resource(DeploymentKind).create(deployment());
    rig.settle();
    expect(replicaSets(rig).map(({ metadata }) => metadata.uid)).toEqual([before!.metadata.uid]);
    expect(replicaSets(rig)[0]!.metadata.ownerReferences?.[0]?.uid).toBe(getDeployment(rig).metadata.uid);
  });
});

describe('a rolling update', () => {
  test('takes a step for every Pod that becomes ready', () => {
    const rig = rigWith({ replicas: 4, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } });
    changeDeployment(rig, {
      template: { metadata: { labels: { v: '2' } }, spec: { nodeSelector: { by: 'hand' } } },
    });
    rig.settle();
    expect(counts(rig)).toEqual(['1 3/3/3', '2 2/2/0']);
    pass(rig, 1);
    expect(counts(rig)).toEqual(['1 2/2/2', '2 3/3/1']);
    pass(rig, 1);
    expect(counts(rig)).toEqual(['1 1/1/1', '2 4/4/2']);
    pass(rig, 2);
    expect(counts(rig)).toEqual(['1 0/0/0', '2 4/4/4']);
    expect(messages(rig.events('Deployment'))).toEqual(
      [
        'up replica set RS from 0 to 4',
        'up replica set RS from 0 to 1',
        'down replica set RS from 4 to 3',
        'up replica set RS from 1 to 2',
        'down replica set RS from 3 to 2',
        'up replica set RS from 2 to 3',
        'down replica set RS from 2 to 1',
        'up replica set RS from 3 to 4',
        'down replica set RS from 1 to 0',
      ].map((text) => `ScalingReplicaSet: Scaled ${text}`),
    );
  });

  test('never has more or fewer Pods than it may', () => {
    const rig = rigWith({ replicas: 10, strategy: { rollingUpdate: { maxSurge: '30%', maxUnavailable: '20%' } } });
    let most = 0;
    let fewest = Infinity;
    setImage(rig, 'nginx:1.28');
    while (rig.kernel.step() && !rig.kernel.settled) {
      const pods = rig.pods().filter(({ metadata }) => !metadata.deletionTimestamp);
      most = Math.max(most, pods.length);
      fewest = Math.min(
        fewest,
        pods.filter(({ status }) => status?.conditions?.some((c) => c.type === 'Ready')).length,
      );
    }
    expect(most).toBeLessThanOrEqual(13);
    expect(fewest).toBeGreaterThanOrEqual(8);
    expect(counts(rig)).toEqual(['1 0/0/0', '2 10/10/10']);
  });

  test('replaces Pods that do not work before those that do', () => {
    const rig = rigWith({ replicas: 4, template: podTemplate('broken', { nodeSelector: { no: 'such' } }) });
    expect(counts(rig)).toEqual(['1 4/4/0']);
    changeDeployment(rig, { template: { spec: { nodeSelector: null } } });
    rig.settle();
    expect(counts(rig)).toEqual(['1 0/0/0', '2 4/4/4']);
  });

  test('shares a change of scale among its ReplicaSets', () => {
    const rig = rigWith({ replicas: 10, strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } });
    changeDeployment(rig, {
      template: { metadata: { labels: { v: '2' } }, spec: { nodeSelector: { by: 'hand' } } },
    });
    rig.settle();
    expect(counts(rig)).toEqual(['1 8/8/8', '2 5/5/0']);
    changeDeployment(rig, { replicas: 15 });
    rig.settle();
    expect(counts(rig)).toEqual(['1 11/11/11', '2 7/7/0']);
  });
});

describe('revisions', () => {
  test('move with a rollback and are never reused', () => {
    const rig = new Rig();
    rig.client.resource(DeploymentKind).create(deployment({ replicas: 1 }, { 'kubernetes.io/change-cause': 'first' }));
    rig.settle();
    for (const image of ['nginx:1.28', 'nginx:1.29', 'nginx:1.27']) {
      setImage(rig, image);
      rig.settle();
    }
    expect(
      replicaSets(rig).map(({ metadata, spec }) => [
        spec.template!.spec!.containers[0]!.image,
        spec.replicas,
        metadata.annotations!['deployment.kubernetes.io/revision'],
        metadata.annotations!['deployment.kubernetes.io/revision-history'],
        metadata.annotations!['kubernetes.io/change-cause'],
      ]),
    ).toEqual([
      ['nginx:1.28', 0, '2', undefined, 'first'],
      ['nginx:1.29', 0, '3', undefined, 'first'],
      ['nginx:1.27', 1, '4', '1', 'first'],
    ]);
    expect(getDeployment(rig).metadata.annotations!['deployment.kubernetes.io/revision']).toBe('4');
  });

  test('beyond the limit are deleted', () => {
    const rig = rigWith({ replicas: 1, revisionHistoryLimit: 2 });
    for (let i = 0; i < 5; i++) {
      setImage(rig, `nginx:2.${i}`);
      rig.settle();
    }
    expect(counts(rig)).toEqual(['4 0/0/0', '5 0/0/0', '6 1/1/1']);
  });
});

test('a paused Deployment scales but does not roll out; resumed, it rolls out what has gathered', () => {
  const rig = rigWith({ replicas: 2 });
  changeDeployment(rig, { paused: true });
  setImage(rig, 'nginx:1.28');
  changeDeployment(rig, { replicas: 3 });
  rig.settle();
  expect(counts(rig)).toEqual(['1 3/3/3']);
  expect(getDeployment(rig).status).not.toHaveProperty('updatedReplicas');
  expect(conditions(getDeployment(rig))).toEqual([
    'Progressing Unknown DeploymentPaused',
    'Available True MinimumReplicasAvailable',
  ]);
  changeDeployment(rig, { paused: null });
  rig.settle();
  expect(counts(rig)).toEqual(['1 0/0/0', '2 3/3/3']);
});

test('a rollout that does not move exceeds its deadline, and recovers', () => {
  const rig = rigWith({
    replicas: 2,
    progressDeadlineSeconds: 8,
    template: podTemplate('nginx', { nodeSelector: { no: 'such' } }),
  });
  rig.run(5_000);
  expect(conditions(getDeployment(rig))).toContain('Progressing True ReplicaSetUpdated');
  rig.run(6_000);
  const { status } = getDeployment(rig);
  expect(conditions(getDeployment(rig))).toEqual([
    'Available False MinimumReplicasUnavailable',
    'Progressing False ProgressDeadlineExceeded',
  ]);
  expect(status!.conditions![1]!.message).toMatch(/^ReplicaSet "web-[a-z0-9]+" has timed out progressing\.$/);
  expect(status).toMatchObject({ replicas: 2, unavailableReplicas: 2, updatedReplicas: 2, terminatingReplicas: 0 });
  changeDeployment(rig, { template: { spec: { nodeSelector: null } } });
  rig.settle();
  expect(conditions(getDeployment(rig))).toEqual([
    'Available True MinimumReplicasAvailable',
    'Progressing True NewReplicaSetAvailable',
  ]);
});

test('with minReadySeconds Pods are ready before they are available', () => {
  const rig = new Rig();
  rig.client.resource(DeploymentKind).create(deployment({ replicas: 2, minReadySeconds: 6 }));
  rig.run(1_000);
  expect(getDeployment(rig).status).toMatchObject({ readyReplicas: 2, unavailableReplicas: 2 });
  expect(conditions(getDeployment(rig))).toContain('Available False MinimumReplicasUnavailable');
  rig.run(6_000);
  expect(getDeployment(rig).status).toMatchObject({ readyReplicas: 2, availableReplicas: 2 });
});

test('Recreate starts no new Pod before the last old one is gone', () => {
  const rig = rigWith({
    replicas: 2,
    strategy: { type: 'Recreate' },
    template: podTemplate('nginx', { nodeSelector: { by: 'hand' } }),
  });
  rig.silent.add('node-1');
  for (const pod of rig.pods()) rig.start(pod, 'node-1');
  rig.settle();
  setImage(rig, 'nginx:1.28');
  rig.settle();
  expect(counts(rig)).toEqual(['1 0/0/0']);
  expect(replicaSets(rig)[0]!.status?.terminatingReplicas).toBe(2);
  expect(getDeployment(rig).status).toMatchObject({ observedGeneration: 2, terminatingReplicas: 2 });
  expect(getDeployment(rig).status).not.toHaveProperty('replicas');
  const [first, second] = rig.pods();
  const pods = rig.client.resource(PodKind);
  pods.delete(first!.metadata.name, 'lab', { gracePeriodSeconds: 0 });
  rig.settle();
  expect(counts(rig)).toEqual(['1 0/0/0']);
  pods.delete(second!.metadata.name, 'lab', { gracePeriodSeconds: 0 });
  rig.settle();
  expect(counts(rig)).toEqual(['1 0/0/0', '2 2/2/0']);
});

test('another template with the same hash gets another name', () => {
  const rig = new Rig();
  rig.client.resource(DeploymentKind).create(deployment());
  rig.settle();
  const [rs] = replicaSets(rig);
  rig.client.resource(DeploymentKind).delete('web', 'lab', { propagationPolicy: 'Background' });
  rig.settle();
  const stranger: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: rs!.metadata.name, namespace: 'lab' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { x: 'y' } },
      template: { metadata: { labels: { x: 'y' } }, spec: rs!.spec.template!.spec! },
    },
  };
  rig.client.resource(ReplicaSetKind).create(stranger);
  rig.settle();
  rig.client.resource(DeploymentKind).create(deployment());
  rig.settle();
  expect(getDeployment(rig).status).toMatchObject({ collisionCount: 1, availableReplicas: 3 });
});
