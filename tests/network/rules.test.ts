import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import type { EndpointSlice, Service } from '../../src/api/types.ts';
import { AddressPool, contains, rules } from '../../src/network/index.ts';

const read = <T>(name: string): T[] =>
  (
    load(readFileSync(new URL(`../recordings/kube-proxy/iptables/${name}.yaml`, import.meta.url), 'utf8')) as {
      items: T[];
    }
  ).items;

const services = read<Service>('services');
const slices = read<EndpointSlice>('endpointslices');
const saved = readFileSync(new URL('../recordings/kube-proxy/iptables/iptables-save.txt', import.meta.url), 'utf8');
const NODE = 'real-1';

/** Endpoints that the recorded rules send each `address:port/protocol` to, by following its chains. */
function recordedRules(): { forwarded: Map<string, string[]>; rejected: Set<string> } {
  const lines = saved.split('\n');
  const jumps = new Map<string, string[]>();
  const dnat = new Map<string, string>();
  for (const line of lines) {
    const append = /^-A (KUBE-\S+) /.exec(line)?.[1];
    if (!append) continue;
    const to = /-j (KUBE-\S+)/.exec(line)?.[1];
    if (to) jumps.set(append, [...(jumps.get(append) ?? []), to]);
    const destination = /--to-destination (\S+)/.exec(line)?.[1];
    if (destination) dnat.set(append, destination);
  }
  const endpoints = (chain: string, seen = new Set<string>()): string[] => {
    if (seen.has(chain)) return [];
    seen.add(chain);
    const own = dnat.get(chain);
    return own ? [own] : (jumps.get(chain) ?? []).flatMap((next) => endpoints(next, seen));
  };
  const forwarded = new Map<string, string[]>();
  const rejected = new Set<string>();
  for (const line of lines) {
    const match = /^-A KUBE-SERVICES -d (\S+)\/32 -p (tcp|udp).*--dport (\d+) -j (\S+)/.exec(line);
    if (!match) continue;
    const [, ip, protocol, port, target] = match;
    const key = `${ip}:${port}/${protocol!.toUpperCase()}`;
    if (target === 'REJECT') rejected.add(key);
    else if (target!.startsWith('KUBE-SVC') || target!.startsWith('KUBE-SVL'))
      forwarded.set(key, [...new Set(endpoints(target!))].sort());
  }
  return { forwarded, rejected };
}

describe('the rules of a real kube-proxy', () => {
  const ours = rules(services, slices, { name: NODE, zone: undefined });
  const recorded = recordedRules();

  test('lead every cluster address to the same endpoints', () => {
    expect(recorded.forwarded.size).toBeGreaterThan(3);
    for (const [key, endpoints] of recorded.forwarded) {
      const rule = ours.addresses.get(key);
      expect(rule?.internal.map(({ ip, port }) => `${ip}:${port}`).sort(), key).toEqual(endpoints);
    }
  });

  test('have a rule without endpoints where the real one refuses', () => {
    for (const key of recorded.rejected) {
      const rule = ours.addresses.get(key) ?? ours.externals.get(key);
      expect(rule?.internal, key).toEqual([]);
    }
  });

  test('cover nothing else', () => {
    for (const [key, rule] of ours.addresses) {
      if (rule.internal.length > 0) expect(recorded.forwarded.has(key), key).toBe(true);
    }
  });
});

describe('address pools', () => {
  test('never give an address twice, stay in their range, and have room for all', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 400 }), (choices) => {
        const pool = new AddressPool('10.244.3.0/28');
        const held: string[] = [];
        for (const choice of choices) {
          if (choice === 0 && held.length > 0) pool.release(held.shift()!);
          else {
            const ip = pool.take();
            if (ip === undefined) expect(held).toHaveLength(13);
            else {
              expect(held).not.toContain(ip);
              expect(contains('10.244.3.0/28', ip)).toBe(true);
              held.push(ip);
            }
          }
        }
      }),
    );
  });
});
