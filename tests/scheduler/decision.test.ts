import { describe, expect, test } from 'vitest';
import { PriorityClassKind } from '../../src/api/scheduling/priority-class.ts';
import { differenceBetween } from '../../src/scheduler/decision-difference.ts';
import { filterVerdict, readDecision, type SchedulingDecision } from '../../src/scheduler/decision.ts';
import { node, pod } from './objects.ts';
import { SchedulingRig } from './scheduling-rig.ts';

function decisionsOf(rig: SchedulingRig, name: string): SchedulingDecision[] {
  return rig.kernel.trace
    .since(1)
    .flatMap((span) => readDecision(span) ?? [])
    .filter((decision) => decision.pod === `lab/${name}`);
}

function rigWith(...nodes: Parameters<typeof node>[]): SchedulingRig {
  const rig = new SchedulingRig();
  for (const each of nodes) rig.createNode(node(...each));
  rig.kernel.runUntilSettled();
  return rig;
}

const LARGE = { allocatable: { cpu: '8', memory: '16Gi', pods: '10' } };

describe('a decision', () => {
  test('says what each filter said about each node, and how the scores came about', () => {
    const rig = rigWith(['node-1', { spec: { unschedulable: true } }], ['node-2'], ['node-3', LARGE]);
    rig.createPod(pod('p', {}, { cpu: '1', memory: '2Gi' }));
    rig.kernel.runUntilSettled();
    const [decision] = decisionsOf(rig, 'p');
    expect(decision).toMatchObject({
      component: 'kube-scheduler',
      profile: 'default-scheduler',
      attempt: 1,
      outcome: 'scheduled',
      node: 'node-3',
      nominated: false,
      nodeCount: 3,
      evaluatedCount: 3,
      feasibleCount: 2,
      detailed: true,
    });
    const [second, third, first] = decision!.nodes;
    expect(first).toMatchObject({
      node: 'node-1',
      outcome: 'rejected',
      rejectedBy: 'NodeUnschedulable',
      reasons: ['node(s) were unschedulable'],
    });
    expect(second).toMatchObject({ node: 'node-2', outcome: 'feasible', tied: false });
    expect(third).toMatchObject({ node: 'node-3', outcome: 'chosen', tied: true });
    expect(third!.scores.find(({ plugin }) => plugin === 'TaintToleration')).toEqual({
      plugin: 'TaintToleration',
      raw: 0,
      normalised: 100,
      weighted: 300,
    });
    expect(decision!.scorePlugins).toContainEqual({ plugin: 'TaintToleration', weight: 3 });
    for (const { scores, total } of [second!, third!]) {
      expect(scores.reduce((sum, { weighted }) => sum + weighted, 0)).toBe(total);
    }
    const verdicts = (of: typeof first): Record<string, string> =>
      Object.fromEntries(decision!.filterPlugins.map((plugin) => [plugin, filterVerdict(decision!, of!, plugin)]));
    expect(verdicts(first)).toMatchObject({
      NodeUnschedulable: 'rejected',
      NodeName: 'not asked',
      NodeAffinity: 'skipped',
      NodeResourcesFit: 'not asked',
    });
    expect(verdicts(third)).toMatchObject({
      NodeUnschedulable: 'passed',
      NodeName: 'passed',
      NodeAffinity: 'skipped',
      NodeResourcesFit: 'passed',
    });
  });

  test('names the equals among which chance has chosen', () => {
    const rig = rigWith(['node-1'], ['node-2'], ['node-3', { spec: { unschedulable: true } }]);
    rig.createPod(pod('p'));
    rig.kernel.runUntilSettled();
    const tied = decisionsOf(rig, 'p')[0]!.nodes.filter((each) => each.tied);
    expect(tied.map((each) => each.node)).toEqual(['node-1', 'node-2']);
  });

  test('says why there is no node, and what preemption would cost', () => {
    const rig = rigWith(['node-1', { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }]);
    rig.client.resource(PriorityClassKind).create({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'high' },
      value: 10,
    });
    rig.createPod(pod('low', {}, { cpu: '1' }));
    rig.kernel.runUntilSettled();
    rig.createPod(pod('high', { priorityClassName: 'high' }, { cpu: '1' }));
    rig.kernel.runFor(100);
    expect(decisionsOf(rig, 'high')[0]).toMatchObject({
      outcome: 'unschedulable',
      message: '0/1 nodes are available: 1 Insufficient cpu.',
      rejections: [{ plugin: 'NodeResourcesFit', nodes: 1 }],
      preemption: { node: 'node-1', candidates: [{ node: 'node-1', victims: ['lab/low'], violations: 0 }] },
    });
  });

  test('in a large cluster gives counts and the best few', () => {
    const nodes = Array.from({ length: 60 }, (_, i): Parameters<typeof node> =>
      i < 10 ? [`node-${i}`, { spec: { unschedulable: true } }] : i === 20 ? [`node-${i}`, LARGE] : [`node-${i}`],
    );
    const rig = rigWith(...nodes);
    rig.createPod(pod('p', {}, { cpu: '1', memory: '2Gi' }));
    rig.kernel.runUntilSettled();
    const [decision] = decisionsOf(rig, 'p');
    expect(decision).toMatchObject({
      detailed: false,
      nodes: [],
      nodeCount: 60,
      feasibleCount: 50,
      rejections: [{ plugin: 'NodeUnschedulable', nodes: 10 }],
    });
    expect(decision!.best).toHaveLength(5);
    expect(decision!.best[0]!.node).toBe('node-20');
  });
});

describe('the difference between two decisions', () => {
  const run = (cordoned: boolean, used: boolean): SchedulingDecision => {
    const rig = rigWith(['node-1', cordoned ? { spec: { unschedulable: true } } : {}], ['node-2'], ['node-3']);
    if (used) {
      rig.createPod(pod('there', { nodeName: 'node-2' }, { cpu: '2' }));
      rig.kernel.runUntilSettled();
    }
    rig.createPod(pod('p', {}, { cpu: '1', memory: '2Gi' }));
    rig.kernel.runUntilSettled();
    return decisionsOf(rig, 'p')[0]!;
  };

  test('is nothing between equal runs', () => {
    expect(differenceBetween(run(false, true), run(false, true))).toEqual({ same: true, weights: [], nodes: [] });
  });

  test('names the nodes that fared otherwise, and the scores that made the difference', () => {
    const difference = differenceBetween(run(false, false), run(true, true));
    expect(difference.same).toBe(false);
    const changed = Object.fromEntries(difference.nodes.map((each) => [each.node, each]));
    expect(changed['node-1']!.after).toMatchObject({ outcome: 'rejected', rejectedBy: 'NodeUnschedulable' });
    const fit = changed['node-2']!.scores.find(({ plugin }) => plugin === 'NodeResourcesFit')!;
    expect(fit.after!).toBeLessThan(fit.before!);
    expect(changed['node-2']!.totalBy!).toBeLessThan(0);
  });
});
