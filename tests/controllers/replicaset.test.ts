import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReplicaSetKind } from '../../src/api/apps/replica-set.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import { formatTime } from '../../src/api/meta.ts';
import { ApiError } from '../../src/api/status.ts';
import type { Pod } from '../../src/api/types.ts';
import { podsToDelete } from '../../src/controllers/replicaset/deletion-order.ts';
import { messages, replicaSet } from './objects.ts';
import { Rig } from './rig.ts';

const pod = (name: string, labels: Record<string, string> = { app: 'web' }): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'lab', labels },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
});

describe('a ReplicaSet', () => {
  test('adopts matching Pods that nobody owns, deletes the surplus, and releases what no longer matches', () => {
    const rig = new Rig();
    const pods = rig.client.resource(PodKind);
    pods.create(pod('first'));
    rig.settle();
    rig.client.resource(ReplicaSetKind).create(replicaSet('r', 1));
    rig.settle();
    expect(rig.pods().map(({ metadata }) => metadata.name)).toEqual(['first']);
    expect(rig.pods()[0]!.metadata.ownerReferences).toMatchObject([
      { kind: 'ReplicaSet', name: 'r', controller: true },
    ]);
    rig.run(2_000);
    pods.create(pod('late'));
    rig.settle();
    expect(rig.pods().map(({ metadata }) => metadata.name)).toEqual(['first']);
    pods.patch('first', 'lab', 'merge', { metadata: { labels: { app: 'out' } } });
    rig.settle();
    expect(pods.get('first', 'lab').metadata.ownerReferences ?? []).toEqual([]);
    expect(rig.pods()).toHaveLength(2);
    expect(messages(rig.events('ReplicaSet')).map((text) => text.replace(/r-[a-z0-9]{5}$/, 'POD'))).toEqual([
      'SuccessfulDelete: Deleted pod: late',
      'SuccessfulCreate: Created pod: POD',
    ]);
  });

  test('leaves Pods of other owners alone', () => {
    const rig = new Rig();
    rig.client.resource(ReplicaSetKind).create(replicaSet('one', 2));
    rig.client.resource(ReplicaSetKind).create(replicaSet('two', 2));
    rig.settle();
    expect(
      rig
        .pods()
        .map(({ metadata }) => metadata.ownerReferences![0]!.name)
        .sort(),
    ).toEqual(['one', 'one', 'two', 'two']);
  });

  test('replaces a Pod as soon as its deletion begins', () => {
    const rig = new Rig();
    rig.client.resource(ReplicaSetKind).create(replicaSet('r', 2));
    rig.settle();
    const [victim] = rig.pods();
    rig.silent.add(victim!.spec.nodeName!);
    rig.client.resource(PodKind).delete(victim!.metadata.name, 'lab');
    rig.settle();
    expect(rig.pods()).toHaveLength(3);
    const { status } = rig.client.resource(ReplicaSetKind).get('r', 'lab');
    expect(status).toMatchObject({ replicas: 2, readyReplicas: 2, terminatingReplicas: 1 });
  });

  test('says why it cannot create Pods, and stops asking after the first refusal', () => {
    const rig = new Rig();
    const serve = rig.server.serve.bind(rig.server);
    let refusals = 0;
    let full = true;
    rig.server.serve = (request) => {
      if (
        full &&
        request.verb === 'create' &&
        request.resource === 'pods' &&
        !request.subresource &&
        rig.pods().length >= 3
      ) {
        refusals++;
        throw new ApiError(403, 'Forbidden', 'pods "r-x" is forbidden: exceeded quota: q');
      }
      return serve(request);
    };
    rig.client.resource(ReplicaSetKind).create(replicaSet('r', 10));
    rig.run(50);
    const failed = rig.client.resource(ReplicaSetKind).get('r', 'lab').status!;
    expect(failed).toMatchObject({ replicas: 3 });
    expect(failed.conditions).toMatchObject([
      {
        type: 'ReplicaFailure',
        status: 'True',
        reason: 'FailedCreate',
        message: 'pods "r-x" is forbidden: exceeded quota: q',
      },
    ]);
    expect(refusals).toBeLessThan(20);
    expect(messages(rig.events('ReplicaSet'))).toContain(
      'FailedCreate: Error creating: pods "r-x" is forbidden: exceeded quota: q',
    );
    full = false;
    rig.run(60_000);
    const settled = rig.client.resource(ReplicaSetKind).get('r', 'lab').status!;
    expect(settled).toMatchObject({ replicas: 10, readyReplicas: 10 });
    expect(settled).not.toHaveProperty('conditions');
  });

  test('creates a thousand Pods in bursts of 500', () => {
    const rig = new Rig({ trace: false });
    rig.client.resource(ReplicaSetKind).create(replicaSet('r', 1000));
    rig.settle();
    expect(rig.client.resource(ReplicaSetKind).get('r', 'lab').status).toMatchObject({
      replicas: 1000,
      readyReplicas: 1000,
    });
    expect(rig.pods()).toHaveLength(1000);
    expect(rig.events('ReplicaSet').length).toBeLessThanOrEqual(10);
  });
});

