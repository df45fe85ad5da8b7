import { describe, expect, test } from 'vitest';
import { NodeKind } from '../../src/api/core/node.ts';
import { LeaseKind } from '../../src/api/coordination/lease.ts';
import { InstantRuntime } from '../../src/kubelet/index.ts';
import { Bench, NODE } from './harness.ts';

const bench = (): Bench => new Bench((kernel) => ({ runtime: new InstantRuntime(kernel) }));

describe('a kubelet with the instant runtime', () => {
  test('registers its node, says that it is ready, and renews its lease', () => {
    const { client, kernel } = bench();
    const node = client.resource(NodeKind).get(NODE);
    expect(node.status?.conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason}`)).toEqual([
      'MemoryPressure=False KubeletHasSufficientMemory',
      'DiskPressure=False KubeletHasNoDiskPressure',
      'PIDPressure=False KubeletHasSufficientPID',
      'Ready=True KubeletReady',
    ]);
    expect(node.status?.nodeInfo?.containerRuntimeVersion).toBe('fakeRuntime://0.1.0');
    const lease = (): string => client.resource(LeaseKind).get(NODE, 'kube-node-lease').spec!.renewTime!;
    const first = lease();
    kernel.runFor(11_000);
    expect(lease() > first).toBe(true);
  });

  test('brings a bound Pod to Ready in three status patches', () => {
    const b = bench();
    b.create('web', { containers: [{ name: 'c', image: 'nginx:1.27' }] });
    const from = b.kernel.trace.nextId;
    expect(b.kernel.runUntilSettled(60_000)).toBe(true);
    const { status } = b.pod('web');
    expect(status?.phase).toBe('Running');
    expect(status?.conditions?.map(({ type, status: is }) => `${type}=${is}`)).toEqual([
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
      'PodScheduled=True',
    ]);
    expect(status?.podIP).toBe('192.168.192.168');
    const writes = b.kernel.trace.since(from).filter(({ name }) => name === 'patch pods/status lab/web');
    expect(writes).toHaveLength(3);
    expect(b.events('web').map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      'Pulling: Pulling image "nginx:1.27"',
      'Pulled: Successfully pulled image "nginx:1.27" in 0s (0s including waiting). Image size: 1 bytes.',
      'Created: Container created',
      'Started: Container started',
    ]);
  });

  test('takes a deleted Pod through its end', () => {
    const b = bench();
    b.create('web', { containers: [{ name: 'c', image: 'nginx:1.27' }] });
    b.kernel.runUntilSettled(60_000);
    b.delete('web');
    expect(b.pod('web').metadata.deletionGracePeriodSeconds).toBe(30);
    b.kernel.runFor(5000);
    expect(b.has('web')).toBe(false);
    expect(b.events('web').at(-1)).toMatchObject({ reason: 'Killing', message: 'Stopping container c' });
  });

  test('refuses a Pod that does not fit', () => {
    const b = bench();
    b.create('big', { containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '100' } } }] });
    b.kernel.runFor(2000);
    expect(b.pod('big').status).toMatchObject({
      phase: 'Failed',
      reason: 'OutOfcpu',
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 100000, used: 0, capacity: 4000",
    });
  });
});
