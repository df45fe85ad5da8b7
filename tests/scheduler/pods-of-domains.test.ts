import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Node, Pod } from '../../src/api/types.ts';
import { podInfo } from '../../src/scheduler/cache/pod-info.ts';
import { objects, preference, violates, type Placed } from './naive-affinity.ts';
import { Bench, node, pod } from './objects.ts';

const KEYS = ['kubernetes.io/hostname', 'zone', 'rack'];
const colour = fc.constantFrom('red', 'green', 'blue');
const term = fc.record({
  topologyKey: fc.constantFrom(...KEYS),
  labelSelector: colour.map((value) => ({ matchLabels: { colour: value } })),
});
const weighted = fc.record({ weight: fc.integer({ min: 1, max: 100 }), podAffinityTerm: term });
const few = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 2 });
const wishes = fc.record({
  requiredDuringSchedulingIgnoredDuringExecution: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, few(term)),
  preferredDuringSchedulingIgnoredDuringExecution: few(weighted),
});
const constraint = fc.record(
  {
    topologyKey: fc.constantFrom(...KEYS),
    maxSkew: fc.integer({ min: 1, max: 2 }),
    whenUnsatisfiable: fc.constant('DoNotSchedule' as const),
    labelSelector: colour.map((value) => ({ matchLabels: { colour: value } })),
    minDomains: fc.integer({ min: 1, max: 3 }),
    nodeAffinityPolicy: fc.constantFrom('Honor' as const, 'Ignore' as const),
  },
  { requiredKeys: ['topologyKey', 'maxSkew', 'whenUnsatisfiable', 'labelSelector'] },
);
const podSpec = fc.record({
  colour,
  namespace: fc.constantFrom('lab', 'other'),
  affinity: fc.record({ podAffinity: wishes, podAntiAffinity: wishes }, { requiredKeys: [] }),
  topologySpreadConstraints: few(constraint),
  nodeSelector: fc.constantFrom<Record<string, string>>({}, {}, { zone: 'a' }),
});
const labels = fc.record(
  { zone: fc.constantFrom('a', 'b'), rack: fc.constantFrom('1', '2', '3') },
  { requiredKeys: [] },
);

function made(
  name: string,
  { colour: value, namespace, ...spec }: typeof podSpec extends fc.Arbitrary<infer T> ? T : never,
): Pod {
  const plain = pod(name, spec as unknown as Pod['spec']);
  return { ...plain, metadata: { ...plain.metadata, namespace, labels: { colour: value } } };
}

/** What the scheduler's counts say must be what looking at every Pod says. */
test('filters and scores by counts agree with looking at every Pod', () => {
  const scenario = fc.record({
    nodes: fc.array(labels, { minLength: 2, maxLength: 5 }),
    placed: fc.array(fc.record({ spec: podSpec, at: fc.nat() }), { maxLength: 8 }),
    gone: fc.array(fc.nat(), { maxLength: 3 }),
    relabelled: fc.option(fc.record({ at: fc.nat(), labels })),
    incoming: fc.array(podSpec, { minLength: 1, maxLength: 3 }),
  });
  fc.assert(
    fc.property(scenario, ({ nodes: nodeLabels, placed: specs, gone, relabelled, incoming }) => {
      const nodes: Node[] = nodeLabels.map((each, i) => node(`n${i}`, { labels: each as Record<string, string> }));
      const bench = new Bench(nodes);
      let placed: Placed = [];
      const check = (): void => {
        incoming.forEach((spec, i) => judge(bench, made(`incoming-${i}`, spec), placed, nodes));
      };
      check();
      specs.forEach(({ spec, at }, i) => {
        const on = nodes[at % nodes.length]!;
        const each = made(`p${i}`, spec);
        bench.cache.assume(podInfo(each), on.metadata.name);
        placed = [...placed, { pod: each, node: on }];
      });
      check();
      for (const at of gone) {
        const leaving = placed[at % Math.max(placed.length, 1)];
        if (!leaving) continue;
        bench.cache.removePod(podInfo(leaving.pod).key);
        placed = placed.filter((each) => each !== leaving);
      }
      if (relabelled) {
        const at = relabelled.at % nodes.length;
        const next = node(`n${at}`, { labels: relabelled.labels as Record<string, string> });
        placed = placed.map((each) => (each.node === nodes[at] ? { ...each, node: next } : each));
        nodes[at] = next;
        bench.cache.setNode(next);
      }
      check();
    }),
    { numRuns: 300 },
  );
});

const AFFINITY_REASONS: Readonly<Record<string, string>> = {
  "node(s) didn't match pod affinity rules": 'affinity',
  "node(s) didn't match pod anti-affinity rules": 'anti-affinity',
  "node(s) didn't satisfy existing pods anti-affinity rules": 'existing',
};

function judge(bench: Bench, incoming: Pod, placed: Placed, nodes: readonly Node[]): void {
  const { rejections, feasible, scores } = bench.place(incoming);
  const reasonAt = new Map(rejections.nodes.map((each, i) => [each.name, rejections.statuses[i]!.reasons[0]!]));
  const raw = scores.find(({ plugin }) => plugin === 'InterPodAffinity')?.raw;
  for (const each of nodes) {
    const reason = reasonAt.get(each.metadata.name);
    if (reason?.includes('affinity/selector')) continue;
    const spread = violates(incoming, each, placed, nodes);
    expect(reason?.includes('topology spread') ?? false).toBe(spread);
    if (spread) continue;
    expect(reason && AFFINITY_REASONS[reason]).toBe(objects(incoming, each, placed));
  }
  if (scores.length === 0) return;
  const expected = feasible.map(({ node: each }) => preference(incoming, each!, placed));
  expect(raw ?? expected.map(() => 0)).toEqual(expected);
}
