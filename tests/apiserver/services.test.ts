import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Service } from '../../src/api/types.ts';
import { Kernel } from '../../src/kernel/index.ts';
import { NumberPool } from '../../src/apiserver/services/number-pool.ts';
import { Rig } from './rig.ts';

const service = (name: string, spec: object = {}): object => ({
  metadata: { name },
  spec: { selector: { a: 'b' }, ports: [{ port: 80 }], ...spec },
});

const make = (rig: Rig, name: string, spec?: object): Service['spec'] =>
  (rig.create('services', service(name, spec)) as unknown as Service).spec;

const refused = (rig: Rig, name: string, spec: object): string | undefined =>
  rig.refusal({ verb: 'create', resource: 'services', body: service(name, spec) }).message;

describe('cluster addresses', () => {
  test('come from the range, the same for the same seed', () => {
    const first = make(new Rig(), 'a');
    expect(first).toMatchObject({ ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', clusterIPs: [first.clusterIP] });
    expect(first.clusterIP).toMatch(/^10\.96\.\d+\.\d+$/);
    expect(make(new Rig(), 'a').clusterIP).toBe(first.clusterIP);
  });

  test('one that was asked for is given once, and again when it is free', () => {
    const rig = new Rig();
    make(rig, 'a', { clusterIP: '10.96.7.7' });
    expect(refused(rig, 'b', { clusterIP: '10.96.7.7' })).toBe(
      'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.7.7"]: failed to allocate IP 10.96.7.7: provided IP is already allocated',
    );
    expect(refused(rig, 'b', { clusterIP: '10.97.0.1' })).toContain(
      'the provided network does not match the current range',
    );
    rig.delete('services', 'a');
    expect(make(rig, 'b', { clusterIP: '10.96.7.7' }).clusterIP).toBe('10.96.7.7');
  });

  test('a refused or dry request keeps none', () => {
    const rig = new Rig();
    refused(rig, 'Bad', { clusterIP: '10.96.7.7' });
    rig.create('services', service('dry', { clusterIP: '10.96.7.7' }), { options: { dryRun: ['All'] } });
    expect(make(rig, 'a', { clusterIP: '10.96.7.7' }).clusterIP).toBe('10.96.7.7');
  });

  test('stay with their Service; a headless one has none', () => {
    const rig = new Rig();
    const { clusterIP } = make(rig, 'a');
    const update = service('a', { ports: [{ port: 81 }] });
    expect(rig.ask({ verb: 'update', resource: 'services', name: 'a', body: update })).toMatchObject({
      spec: { clusterIP },
    });
    expect(make(rig, 'b', { clusterIP: 'None' })).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] });
    const change = {
      verb: 'patch',
      resource: 'services',
      name: 'a',
      patchType: 'merge',
      body: { spec: { clusterIP: '10.96.1.1' } },
    } as const;
    expect(rig.refusal(change).message).toContain(
      'spec.clusterIPs[0]: Invalid value: ["10.96.1.1"]: may not change once set',
    );
  });
});

describe('node ports', () => {
  const ports = (spec: Service['spec']): (number | undefined)[] => (spec.ports ?? []).map(({ nodePort }) => nodePort);

  test('are drawn or chosen from the range, and shared by protocols of one port', () => {
    const rig = new Rig();
    const [drawn] = ports(make(rig, 'a', { type: 'NodePort' }));
    expect(drawn).toBeGreaterThanOrEqual(30000);
    expect(drawn).toBeLessThanOrEqual(32767);
    const both = [
      { name: 't', port: 53, nodePort: 30053 },
      { name: 'u', port: 53, protocol: 'UDP' },
    ];
    expect(ports(make(rig, 'b', { type: 'NodePort', ports: both }))).toEqual([30053, 30053]);
    expect(refused(rig, 'c', { type: 'NodePort', ports: [{ port: 80, nodePort: 30053 }] })).toBe(
      'Service "c" is invalid: spec.ports[0].nodePort: Invalid value: 30053: provided port is already allocated',
    );
    expect(refused(rig, 'c', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })).toContain(
      'provided port is not in the valid range. The range of valid ports is 30000-32767',
    );
  });

  test('are given back with the type that had them', () => {
    const rig = new Rig();
    make(rig, 'a', { type: 'NodePort', ports: [{ port: 80, nodePort: 30777 }] });
    const changed = rig.patch('services', 'a', { spec: { type: 'ClusterIP' } }) as unknown as Service;
    expect(ports(changed.spec)).toEqual([undefined]);
    expect(ports(make(rig, 'b', { type: 'NodePort', ports: [{ port: 80, nodePort: 30777 }] }))).toEqual([30777]);
  });
});

test('a pool never gives a number twice, and runs dry only when all are taken', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.nat({ max: 40 }),
      fc.array(fc.nat({ max: 39 })),
      (size, band, releases) => {
        const pool = new NumberPool(size, Math.min(band, size), new Kernel({ seed: 3 }).random('pool'));
        const taken = new Set<number>();
        const draw = (): void => {
          const number = pool.draw();
          expect(number === undefined).toBe(taken.size === size);
          if (number === undefined) return;
          expect(number >= 0 && number < size && !taken.has(number)).toBe(true);
          taken.add(number);
        };
        for (let i = 0; i <= size; i++) draw();
        for (const number of releases) {
          pool.release(number);
          taken.delete(number);
          draw();
        }
      },
    ),
  );
});
