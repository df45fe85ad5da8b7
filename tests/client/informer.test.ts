import { describe, expect, test } from 'vitest';
import { ConfigMapKind } from '../../src/api/core/config-map.ts';
import { NamespaceKind } from '../../src/api/core/namespace.ts';
import { kinds } from '../../src/api/kinds.ts';
import type { ConfigMap } from '../../src/api/types.ts';
import { ApiServer } from '../../src/apiserver/index.ts';
import { Client, InformerFactory, WorkQueue, type SharedInformer } from '../../src/client/index.ts';
import { Etcd } from '../../src/etcd/index.ts';
import { Kernel } from '../../src/kernel/index.ts';

function start(): { kernel: Kernel; etcd: Etcd; client: Client; factory: InformerFactory } {
  const kernel = new Kernel({ seed: 1 });
  const etcd = new Etcd(kernel);
  const server = new ApiServer({ kernel, etcd, kinds });
  const client = new Client(server, { user: { username: 'test', groups: ['system:masters'] }, userAgent: 'test' });
  client.resource(NamespaceKind).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'lab' }, spec: {} });
  return { kernel, etcd, client, factory: new InformerFactory(kernel, client) };
}

const configMap = (name: string, data: Record<string, string> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'lab' },
  data,
});

function record(informer: SharedInformer<ConfigMap>): string[] {
  const seen: string[] = [];
  informer.addHandler({
    add: ({ metadata }) => seen.push(`+${metadata.name}`),
    update: (object, old) => seen.push(`~${object.metadata.name} ${old.data?.['v']}>${object.data?.['v']}`),
    delete: ({ metadata }) => seen.push(`-${metadata.name}`),
  });
  return seen;
}

describe('SharedInformer', () => {
  test('tells what is there, what comes, changes and goes, in order', () => {
    const { kernel, client, factory } = start();
    const maps = client.resource(ConfigMapKind);
    maps.create(configMap('a', { v: '1' }));
    const seen = record(factory.for(ConfigMapKind));
    factory.start();
    expect(seen).toEqual(['+a']);
    maps.create(configMap('b'));
    maps.update({ ...maps.get('a', 'lab'), data: { v: '2' } });
    maps.delete('a', 'lab');
    expect(seen).toEqual(['+a']);
    kernel.runUntilSettled();
    expect(seen).toEqual(['+a', '+b', '~a 1>2', '-a']);
  });

  test('shares objects with the server and among those who ask', () => {
    const { kernel, client, factory } = start();
    const informer = factory.for(ConfigMapKind);
    factory.start();
    const created = client.resource(ConfigMapKind).create(configMap('a'));
    kernel.runUntilSettled();
    expect(informer.get('lab', 'a')).toBe(created);
    expect(factory.for(ConfigMapKind)).toBe(informer);
  });

  test('keeps indexes current', () => {
    const { kernel, client, factory } = start();
    const informer = factory.for(ConfigMapKind);
    informer.addIndex('v', ({ data }) => (data?.['v'] ? [data['v']] : []));
    factory.start();
    const maps = client.resource(ConfigMapKind);
    maps.create(configMap('a', { v: '1' }));
    maps.create(configMap('b', { v: '1' }));
    kernel.runUntilSettled();
    expect(informer.byIndex('v', '1').map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    maps.update({ ...maps.get('a', 'lab'), data: { v: '2' } });
    kernel.runUntilSettled();
    expect(informer.byIndex('v', '1').map(({ metadata }) => metadata.name)).toEqual(['b']);
    expect(informer.byIndex('v', '2').map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(informer.list('lab')).toHaveLength(2);
  });

  test('lists again when the version it watches from is gone', () => {
    const { kernel, etcd, client, factory } = start();
    const maps = client.resource(ConfigMapKind);
    maps.create(configMap('a', { v: '1' }));
    maps.create(configMap('b'));
    const informer = factory.for(ConfigMapKind);
    const seen = record(informer);
    factory.start();
    informer.stop();
    maps.update({ ...maps.get('a', 'lab'), data: { v: '2' } });
    maps.delete('b', 'lab');
    maps.create(configMap('c'));
    etcd.compact(etcd.revision);
    informer.start();
    kernel.runUntilSettled();
    expect(seen).toEqual(['+a', '+b', '~a 1>2', '+c', '-b']);
  });

  test('records a lazy delivery only when something is queued because of it', () => {
    const { kernel, client, factory } = start();
    const queue = new WorkQueue(kernel, 'controller');
    factory.for(ConfigMapKind).addHandler({
      component: 'controller',
      lazy: true,
      add: ({ metadata }) => {
        if (metadata.name === 'wanted') queue.add(metadata.name);
      },
    });
    factory.start();
    client.resource(ConfigMapKind).create(configMap('ignored'));
    client.resource(ConfigMapKind).create(configMap('wanted'));
    kernel.runUntilSettled();
    const deliveries = kernel.trace.since(1).filter(({ component }) => component === 'controller');
    expect(deliveries.map(({ name }) => name)).toEqual(['watch configmaps lab/wanted']);
    const write = kernel.trace.causes(deliveries[0]!.id).find(({ name }) => name.startsWith('create'));
    expect(write?.attributes['resource']).toBe('configmaps');
    expect(queue.take()?.cause).toBe(deliveries[0]!.id);
  });
});
