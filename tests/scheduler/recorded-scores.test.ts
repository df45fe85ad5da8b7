import { readFileSync } from 'node:fs';
import { load, loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import type { Node, Pod } from '../../src/api/types.ts';
import { Bench } from './objects.ts';

interface Recording {
  files: Record<string, string>;
  steps: { run?: string }[];
}

interface Scored {
  pod: string;
  evaluatedNodes: number;
  feasibleNodes: number;
  plugins: Record<
    string,
    { weight: number; scores: Record<string, { raw?: number; normalised: number; weighted: number }> }
  >;
  final: Record<string, number>;
  node: string;
}

const folder = new URL('../recordings/', import.meta.url);
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, folder), 'utf8'));

/** The three nodes of the cluster that was recorded. */
const rig = (read('rig/fresh-cluster.json') as { items: Node[] }).items.filter(({ kind }) => kind === 'Node');

test.each([
  'score-least-allocated',
  'score-balanced',
  'score-fill-order',
  'score-node-affinity-preferred',
  'score-prefer-no-schedule',
  'score-inter-pod-affinity',
  'score-topology-spread',
])('%s', (name) => {
  const { files, steps } = read(`scheduler/${name}.json`) as Recording;
  const scored = read(`scheduler/${name}.scores.json`) as Scored[];
  const nodes = (load(files['nodes.yaml']!) as { items: Node[] }).items;
  const bench = new Bench([...rig, ...nodes.map((each) => ({ ...each, spec: each.spec ?? {} }))]);
  const applied = steps.flatMap(({ run }) => run?.match(/^kubectl apply -f (\S+)$/)?.[1] ?? []);
  const pods = applied.flatMap((file) => loadAll(files[file]!) as Pod[]);
  for (const object of pods) {
    const expected = scored.find(({ pod }) => pod === object.metadata.name);
    const placement = bench.place(object);
    if (expected) {
      const { feasible, scores, totals, rejections } = placement;
      expect(feasible.length + rejections.nodes.length).toBe(expected.evaluatedNodes);
      expect(feasible.length).toBe(expected.feasibleNodes);
      expect(Object.fromEntries(feasible.map((each, i) => [each.name, totals[i]]))).toEqual(expected.final);
      expect(scores.map(({ plugin }) => plugin).sort()).toEqual(Object.keys(expected.plugins));
      for (const { plugin, weight, raw, normalised } of scores) {
        const recorded = expected.plugins[plugin]!;
        expect(weight).toBe(recorded.weight);
        feasible.forEach((each, i) => {
          const score = recorded.scores[each.name]!;
          expect([plugin, each.name, normalised[i], normalised[i]! * weight]).toEqual([
            plugin,
            each.name,
            score.normalised,
            score.weighted,
          ]);
          if (score.raw !== undefined) expect([plugin, raw[i]]).toEqual([plugin, score.raw]);
        });
      }
      expect(placement.node?.name).toBe(expected.node);
    }
    bench.put(object);
  }
});
