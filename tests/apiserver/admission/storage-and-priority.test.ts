import { beforeEach, expect, test } from 'vitest';
import { Rig } from '../rig.ts';

const STORAGE = { group: 'storage.k8s.io', version: 'v1', namespace: undefined };
const SCHEDULING = { group: 'scheduling.k8s.io', version: 'v1', namespace: undefined };

let rig: Rig;

beforeEach(() => {
  rig = new Rig();
});

const resize = (storage: string): { message?: string } =>
  rig.refusal({
    verb: 'patch',
    resource: 'persistentvolumeclaims',
    name: 'data',
    patchType: 'merge',
    body: { spec: { resources: { requests: { storage } } } },
  });

function boundClaim(allowVolumeExpansion: boolean): void {
  rig.create('storageclasses', { metadata: { name: 'fast' }, provisioner: 'a.io/b', allowVolumeExpansion }, STORAGE);
  const spec = {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    storageClassName: 'fast',
  };
  rig.create('persistentvolumeclaims', { metadata: { name: 'data' }, spec });
  rig.ask({
    verb: 'patch',
    resource: 'persistentvolumeclaims',
    name: 'data',
    subresource: 'status',
    patchType: 'merge',
    body: { status: { phase: 'Bound', capacity: { storage: '1Gi' } } },
  });
}

test('a claim grows only where its class says that volumes can', () => {
  boundClaim(false);
  expect(resize('2Gi').message).toBe(
    'persistentvolumeclaims "data" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
  );
});

test('one priority class is the default', () => {
  rig.create('priorityclasses', { metadata: { name: 'a' }, value: 1, globalDefault: true }, SCHEDULING);
  const body = { metadata: { name: 'b' }, value: 2, globalDefault: true };
  expect(rig.refusal({ verb: 'create', resource: 'priorityclasses', body, ...SCHEDULING }).message).toBe(
    'priorityclasses.scheduling.k8s.io "b" is forbidden: PriorityClass a is already marked as default. Only one default can exist',
  );
});

test('the classes that every cluster has stay', () => {
  const rig = new Rig();
  const asked = { group: 'scheduling.k8s.io', version: 'v1', resource: 'priorityclasses', namespace: undefined };
  rig.ask({ verb: 'create', ...asked, body: { metadata: { name: 'system-node-critical' }, value: 2_000_001_000 } });
  expect(rig.refusal({ verb: 'delete', ...asked, name: 'system-node-critical' }).message).toBe(
    'priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted',
  );
});
