import { describe, expect, test } from 'vitest';
import { imagesBench } from './harness.ts';

describe('a kubelet that was away', () => {
  test('finds its Pods running and leaves them alone', () => {
    const b = imagesBench(['nginx:1.27']);
    b.create('web', { containers: [{ name: 'c', image: 'nginx:1.27' }] });
    b.kernel.runUntilSettled(60_000);
    const before = b.pod('web').status!.containerStatuses![0]!;
    b.kubelet.stop();
    b.kernel.runFor(60_000);
    b.kubelet.start();
    b.kernel.runFor(10_000);
    expect(b.pod('web').status!.containerStatuses![0]).toEqual(before);
  });

  test('removes the containers of a Pod that was deleted meanwhile', () => {
    const b = imagesBench(['nginx:1.27']);
    const pod = b.create('web', { containers: [{ name: 'c', image: 'nginx:1.27' }] });
    b.kernel.runUntilSettled(60_000);
    b.kubelet.stop();
    b.delete('web', 0);
    b.kubelet.start();
    b.kernel.runFor(10_000);
    expect(b.kubelet.runtime.pod(pod.metadata.uid!)).toBeUndefined();
  });

  test('takes up a deletion that began meanwhile', () => {
    const b = imagesBench(['nginx:1.27']);
    b.create('web', { containers: [{ name: 'c', image: 'nginx:1.27' }] });
    b.kernel.runUntilSettled(60_000);
    b.kubelet.stop();
    b.delete('web');
    b.kernel.runFor(1000);
    b.kubelet.start();
    b.kernel.runFor(10_000);
    expect(b.has('web')).toBe(false);
  });
});

describe('deleting', () => {
  test('by force ends the containers although the Pod is gone at once', () => {
    const b = imagesBench(['busybox:1.36']);
    const pod = b.create('box', { containers: [{ name: 'c', image: 'busybox:1.36', command: ['sleep', 'infinity'] }] });
    b.kernel.runFor(3000);
    b.delete('box', 0);
    expect(b.has('box')).toBe(false);
    b.kernel.runFor(10_000);
    expect(b.kubelet.runtime.pod(pod.metadata.uid!)).toBeUndefined();
  });

  test('again with less time hurries the containers', () => {
    const b = imagesBench(['busybox:1.36']);
    b.create('box', { containers: [{ name: 'c', image: 'busybox:1.36', command: ['sleep', 'infinity'] }] });
    b.kernel.runFor(3000);
    b.delete('box', 600);
    b.kernel.runFor(5000);
    expect(b.has('box')).toBe(true);
    b.delete('box', 1);
    b.kernel.runFor(6000);
    expect(b.has('box')).toBe(false);
  });
});

describe('logs', () => {
  const ask = (b: ReturnType<typeof imagesBench>, query: string): unknown =>
    b.kubelet.http(b.pod('box'), 'log', { method: 'GET', url: `/containerLogs?${query}`, headers: {} }).body;

  test('give the last lines, of the previous instance too', () => {
    const b = imagesBench(['busybox:1.36']);
    b.create('box', {
      containers: [{ name: 'c', image: 'busybox:1.36', command: ['sh', '-c', 'echo one; echo two; exit 1'] }],
    });
    b.kernel.runFor(5000);
    expect(ask(b, 'container=c')).toBe('one\ntwo\n');
    expect(ask(b, 'container=c&tailLines=1')).toBe('two\n');
    expect(ask(b, 'container=c&previous=true')).toBe('one\ntwo\n');
  });
});