describe('the order of deletion', () => {
  const NOW = Date.UTC(2026, 0, 1, 12);
  const candidate = (
    name: string,
    change: { node?: string; phase?: string; readyS?: number; cost?: string; restarts?: number; ageS?: number } = {},
  ): Pod => {
    const { node = 'n1', phase = 'Running', readyS = 1000, cost, restarts = 0, ageS = 1000 } = change;
    return {
      ...pod(name),
      metadata: {
        name,
        namespace: 'lab',
        uid: name,
        creationTimestamp: formatTime(NOW - ageS * 1000),
        ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
      },
      spec: { containers: [{ name: 'c', image: 'nginx' }], ...(node ? { nodeName: node } : {}) },
      status: {
        phase: phase as 'Running',
        conditions:
          readyS > 0 ? [{ type: 'Ready', status: 'True', lastTransitionTime: formatTime(NOW - readyS * 1000) }] : [],
        containerStatuses: [{ name: 'c', image: 'nginx', imageID: '', ready: true, restartCount: restarts }],
      },
    };
  };
  const first = (pods: readonly Pod[], related: readonly Pod[] = []): string =>
    podsToDelete(pods, related, 1, NOW)[0]!.metadata.name;

  test.each([
    [
      'not assigned before assigned',
      candidate('x', { node: '', phase: 'Pending', readyS: 0 }),
      candidate('y', { phase: 'Pending', readyS: 0, cost: '-9' }),
    ],
    [
      'pending before running',
      candidate('x', { phase: 'Pending', readyS: 0 }),
      candidate('y', { readyS: 0, cost: '-9' }),
    ],
    ['not ready before ready', candidate('x', { readyS: 0 }), candidate('y', { cost: '-9' })],
    ['lower cost first', candidate('x', { cost: '-3' }), candidate('y', { readyS: 1 })],
    ['ready for a shorter time first', candidate('x', { readyS: 2 }), candidate('y', { restarts: 5 })],
    ['more restarts first', candidate('x', { restarts: 2 }), candidate('y', { ageS: 1 })],
    ['younger first', candidate('x', { ageS: 1 }), candidate('y')],
  ])('%s', (_, x, y) => {
    expect(first([x, y])).toBe('x');
    expect(first([y, x])).toBe('x');
  });

  test('prefers the node with more Pods of the same Deployment', () => {
    const pods = [candidate('x', { node: 'n1', readyS: 1000 }), candidate('y', { node: 'n2', readyS: 1 })];
    expect(first(pods, [candidate('o', { node: 'n1' }), ...pods])).toBe('x');
  });

  test('does not depend on the order in which Pods are given', () => {
    const any = fc.record({
      node: fc.constantFrom('', 'n1', 'n2'),
      phase: fc.constantFrom('Pending', 'Running'),
      readyS: fc.constantFrom(0, 1, 60, 61),
      cost: fc.constantFrom('1', '-1'),
      restarts: fc.nat(1),
      ageS: fc.constantFrom(100, 101, 5000),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 2, maxLength: 6 }), fc.nat(), (changes, seed) => {
        const pods = changes.map((change, i) => candidate(`p${i}`, change));
        const shuffled = [...pods].sort(
          (a, b) => ((a.metadata.name + seed).length % 2 ? -1 : 1) * (a.metadata.name < b.metadata.name ? -1 : 1),
        );
        const count = Math.ceil(pods.length / 2);
        const rank = (list: Pod[]): string[] =>
          podsToDelete(list, [], count, NOW)
            .map((p) =>
              JSON.stringify([p.spec.nodeName ?? '', p.status, p.metadata.annotations, p.metadata.creationTimestamp]),
            )
            .sort();
        expect(rank(shuffled)).toEqual(rank(pods));
      }),
    );
  });
});
