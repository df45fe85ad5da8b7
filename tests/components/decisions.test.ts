import { expect, test } from 'vitest';
import { createCluster } from '../../src/cluster/index.ts';
import { decisionMatrix, decisionsAmong } from '../../src/components/lab/projection/decisions.ts';
import { Run } from '../../src/lab/run.ts';

const pod = (name: string, cpu: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'web', image: 'nginx:1.27', resources: { requests: { cpu } } }] },
});

/** The trace of a cluster in which these Pods were created. */
function spansAbout(...pods: readonly object[]) {
  const cluster = createCluster({ seed: 5, nodes: 3 });
  const run = new Run(cluster);
  cluster.kernel.runFor(1000);
  const command = run.command('kubectl create');
  for (const body of pods) {
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    expect(command.request({ method: 'POST', url: '/api/v1/namespaces/default/pods', headers, body }).status).toBe(201);
  }
  cluster.kernel.runFor(10_000);
  return cluster.kernel.trace.since(0);
}

const decisionsAbout = (...pods: readonly object[]) => decisionsAmong(spansAbout(...pods), Infinity, false);

test('a decision is a matrix: every asked plugin a row, every node a column', () => {
  const [latest, first] = decisionsAbout(pod('a', '100m'), pod('b', '100m'));
  expect([latest!.decision.pod, first!.decision.pod]).toEqual(['default/b', 'default/a']);
  const { nodes, filters, scores } = decisionMatrix(latest!.decision);
  expect(nodes.map(({ node }) => node)).toEqual(['node-1', 'node-2', 'node-3']);
  expect(filters.map(({ plugin }) => plugin)).toContain('NodeResourcesFit');
  for (const { cells } of filters) expect(cells.map(({ verdict }) => verdict)).toEqual(['passed', 'passed', 'passed']);
  nodes.forEach(({ total }, i) => {
    expect(scores.reduce((sum, { cells }) => sum + cells[i]!.weighted, 0)).toBe(total);
  });
  for (const { weight, cells } of scores)
    for (const cell of cells) {
      expect(cell!.weighted).toBe(cell!.normalised * weight);
      expect(cell!.share).toBe(cell!.normalised / 100);
    }
});

test('a Pod that fits nowhere: who turned it away on each node, and why; what comes after is not asked', () => {
  const [{ decision }] = decisionsAbout(pod('huge', '64')) as [ReturnType<typeof decisionsAbout>[number]];
  expect(decision.outcome).toBe('unschedulable');
  const { filters, scores } = decisionMatrix(decision);
  const at = filters.findIndex(({ plugin }) => plugin === 'NodeResourcesFit');
  expect(filters[at]!.cells.map(({ verdict, reasons }) => [verdict, ...reasons])).toEqual(
    Array.from({ length: 3 }, () => ['rejected', 'Insufficient cpu']),
  );
  for (const { cells } of filters.slice(at + 1))
    expect(cells.every(({ verdict }) => verdict === 'not asked')).toBe(true);
  expect(scores).toEqual([]);
});

test('decisions of the past end where the past is looked at; those of two runs keep apart', () => {
  const spans = spansAbout(pod('a', '100m'), pod('b', '100m'));
  const [b, a] = decisionsAmong(spans, Infinity, false);
  expect(decisionsAmong(spans, a!.decision.at, false).map(({ decision }) => decision.pod)).not.toContain(
    b!.decision.at > a!.decision.at ? 'default/b' : '',
  );
  expect(decisionsAmong(spans, a!.decision.at - 1, false)).toEqual([]);
  const earlier = decisionsAmong(spans, Infinity, true);
  expect(earlier.map(({ decision }) => decision)).toEqual([b!.decision, a!.decision]);
  expect(earlier.map(({ key }) => key)).not.toContain(a!.key);
});
