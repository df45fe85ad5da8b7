import { describe, expect, test } from 'vitest';
import { NodeKind } from '../../src/api/core/node.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import { LeaseKind } from '../../src/api/coordination/lease.ts';
import { formatMicroTime, formatTime } from '../../src/api/meta.ts';
import type { Node, Pod, Taint, Toleration } from '../../src/api/types.ts';
import { toleratedSeconds } from '../../src/controllers/taint-eviction.ts';
import { Rig } from './rig.ts';

const node = (rig: Rig, name: string): Node => rig.client.resource(NodeKind).get(name);
const ready = (rig: Rig, name: string): string | undefined =>
  node(rig, name).status?.conditions?.find(({ type }) => type === 'Ready')?.status;
const taints = (rig: Rig, name: string): string[] =>
  (node(rig, name).spec.taints ?? []).map(({ key, effect }) => `${key} ${effect}`).sort();

function runPod(rig: Rig, name: string, nodeName: string, tolerations: Toleration[] = []): void {
  const pods = rig.client.resource(PodKind);
  const pod = pods.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'lab' },
    spec: { nodeSelector: { by: 'hand' }, containers: [{ name: 'c', image: 'nginx' }], tolerations },
  });
  rig.start(pod, nodeName);
  rig.settle();
}

const unreachable = (tolerationSeconds?: number): Toleration => ({
  key: 'node.kubernetes.io/unreachable',
  operator: 'Exists',
  effect: 'NoExecute',
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});

test('nodes get address ranges of their own, one after another', () => {
  const rig = new Rig();
  expect(['node-1', 'node-2', 'node-3'].map((name) => node(rig, name).spec.podCIDR)).toEqual([
    '10.244.0.0/24',
    '10.244.1.0/24',
    '10.244.2.0/24',
  ]);
  expect(node(rig, 'node-1').metadata.annotations).toEqual({ 'node.alpha.kubernetes.io/ttl': '0' });
});

describe('a node that falls silent', () => {
  function silence(): Rig {
    const rig = new Rig();
    rig.run(12_000);
    runPod(rig, 'short', 'node-1', [unreachable(1)]);
    runPod(rig, 'long', 'node-1', [unreachable()]);
    rig.silent.add('node-1');
    return rig;
  }

  test('becomes Unknown after the grace period', () => {
    const rig = silence();
    rig.run(40_000);
    expect(ready(rig, 'node-1')).toBe('True');
    rig.run(30_000);
    expect(
      node(rig, 'node-1').status!.conditions!.map((c) => `${c.type} ${c.status} ${c.reason} ${c.message}`),
    ).toEqual([
      'Ready Unknown NodeStatusUnknown Kubelet stopped posting node status.',
      'MemoryPressure Unknown NodeStatusNeverUpdated Kubelet never posted node status.',
      'DiskPressure Unknown NodeStatusNeverUpdated Kubelet never posted node status.',
      'PIDPressure Unknown NodeStatusNeverUpdated Kubelet never posted node status.',
    ]);
    expect(ready(rig, 'node-2')).toBe('True');
  });

  test('is tainted, its Pods are not ready, and those that do not tolerate it go', () => {
    const rig = silence();
    rig.run(70_000);
    expect(taints(rig, 'node-1')).toEqual([
      'node.kubernetes.io/unreachable NoExecute',
      'node.kubernetes.io/unreachable NoSchedule',
    ]);
    const shown = (pod: Pod): string[] =>
      (pod.status?.conditions ?? []).map((c) => `${c.type} ${c.status} ${c.reason ?? ''}|${c.message ?? ''}`);
    const pods = rig.client.resource(PodKind);
    expect(shown(pods.get('long', 'lab'))).toContain('Ready False |');
    expect(pods.get('long', 'lab').metadata.deletionTimestamp).toBeUndefined();
    expect(shown(pods.get('short', 'lab'))).toContain(
      'DisruptionTarget True DeletionByTaintManager|Taint manager: deleting due to NoExecute taint',
    );
    expect(pods.get('short', 'lab').metadata).toMatchObject({ deletionGracePeriodSeconds: 30 });
    const events = rig
      .events('Pod')
      .map((e) => `${e.type} ${e.reason} ${e.source!.component} ${e.involvedObject.name} ${e.message}`);
    expect(events.sort()).toEqual([
      'Normal TaintManagerEviction taint-eviction-controller short Marking for deletion Pod lab/short',
      'Warning NodeNotReady node-controller long Node is not ready',
      'Warning NodeNotReady node-controller short Node is not ready',
    ]);
    expect(rig.events('Node', 'default').map(({ message }) => message)).toContain(
      'Node node-1 status is now: NodeNotReady',
    );
  });

  test('is free of taints when it comes back', () => {
    const rig = silence();
    rig.run(70_000);
    rig.silent.delete('node-1');
    const conditions = node(rig, 'node-1').status!.conditions!.map((c) => ({
      ...c,
      lastHeartbeatTime: formatTime(rig.kernel.now),
      status: c.type === 'Ready' ? 'True' : 'False',
    }));
    rig.client
      .resource(NodeKind)
      .patch('node-1', undefined, 'strategic', { status: { conditions } }, { subresource: 'status' });
    rig.run(10_000);
    expect(taints(rig, 'node-1')).toEqual([]);
    expect(ready(rig, 'node-1')).toBe('True');
  });

  test('keeps its Pods when every node everywhere is silent', () => {
    const rig = new Rig();
    runPod(rig, 'p', 'node-1');
    for (const name of ['node-1', 'node-2', 'node-3']) rig.silent.add(name);
    rig.run(600_000);
    expect(taints(rig, 'node-1')).toEqual(['node.kubernetes.io/unreachable NoSchedule']);
    expect(rig.client.resource(PodKind).get('p', 'lab').metadata.deletionTimestamp).toBeUndefined();
  });
});

