/** What a cluster has half a minute after its start, compared with a real one. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigMapKind, findKind, LeaseKind, type UntypedObject } from '../../src/api/index.ts';
import { createCluster, RECORDING_RIG } from '../../src/cluster/index.ts';

const recorded = JSON.parse(readFileSync(new URL('../recordings/rig/fresh-cluster.json', import.meta.url), 'utf8')) as {
  items: UntypedObject[];
};

const cluster = createCluster({ seed: 1, ...RECORDING_RIG });
cluster.kernel.runFor(30_000);

/** An object without what differs from start to start. */
function lasting(object: UntypedObject): unknown {
  const { uid: _u, resourceVersion: _r, creationTimestamp: _c, managedFields: _m, ...metadata } = object.metadata;
  return JSON.parse(
    JSON.stringify({ ...object, metadata }, (key, value: unknown) => (key === 'lastTransitionTime' ? '<time>' : value)),
  );
}

describe.each([
  'PriorityClass',
  'PriorityLevelConfiguration',
  'FlowSchema',
  'APIService',
  'ServiceCIDR',
  'ServiceAccount',
])('every %s of a fresh cluster', (name) => {
  for (const expected of recorded.items.filter(({ kind }) => kind === name)) {
    const [version = '', group = ''] = expected.apiVersion.split('/').reverse();
    const { name: object, namespace } = expected.metadata;
    it(`${namespace ? `${namespace}/` : ''}${object}`, () => {
      const kind = findKind(group, version, name)!;
      const actual = cluster.client().resource(kind).get(object, namespace);
      expect(lasting(actual)).toEqual(expected);
    });
  }
});

it('has the lease of its API server and what extension servers need to trust it', () => {
  const leases = cluster.client().resource(LeaseKind).list({ namespace: 'kube-system' }).items;
  expect(leases).toMatchObject([
    {
      metadata: {
        name: expect.stringMatching(/^apiserver-[a-z2-7]{26}$/),
        labels: { 'apiserver.kubernetes.io/identity': 'kube-apiserver' },
      },
      spec: { leaseDurationSeconds: 3600 },
    },
  ]);
  const { data } = cluster.client().resource(ConfigMapKind).get('extension-apiserver-authentication', 'kube-system');
  const expected = recorded.items.find(({ metadata }) => metadata.name === 'extension-apiserver-authentication');
  expect(Object.keys(data ?? {}).sort()).toEqual(Object.keys((expected as { data?: object }).data ?? {}).sort());
});
