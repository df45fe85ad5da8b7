import { expect, test } from 'vitest';
import { ConfigMapKind } from '../../src/api/core/config-map.ts';
import { NamespaceKind } from '../../src/api/core/namespace.ts';
import { SecretKind } from '../../src/api/core/secret.ts';
import { ServiceAccountKind } from '../../src/api/core/service-account.ts';
import { DeploymentKind } from '../../src/api/apps/deployment.ts';
import { hasReason } from '../../src/api/status.ts';
import { deployment } from './objects.ts';
import { Rig } from './rig.ts';

const createNamespace = (rig: Rig, name: string): void => {
  rig.client.resource(NamespaceKind).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} });
  rig.settle();
};

test('a namespace has a default ServiceAccount and the root certificate, and gets them back', () => {
  const rig = new Rig();
  createNamespace(rig, 'two');
  const accounts = rig.client.resource(ServiceAccountKind);
  const maps = rig.client.resource(ConfigMapKind);
  expect(accounts.get('default', 'two').metadata.name).toBe('default');
  expect(maps.get('kube-root-ca.crt', 'two').data).toEqual({ 'ca.crt': 'certificate' });
  accounts.delete('default', 'two');
  maps.delete('kube-root-ca.crt', 'two');
  rig.settle();
  expect(accounts.get('default', 'two').metadata.name).toBe('default');
  maps.patch('kube-root-ca.crt', 'two', 'merge', { data: { 'ca.crt': 'changed', more: 'x' } });
  rig.settle();
  expect(maps.get('kube-root-ca.crt', 'two').data).toEqual({ 'ca.crt': 'certificate' });
});

test('a namespace that cannot go says what remains and what holds it; then it goes', () => {
  const rig = new Rig();
  createNamespace(rig, 'two');
  const namespaces = rig.client.resource(NamespaceKind);
  const maps = rig.client.resource(ConfigMapKind);
  for (const name of ['held', 'free']) {
    const finalizers = name === 'held' ? { finalizers: ['example.com/hold'] } : {};
    maps.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'two', ...finalizers } });
  }
  rig.client
    .resource(SecretKind)
    .create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'free', namespace: 'two' } });
  namespaces.delete('two');
  rig.run(7_000);
  const { status } = namespaces.get('two');
  expect(status!.phase).toBe('Terminating');
  expect(status!.conditions!.map((c) => [c.type, c.status, c.reason, c.message].join(' '))).toEqual([
    'NamespaceDeletionDiscoveryFailure False ResourcesDiscovered All resources successfully discovered',
    'NamespaceDeletionGroupVersionParsingFailure False ParsedGroupVersions All legacy kube types successfully parsed',
    'NamespaceDeletionContentFailure False ContentDeleted All content successfully deleted, may be waiting on finalization',
    'NamespaceContentRemaining True SomeResourcesRemain Some resources are remaining: configmaps. has 1 resource instances',
    'NamespaceFinalizersRemaining True SomeFinalizersRemain Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  ]);
  expect(maps.list({ namespace: 'two' }).items.map(({ metadata }) => metadata.name)).toEqual(['held']);
  maps.patch('held', 'two', 'merge', { metadata: { finalizers: null } });
  rig.run(20_000);
  expect(namespaces.list().items.map(({ metadata }) => metadata.name)).not.toContain('two');
});

test('a namespace takes all that runs in it along', () => {
  const rig = new Rig();
  createNamespace(rig, 'two');
  const web = deployment();
  rig.client.resource(DeploymentKind).create({ ...web, metadata: { ...web.metadata, namespace: 'two' } });
  rig.settle();
  expect(rig.pods('two')).toHaveLength(3);
  rig.client.resource(NamespaceKind).delete('two');
  rig.run(60_000);
  expect(rig.pods('two')).toEqual([]);
  try {
    rig.client.resource(NamespaceKind).get('two');
    expect.unreachable();
  } catch (error) {
    expect(hasReason(error, 'NotFound')).toBe(true);
  }
});