test('a node whose kubelet itself says that it is not ready is tainted, and its Pods are left to the kubelet', () => {
  const rig = new Rig();
  runPod(rig, 'p', 'node-1', [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists' }]);
  rig.run(10_000);
  const { conditions = [] } = node(rig, 'node-1').status!;
  const status = { conditions: conditions.map((c) => (c.type === 'Ready' ? { ...c, status: 'False' } : c)) };
  rig.client.resource(NodeKind).patch('node-1', undefined, 'strategic', { status }, { subresource: 'status' });
  rig.run(10_000);
  expect(taints(rig, 'node-1')).toEqual([
    'node.kubernetes.io/not-ready NoExecute',
    'node.kubernetes.io/not-ready NoSchedule',
  ]);
  expect(rig.events('Pod').map(({ reason }) => reason)).not.toContain('NodeNotReady');
  expect(rig.events('Node', 'default').map(({ reason }) => reason)).not.toContain('NodeNotReady');
});

test('a lease that is renewed keeps a node alive', () => {
  const rig = new Rig();
  rig.run(300_000);
  expect(ready(rig, 'node-1')).toBe('True');
  const leases = rig.client.resource(LeaseKind);
  expect(leases.get('node-1', 'kube-node-lease').spec.renewTime).not.toBe(formatMicroTime(rig.kernel.epochMs));
});

test('a cordoned node is tainted', () => {
  const rig = new Rig();
  rig.client.resource(NodeKind).patch('node-2', undefined, 'strategic', { spec: { unschedulable: true } });
  rig.settle();
  expect(taints(rig, 'node-2')).toEqual(['node.kubernetes.io/unschedulable NoSchedule']);
  rig.client.resource(NodeKind).patch('node-2', undefined, 'strategic', { spec: { unschedulable: null } });
  rig.settle();
  expect(taints(rig, 'node-2')).toEqual([]);
});

test('Pods of a node that no longer exists are collected', () => {
  const rig = new Rig();
  runPod(rig, 'p', 'node-3');
  rig.client.resource(NodeKind).delete('node-3');
  rig.run(50_000);
  expect(rig.pods().map(({ metadata }) => metadata.name)).toEqual(['p']);
  rig.run(30_000);
  expect(rig.pods()).toEqual([]);
});

describe('toleratedSeconds', () => {
  const taint = (key: string): Taint => ({ key, effect: 'NoExecute' });
  const pod = (...tolerations: Toleration[]): Pod => ({ ...({} as Pod), spec: { containers: [], tolerations } });
  test.each([
    ['no toleration', pod(), 0],
    ['for ever', pod({ operator: 'Exists' }), Infinity],
    ['for a while', pod({ key: 'a', operator: 'Exists', tolerationSeconds: 30 }), 30],
    [
      'the shortest counts',
      pod({ key: 'a', operator: 'Exists', tolerationSeconds: 30 }, { operator: 'Exists', tolerationSeconds: 5 }),
      5,
    ],
    ['another value', pod({ key: 'a', operator: 'Equal', value: 'x' }), 0],
    ['negative is at once', pod({ key: 'a', operator: 'Exists', tolerationSeconds: -5 }), 0],
  ])('%s', (_, given, seconds) => {
    expect(toleratedSeconds(given, [taint('a')])).toBe(seconds);
  });
});

describe('a zone', () => {
  /** Nodes of zone-1, three more in other zones, and Pods on them. */
  function rigWithZone(size: number): Rig {
    const rig = new Rig({ pods: 'left alone' });
    for (let i = 2; i <= size; i++) rig.addNode(`node-1-${i}`, 'zone-1');
    rig.run(10_000);
    return rig;
  }

  const isEvicting = (rig: Rig, name: string): boolean =>
    taints(rig, name).includes('node.kubernetes.io/unreachable NoExecute');

  test('that is all gone loses its Pods node by node, one every ten seconds', () => {
    const rig = rigWithZone(3);
    const names = ['node-1', 'node-1-2', 'node-1-3'];
    for (const name of names) rig.silent.add(name);
    const evicting = (): number => names.filter((name) => isEvicting(rig, name)).length;
    while (evicting() === 0) rig.run(1_000);
    expect(evicting()).toBe(1);
    rig.run(5_000);
    expect(evicting()).toBe(1);
    rig.run(6_000);
    expect(evicting()).toBe(2);
    rig.run(10_000);
    expect(evicting()).toBe(3);
  });

  test('of which most is gone at once keeps its Pods: it is small, and who knows', () => {
    const rig = rigWithZone(5);
    const names = ['node-1', 'node-1-2', 'node-1-3'];
    for (const name of names) rig.silent.add(name);
    rig.run(600_000);
    for (const name of names) expect(taints(rig, name)).toEqual(['node.kubernetes.io/unreachable NoSchedule']);
  });
});
