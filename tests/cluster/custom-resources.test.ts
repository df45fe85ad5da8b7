import { expect, test } from 'vitest';
import { assembleCluster } from '../../src/cluster/assemble.ts';
import { everything } from '../../src/cluster/parts.ts';
import { RECORDING_RIG } from '../../src/cluster/spec.ts';

interface Answer {
  readonly metadata: { readonly name: string; readonly uid: string; readonly ownerReferences?: object[] };
  readonly items: readonly Answer[];
  readonly status: { readonly used: object };
  readonly message?: string;
}

const GROUP = 'x.example.com';
const BOATS = `/apis/${GROUP}/v1/namespaces/sea/boats`;
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `boats.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { plural: 'boats', kind: 'Boat' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

/** A cluster with a namespace `sea` and Boats in it. */
function harbour() {
  const cluster = assembleCluster({ seed: 1, ...RECORDING_RIG }, everything);
  cluster.kernel.runFor(5_000);
  const user = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };
  const ask = (method: string, url: string, body?: object): Answer => {
    const headers = { 'content-type': 'application/json' };
    const answer = cluster.apiserver.http({ method, url, headers, user, ...(body ? { body } : {}) });
    cluster.kernel.runFor(3_000);
    return answer.body as Answer;
  };
  ask('POST', DEFINITIONS, definition);
  ask('POST', '/api/v1/namespaces', { metadata: { name: 'sea' } });
  const boat = (name: string, owner?: Answer): Answer => {
    const { name: of = '', uid = '' } = owner?.metadata ?? {};
    const reference = { apiVersion: `${GROUP}/v1`, kind: 'Boat', name: of, uid, blockOwnerDeletion: true };
    const metadata = { name, ...(owner ? { ownerReferences: [reference] } : {}) };
    return ask('POST', BOATS, { apiVersion: `${GROUP}/v1`, kind: 'Boat', metadata });
  };
  const names = (): string[] => ask('GET', BOATS).items.map(({ metadata }) => metadata.name);
  return { cluster, ask, boat, names };
}

const deletion = (propagationPolicy: string): object => ({
  kind: 'DeleteOptions',
  apiVersion: 'v1',
  propagationPolicy,
});

test('the garbage collector follows owners among custom resources', () => {
  const { ask, boat, names } = harbour();
  boat('tender', boat('ship'));
  ask('DELETE', `${BOATS}/ship`, deletion('Foreground'));
  expect(names()).toEqual([]);
  boat('tender', boat('ship'));
  ask('DELETE', `${BOATS}/ship`, deletion('Orphan'));
  expect(ask('GET', `${BOATS}/tender`).metadata.ownerReferences ?? []).toEqual([]);
});

test('quotas count custom resources', () => {
  const { ask, boat } = harbour();
  const quotas = '/api/v1/namespaces/sea/resourcequotas';
  ask('POST', quotas, { metadata: { name: 'fleet' }, spec: { hard: { [`count/boats.${GROUP}`]: '1' } } });
  boat('ship');
  expect(boat('other').message).toContain('exceeded quota: fleet');
  ask('DELETE', `${BOATS}/ship`);
  expect(ask('GET', `${quotas}/fleet`).status.used).toEqual({ [`count/boats.${GROUP}`]: '0' });
});

test('a namespace takes its custom resources with it, and a definition that comes again begins anew', () => {
  const { cluster, ask, boat, names } = harbour();
  boat('ship');
  ask('DELETE', '/api/v1/namespaces/sea');
  cluster.kernel.runFor(30_000);
  expect(ask('GET', '/api/v1/namespaces/sea').message).toBe('namespaces "sea" not found');
  ask('DELETE', `${DEFINITIONS}/boats.${GROUP}`);
  ask('POST', DEFINITIONS, definition);
  ask('POST', '/api/v1/namespaces', { metadata: { name: 'sea' } });
  boat('tender', boat('ship'));
  ask('DELETE', `${BOATS}/ship`);
  expect(names()).toEqual([]);
});
