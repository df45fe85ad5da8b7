import { describe, expect, test } from 'vitest';
import { NodeKind } from '../../src/api/core/node.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import type { Container, Pod } from '../../src/api/types.ts';
import { ResourceUse } from '../../src/kubelet/runtime/resource-use.ts';
import { imagesBench, NODE, type Bench } from './harness.ts';

type Amounts = Readonly<Record<string, string>>;

const container = (requests: Amounts, rest: object = {}): Container => ({
  name: 'c',
  image: 'nginx:1.27',
  resources: { requests },
  ...rest,
});

function running(b: Bench, name: string, requests: Amounts, rest: object = {}): void {
  b.create(name, { containers: [container(requests, rest)] });
  b.kernel.runUntilSettled(60_000);
}

function resize(b: Bench, name: string, requests: Amounts): void {
  const pod = b.pod(name);
  const [first] = pod.spec.containers;
  const body = { ...pod, spec: { ...pod.spec, containers: [{ ...first!, resources: { requests } }] } } as Pod;
  b.client.resource(PodKind).subresource(name, 'lab', 'resize', 'update', body);
  b.kernel.runFor(5_000);
}

const allocated = (b: Bench, name: string): unknown => b.pod(name).status?.containerStatuses?.[0]?.allocatedResources;

const resizing = ({ status }: Pod): string[] =>
  (status?.conditions ?? [])
    .filter(({ type }) => type.startsWith('PodResize'))
    .map(({ type, reason = '', message = '' }) => `${type} ${reason} ${message}`.trim());

const told = (b: Bench, name: string): string[] =>
  b
    .events(name)
    .filter(({ reason }) => reason?.startsWith('Resize') || reason === 'Killing')
    .map(({ reason, message }) => `${reason}: ${message}`);

test('a container with another limit is throttled otherwise from then on', () => {
  const use = new ResourceUse(0.2);
  use.burn(1, 0);
  expect(use.cpuMs(10_000)).toBe(2000);
  use.limit(0.5, 10_000);
  expect(use.cpuMs(20_000)).toBe(7000);
});

describe('a Pod that is given other resources', () => {
  test('has them at once, and its conditions and events tell of it', () => {
    const b = imagesBench(['nginx:1.27']);
    running(b, 'web', { cpu: '100m', memory: '64Mi' });
    const seen: string[][] = [];
    const { user, userAgent } = b.client;
    const watching = { group: '', version: 'v1', resource: 'pods', namespace: 'lab', user, userAgent };
    b.server.watch(
      { ...watching, verb: 'watch', options: { resourceVersion: b.pod('web').metadata.resourceVersion! } },
      {
        events: (events) => events.forEach(({ object }) => seen.push(resizing(object as Pod))),
        closed: () => undefined,
      },
    );
    resize(b, 'web', { cpu: '200m', memory: '64Mi' });
    expect(allocated(b, 'web')).toEqual({ cpu: '200m', memory: '64Mi' });
    expect(seen).toEqual([[], ['PodResizeInProgress'], []]);
    const summary =
      '{"containers":[{"name":"c","resources":{"requests":{"cpu":"200m","memory":"64Mi"}}}],"generation":2}';
    expect(told(b, 'web')).toEqual([
      `ResizeStarted: Pod resize started: ${summary}`,
      `ResizeCompleted: Pod resize completed: ${summary}`,
    ]);
    expect(b.pod('web').status?.containerStatuses?.[0]?.restartCount).toBe(0);
  });

  test('is restarted where its policy says so', () => {
    const b = imagesBench(['nginx:1.27']);
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
    running(b, 'web', { cpu: '100m', memory: '64Mi' }, { resizePolicy });
    resize(b, 'web', { cpu: '200m', memory: '64Mi' });
    expect(b.pod('web').status?.containerStatuses?.[0]?.restartCount).toBe(0);
    resize(b, 'web', { cpu: '200m', memory: '128Mi' });
    b.kernel.runFor(40_000);
    expect(b.pod('web').status?.containerStatuses?.[0]?.restartCount).toBe(1);
    expect(told(b, 'web').some((line) => line === 'Killing: Container c resize requires restart')).toBe(true);
    expect(resizing(b.pod('web'))).toEqual([]);
  });

  test('waits for what others have, and keeps what it has meanwhile', () => {
    const b = imagesBench(['nginx:1.27']);
    const cpu = Number(b.client.resource(NodeKind).get(NODE).status!.allocatable!['cpu']);
    running(b, 'big', { cpu: String(cpu - 1) });
    running(b, 'web', { cpu: '500m' });
    resize(b, 'web', { cpu: '1500m' });
    const used = (cpu - 1) * 1000;
    expect(resizing(b.pod('web'))).toEqual([
      `PodResizePending Deferred Node didn't have enough resource: cpu, requested: 1500, used: ${used}, capacity: ${cpu * 1000}`,
    ]);
    expect(allocated(b, 'web')).toEqual({ cpu: '500m' });
    expect(told(b, 'web')).toEqual([
      expect.stringMatching(/^ResizeDeferred: Pod resize Deferred: \{.*"generation":2,"error":"Node/),
    ]);
    b.delete('big', 0);
    b.kernel.runFor(120_000);
    expect(resizing(b.pod('web'))).toEqual([]);
    expect(allocated(b, 'web')).toEqual({ cpu: '1500m' });
  });
});
