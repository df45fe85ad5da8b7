import { describe, expect, test } from 'vitest';
import { NodeKind } from '../../src/api/core/node.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import type { Pod } from '../../src/api/types.ts';
import { node, pod } from './objects.ts';
import { SchedulingRig } from './scheduling-rig.ts';

function rigWith(...nodes: Parameters<typeof node>[]): SchedulingRig {
  const rig = new SchedulingRig();
  for (const each of nodes) rig.createNode(node(...each));
  rig.kernel.runUntilSettled();
  return rig;
}

const messages = (rig: SchedulingRig): (string | undefined)[] =>
  rig.events('FailedScheduling').map(({ message }) => message);

describe('a Pod that fits', () => {
  test('is bound, with an event that says so', () => {
    const rig = rigWith(['node-1']);
    rig.createPod(pod('p'));
    rig.kernel.runUntilSettled();
    expect(rig.nodeOf('p')).toBe('node-1');
    expect(rig.pod('p').status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }]);
    expect(rig.events('Scheduled')).toMatchObject([
      {
        type: 'Normal',
        action: 'Binding',
        message: 'Successfully assigned lab/p to node-1',
        reportingComponent: 'default-scheduler',
        involvedObject: { kind: 'Pod', namespace: 'lab', name: 'p' },
      },
    ]);
  });

  test('is counted before its binding is written', () => {
    const rig = rigWith(['node-1', { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }]);
    rig.createPod(pod('a', {}, { cpu: '600m' }));
    rig.createPod(pod('b', {}, { cpu: '600m' }));
    rig.kernel.runFor(1_000);
    expect([rig.nodeOf('a'), rig.nodeOf('b')]).toEqual(['node-1', undefined]);
  });

  test('leaves a span with the verdict of every node and the scores of the others', () => {
    const rig = rigWith(
      ['node-1', { spec: { unschedulable: true } }],
      ['node-2'],
      ['node-3', { allocatable: { cpu: '8', memory: '16Gi', pods: '10' } }],
    );
    rig.createPod(pod('p', {}, { cpu: '1', memory: '2Gi' }));
    rig.kernel.runUntilSettled();
    const span = rig.kernel.trace.since(1).find(({ name }) => name === 'schedule lab/p')!;
    expect(span).toMatchObject({
      component: 'kube-scheduler',
      attributes: {
        node: 'node-3',
        nodes: 3,
        feasibleNodes: 2,
        'filter/node-1': ['NodeUnschedulable', 'node(s) were unschedulable'],
        feasible: ['node-2', 'node-3'],
        'score/NodeResourcesFit/raw': [75, 87],
        'score/TaintToleration/weighted': [300, 300],
        total: [450, 462],
      },
    });
    const chain = rig.kernel.trace.causes(span.id).map(({ name }) => name);
    expect(chain).toContain('create pods lab/p');
  });
});

