import { describe, expect, test } from 'vitest';
import { PodKind } from '../../src/api/core/pod.ts';
import { ReplicationControllerKind } from '../../src/api/core/replication-controller.ts';
import type { ReplicationController } from '../../src/api/types.ts';
import { messages, podTemplate } from './objects.ts';
import { Rig } from './rig.ts';

const controller = (replicas: number): ReplicationController => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name: 'old', namespace: 'lab' },
  spec: { replicas, selector: { app: 'web' }, template: podTemplate('nginx:1.27') },
});

describe('a ReplicationController', () => {
  test('keeps up its Pods under its own name', () => {
    const rig = new Rig();
    const client = rig.client.resource(ReplicationControllerKind);
    client.create(controller(2));
    rig.settle();
    expect(client.get('old', 'lab').status).toEqual({
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      observedGeneration: 1,
    });
    const [pod] = rig.pods();
    expect(pod!.metadata.ownerReferences).toMatchObject([
      { apiVersion: 'v1', kind: 'ReplicationController', name: 'old', controller: true },
    ]);
    rig.client.resource(PodKind).delete(pod!.metadata.name, 'lab');
    rig.settle();
    expect(rig.pods()).toHaveLength(2);
    const events = rig.events('ReplicationController');
    expect(events.every(({ source }) => source?.component === 'replication-controller')).toBe(true);
    expect(messages(events).map((text) => text.replace(/old-[a-z0-9]{5}$/, 'POD'))).toEqual([
      'SuccessfulCreate: Created pod: POD',
      'SuccessfulCreate: Created pod: POD',
      'SuccessfulCreate: Created pod: POD',
    ]);
  });

  test('adopts what its plain selector matches and lets go of what it no longer does', () => {
    const rig = new Rig();
    const pods = rig.client.resource(PodKind);
    pods.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'first', namespace: 'lab', labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', image: 'nginx' }] },
    });
    rig.client.resource(ReplicationControllerKind).create(controller(1));
    rig.settle();
    expect(rig.pods().map(({ metadata }) => metadata.name)).toEqual(['first']);
    pods.patch('first', 'lab', 'merge', { metadata: { labels: { app: 'out' } } });
    rig.settle();
    expect(pods.get('first', 'lab').metadata.ownerReferences ?? []).toEqual([]);
    expect(rig.pods()).toHaveLength(2);
  });
});
