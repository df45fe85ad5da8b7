import { beforeEach, describe, expect, test } from 'vitest';
import { DeploymentKind } from '../../src/api/apps/deployment.ts';
import { ReplicaSetKind } from '../../src/api/apps/replica-set.ts';
import { ConfigMapKind } from '../../src/api/core/config-map.ts';
import type { OwnerReference } from '../../src/api/object.ts';
import type { ConfigMap } from '../../src/api/types.ts';
import { deployment, messages } from './objects.ts';
import { Rig } from './rig.ts';

describe('the garbage collector', () => {
  let rig: Rig;
  beforeEach(() => {
    rig = new Rig();
  });

  const maps = (): ReturnType<typeof rig.client.resource<ConfigMap>> => rig.client.resource(ConfigMapKind);
  const create = (name: string, owners: readonly ConfigMap[] = [], blockOwnerDeletion = true): ConfigMap =>
    maps().create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name,
        namespace: 'lab',
        ...(owners.length > 0 ? { ownerReferences: owners.map((owner) => reference(owner, blockOwnerDeletion)) } : {}),
      },
    });
  const reference = ({ metadata }: ConfigMap, blockOwnerDeletion: boolean): OwnerReference => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: metadata.name,
    uid: metadata.uid!,
    blockOwnerDeletion,
  });
  const names = (): string[] =>
    maps()
      .list({ namespace: 'lab' })
      .items.map(({ metadata }) => metadata.name)
      .filter((name) => name !== 'kube-root-ca.crt');

  test('deletes dependents after their owner in the background', () => {
    const owner = create('owner');
    create('grandchild', [create('child', [owner])]);
    rig.settle();
    maps().delete('owner', 'lab');
    expect(names()).toEqual(['child', 'grandchild']);
    rig.settle();
    expect(names()).toEqual([]);
  });

  test('keeps the owner until its blocking dependents are gone in the foreground', () => {
    const owner = create('owner');
    create('child', [owner]);
    create('free', [owner], false);
    maps().patch('child', 'lab', 'merge', { metadata: { finalizers: ['example.com/hold'] } });
    rig.settle();
    maps().delete('owner', 'lab', { propagationPolicy: 'Foreground' });
    rig.settle();
    expect(maps().get('owner', 'lab').metadata).toMatchObject({
      finalizers: ['foregroundDeletion'],
      deletionGracePeriodSeconds: 0,
    });
    expect(maps().get('child', 'lab').metadata.deletionTimestamp).toBeDefined();
    maps().patch('child', 'lab', 'merge', { metadata: { finalizers: null } });
    rig.settle();
    expect(names()).toEqual([]);
  });

  test('frees dependents of an owner that is orphaned', () => {
    const owner = create('owner');
    create('child', [owner]);
    rig.settle();
    maps().delete('owner', 'lab', { propagationPolicy: 'Orphan' });
    rig.settle();
    expect(names()).toEqual(['child']);
    expect(maps().get('child', 'lab').metadata.ownerReferences ?? []).toEqual([]);
  });

  test('deletes an object only when the last of its owners is gone', () => {
    const [a, b] = [create('a'), create('b')];
    create('child', [a, b]);
    rig.settle();
    maps().delete('a', 'lab');
    rig.settle();
    expect(maps().get('child', 'lab').metadata.ownerReferences).toMatchObject([{ name: 'b' }]);
    maps().delete('b', 'lab');
    rig.settle();
    expect(names()).toEqual([]);
  });

  test('deletes what names an owner that never was, or that another has replaced', () => {
    const owner = create('owner');
    maps().delete('owner', 'lab');
    create('owner');
    create('child', [owner]);
    create('stranger', [{ ...owner, metadata: { ...owner.metadata, name: 'never', uid: 'no-such-uid' } }]);
    rig.settle();
    expect(names()).toEqual(['owner']);
  });

  test('deletes what names an owner of another namespace, says so, and leaves the rightful dependents alone', () => {
    const owner = create('owner');
    create('child', [owner]);
    rig.settle();
    maps().create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'stranger', namespace: 'default', ownerReferences: [reference(owner, true)] },
    });
    rig.settle();
    expect(names()).toEqual(['child', 'owner']);
    expect(messages(rig.events('ConfigMap', 'default'))).toEqual([
      `OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${owner.metadata.uid}] does not exist in namespace "default"`,
    ]);
    const left = maps().list({ namespace: 'default' }).items;
    expect(left.map(({ metadata }) => metadata.name)).toEqual(['kube-root-ca.crt']);
  });

  test('is not stopped by a circle of owners', () => {
    const a = create('a');
    const b = create('b', [a]);
    maps().patch('a', 'lab', 'merge', { metadata: { ownerReferences: [reference(b, true)] } });
    rig.settle();
    maps().delete('a', 'lab', { propagationPolicy: 'Foreground' });
    rig.settle();
    expect(names()).toEqual([]);
  });

  test('takes a Deployment down with all that came of it, in any way that is asked for', () => {
    for (const propagationPolicy of ['Background', 'Foreground'] as const) {
      rig.client.resource(DeploymentKind).create(deployment());
      rig.settle();
      expect(rig.pods()).toHaveLength(3);
      rig.client.resource(DeploymentKind).delete('web', 'lab', { propagationPolicy });
      rig.settle();
      expect(rig.client.resource(DeploymentKind).list({ namespace: 'lab' }).items).toEqual([]);
      expect(rig.client.resource(ReplicaSetKind).list({ namespace: 'lab' }).items).toEqual([]);
      expect(rig.pods()).toEqual([]);
    }
  });
});