describe('a Pod that does not fit', () => {
  test('says why, in an event and in its status', () => {
    const rig = rigWith(['node-1'], ['node-2'], ['node-3']);
    rig.createPod(pod('p', {}, { cpu: '5' }));
    rig.kernel.runFor(500);
    const message =
      '0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, ' +
      'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.';
    expect(rig.events('FailedScheduling')).toMatchObject([
      { type: 'Warning', action: 'Scheduling', message, reportingComponent: 'default-scheduler' },
    ]);
    expect(rig.pod('p').status?.conditions).toMatchObject([
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, observedGeneration: 1 },
    ]);
  });

  test('is tried again when a node changes in a way that helps, and only then', () => {
    const rig = rigWith(['node-1']);
    rig.createPod(pod('p', { nodeSelector: { disk: 'ssd' } }));
    rig.kernel.runFor(500);
    const nodes = rig.client.resource(NodeKind);
    nodes.patch('node-1', undefined, 'merge', { metadata: { labels: { rack: '7' } } });
    rig.kernel.runFor(20_000);
    expect(messages(rig)).toHaveLength(1);
    nodes.patch('node-1', undefined, 'merge', { metadata: { labels: { disk: 'ssd' } } });
    rig.kernel.runFor(500);
    expect(rig.nodeOf('p')).toBe('node-1');
  });

  test('is tried again when a Pod leaves', () => {
    const rig = rigWith(['node-1', { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }]);
    rig.createPod(pod('a', {}, { cpu: '1' }));
    rig.kernel.runFor(500);
    rig.createPod(pod('b', {}, { cpu: '1' }));
    rig.kernel.runFor(500);
    expect(messages(rig)).toEqual([
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, ' +
        'preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    ]);
    rig.client.resource(PodKind).delete('a', 'lab', { gracePeriodSeconds: 0 });
    rig.kernel.runFor(20_000);
    expect(rig.nodeOf('b')).toBe('node-1');
  });

  test('is tried again when the Pods of one more node count, whose taints are gone', () => {
    const TAINT = { key: 'k', effect: 'NoSchedule' } as const;
    // Cordoned, so that only spreading cares about the taint.
    const rig = rigWith(['node-1'], ['node-2', { spec: { unschedulable: true, taints: [TAINT] } }]);
    const spread = {
      maxSkew: 1,
      minDomains: 2,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'DoNotSchedule',
      nodeTaintsPolicy: 'Honor',
      labelSelector: { matchLabels: { app: 'web' } },
    } as const;
    const labelled = (made: Pod): Pod => ({ ...made, metadata: { ...made.metadata, labels: { app: 'web' } } });
    rig.createPod(labelled(pod('there', { nodeName: 'node-2' })));
    for (const name of ['a', 'b']) {
      rig.createPod(labelled(pod(name, { topologySpreadConstraints: [spread] })));
      rig.kernel.runFor(500);
    }
    expect(rig.nodeOf('a')).toBe('node-1');
    expect(rig.nodeOf('b')).toBeUndefined();
    rig.client.resource(NodeKind).patch('node-2', undefined, 'merge', { spec: { taints: null } });
    rig.kernel.runFor(20_000);
    expect(rig.nodeOf('b')).toBe('node-1');
  });

  test('is tried in order of priority once there is room', () => {
    const rig = rigWith(['node-1', { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }]);
    rig.createPod(pod('low', { nodeSelector: { lab: 'x' }, priority: 0 }, { cpu: '1' }));
    rig.kernel.runFor(15_000);
    const high = pod('high', { nodeSelector: { lab: 'x' } }, { cpu: '1' });
    rig.createPod({
      ...high,
      spec: { ...high.spec, priorityClassName: 'system-node-critical' },
    });
    rig.kernel.runFor(15_000);
    rig.createNode(node('node-2', { labels: { lab: 'x' }, allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }));
    rig.kernel.runFor(15_000);
    expect(rig.nodeOf('high')).toBe('node-2');
    expect(rig.nodeOf('low')).toBeUndefined();
  });

  test('waits in a cluster without nodes', () => {
    const rig = rigWith();
    rig.createPod(pod('p'));
    rig.kernel.runFor(500);
    expect(messages(rig)).toEqual(['no nodes available to schedule pods']);
    rig.createNode(node('node-1'));
    rig.kernel.runFor(15_000);
    expect(rig.nodeOf('p')).toBe('node-1');
  });

  test('is spoken of once more per version of it; further repetitions are a series', () => {
    const rig = rigWith();
    rig.createPod(pod('p'));
    rig.kernel.runFor(60_000);
    const series = rig.events('FailedScheduling').map((event) => event.series?.count);
    // The first event came before the condition that says the same, the second after it.
    expect(series).toEqual([undefined, 2]);
  });
});

describe('whom it leaves alone', () => {
  test('Pods with scheduling gates, until the last is gone', () => {
    const rig = rigWith(['node-1']);
    rig.createPod(pod('p', { schedulingGates: [{ name: 'example.com/a' }] }));
    rig.kernel.runFor(60_000);
    expect(rig.nodeOf('p')).toBeUndefined();
    expect(rig.client.resource(PodKind).list().items).toHaveLength(1);
    expect(messages(rig)).toEqual([]);
    const patch = [{ op: 'remove', path: '/spec/schedulingGates' }];
    rig.client.resource(PodKind).patch('p', 'lab', 'json', patch);
    rig.kernel.runFor(500);
    expect(rig.nodeOf('p')).toBe('node-1');
  });

  test('Pods of other schedulers', () => {
    const rig = rigWith(['node-1']);
    rig.createPod(pod('p', { schedulerName: 'mine' }));
    rig.kernel.runFor(60_000);
    expect(rig.pod('p').status).not.toHaveProperty('conditions');
  });
});
