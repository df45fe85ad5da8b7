import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rig } from './rig.ts';

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/default/leases/l';

const write = fc.record({
  manager: fc.constantFrom('a', 'b'),
  spec: fc.oneof(
    fc.record({ holderIdentity: fc.constantFrom('x', 'y') }),
    fc.record({ leaseTransitions: fc.integer({ min: 0, max: 2 }) }),
    fc.record({ holderIdentity: fc.constantFrom('x', 'y'), leaseDurationSeconds: fc.integer({ min: 1, max: 2 }) }),
  ),
  waitMs: fc.constantFrom(0, 400, 1500),
});
interface Write {
  readonly manager: string;
  readonly spec: object;
  readonly waitMs: number;
}

const managedFields = (rig: Rig): unknown => {
  const { metadata } = rig.http('GET', LEASE).body as { metadata: { managedFields: unknown } };
  return JSON.parse(JSON.stringify(metadata.managedFields));
};

/** The managers after these writes; looking at them after each one is to make no difference. */
function managersAfter(writes: readonly Write[], lookEachTime: boolean): unknown {
  const rig = new Rig();
  const spec = { holderIdentity: 'x', leaseDurationSeconds: 1, leaseTransitions: 0 };
  rig.create('leases', { metadata: { name: 'l' }, spec }, { options: { fieldManager: 'a' } });
  for (const { manager, spec: change, waitMs } of writes) {
    rig.kernel.runFor(waitMs);
    rig.patch('leases', 'l', { spec: change }, { options: { fieldManager: manager } });
    if (lookEachTime) managedFields(rig);
  }
  return managedFields(rig);
}

test('who manages what does not depend on when somebody looks', () => {
  fc.assert(
    fc.property(fc.array(write, { maxLength: 12 }), (writes) => {
      expect(managersAfter(writes, false)).toEqual(managersAfter(writes, true));
    }),
  );
});
