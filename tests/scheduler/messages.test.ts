import { describe, expect, test } from 'vitest';
import type { Pod } from '../../src/api/types.ts';
import { fitMessage } from '../../src/scheduler/fit-error.ts';
import { Bench, node, pod } from './objects.ts';

/** What FailedScheduling would say of the nodes, without the part about preemption. */
function refusal(bench: Bench, object: Pod): string {
  const placement = bench.place(object);
  expect(placement.node).toBeUndefined();
  return fitMessage(placement.rejections);
}

/** The part that PostFilter plugins add. */
function afterthought(bench: Bench, object: Pod): string | undefined {
  const { cycle, rejections } = bench.place(object);
  return bench.framework.postFilter(cycle, rejections).status?.reasons.join(', ');
}

describe('the words of a refusal', () => {
  test('count reasons and sort them; a node can give two', () => {
    const small = { allocatable: { cpu: '1', memory: '3840Mi', pods: '110' } };
    const bench = new Bench([
      node('node-1', small),
      node('node-2', small),
      node('node-3', small),
      node('mixed-1', { allocatable: { cpu: '4', memory: '1Gi', pods: '10' } }),
      node('mixed-2', { spec: { unschedulable: true } }),
      node('mixed-3', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } }),
    ]);
    const p = pod('p', {}, { cpu: '2', memory: '4Gi' });
    expect(refusal(bench, p)).toBe(
      '0/6 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 3 Insufficient cpu, 4 Insufficient memory.',
    );
    expect(afterthought(bench, p)).toBe(
      'no new claims to deallocate, preemption: 0/6 nodes are available: 6 Preemption is not helpful for scheduling.',
    );
  });

  test('tell apart what eviction could change', () => {
    const bench = new Bench([
      node('node-1'),
      node('node-2'),
      node('node-3', { allocatable: { cpu: '4', memory: '8Gi', pods: '10', 'example.com/gpu': '2' } }),
    ]);
    expect(bench.put(pod('one', {}, { 'example.com/gpu': '2' }))).toBe('node-3');
    const two = pod('two', {}, { 'example.com/gpu': '1' });
    expect(refusal(bench, two)).toBe('0/3 nodes are available: 3 Insufficient example.com/gpu.');
    expect(afterthought(bench, two)).toBe(
      'no new claims to deallocate, preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.',
    );
    expect(afterthought(bench, pod('never', { preemptionPolicy: 'Never' }, { 'example.com/gpu': '1' }))).toBe(
      'no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
    );
  });

  test('name full nodes and taken ports', () => {
    const bench = new Bench([node('node-1', { allocatable: { cpu: '4', memory: '8Gi', pods: '1' } })]);
    const port = (hostPort: number, hostIP?: string): Pod =>
      pod(`port-${hostPort}-${hostIP}`, {
        containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, hostPort, protocol: 'TCP', hostIP }] }],
      });
    bench.put(port(8080));
    expect(refusal(bench, pod('p'))).toBe('0/1 nodes are available: 1 Too many pods.');
    expect(refusal(bench, port(8080, '127.0.0.1'))).toBe(
      "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
    );
  });

  test('name the plugin that asked for other nodes', () => {
    const bench = new Bench([node('node-1', { spec: { unschedulable: true } }), node('node-2'), node('node-3')]);
    const matchFields = [{ key: 'metadata.name', operator: 'In' as const, values: ['node-1'] }];
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } };
    expect(refusal(bench, pod('p', { affinity: { nodeAffinity } }))).toBe(
      "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].",
    );
  });
});
