import { expect, test } from 'vitest';
import { PriorityClassKind } from '../../src/api/scheduling/priority-class.ts';
import type { PostJson } from '../../src/scheduler/configuration/extenders.ts';
import { node, pod } from './objects.ts';
import { SchedulingRig } from './scheduling-rig.ts';

interface Call {
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A rig whose scheduler has one extender, answered by `answer`; and what the extender was sent. */
function rigWith(answer: (call: Call) => unknown, verbs: object): { rig: SchedulingRig; calls: Call[] } {
  const calls: Call[] = [];
  const post: PostJson = (url, body) => {
    const call = { url, body: body as Call['body'] };
    calls.push(call);
    return answer(call);
  };
  const extender = { urlPrefix: 'http://extender.lab/v1/', nodeCacheCapable: true, ...verbs };
  const rig = new SchedulingRig({ configuration: { extenders: [extender] }, post });
  for (const name of ['node-1', 'node-2', 'node-3']) {
    rig.createNode(node(name, { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }));
  }
  rig.kernel.runUntilSettled();
  return { rig, calls };
}

test('an extender filters and scores by its verbs, and sees names where it knows the nodes itself', () => {
  const { rig, calls } = rigWith(
    ({ url }) =>
      url.endsWith('/filter')
        ? { nodenames: ['node-1', 'node-2'], failedNodes: { 'node-3': 'too far' } }
        : [
            { host: 'node-1', score: 1 },
            { host: 'node-2', score: 10 },
          ],
    { filterVerb: 'filter', prioritizeVerb: 'prioritize', weight: 5 },
  );
  rig.createPod(pod('p'));
  rig.kernel.runUntilSettled();
  expect(rig.nodeOf('p')).toBe('node-2');
  expect(calls.map(({ url }) => url)).toEqual(['http://extender.lab/v1/filter', 'http://extender.lab/v1/prioritize']);
  expect(calls[0]!.body['nodenames']).toEqual(['node-1', 'node-2', 'node-3']);
});

test('an extender binds where it has the verb', () => {
  const { rig, calls } = rigWith(() => ({}), { bindVerb: 'bind' });
  rig.createPod(pod('p'));
  rig.kernel.runFor(1_000);
  expect(calls[0]!.body).toMatchObject({ podName: 'p', podNamespace: 'lab' });
});

test('an extender has a say in who is evicted', () => {
  const { rig } = rigWith(
    ({ body }) => {
      const all = body['nodeNameToMetaVictims'] as Record<string, unknown>;
      return { nodeNameToMetaVictims: { 'node-3': all['node-3'] } };
    },
    { preemptVerb: 'preempt' },
  );
  rig.client.resource(PriorityClassKind).create({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'high' },
    value: 10,
  });
  for (const name of ['a', 'b', 'c']) rig.createPod(pod(name, {}, { cpu: '1' }));
  rig.kernel.runUntilSettled();
  rig.createPod(pod('important', { priorityClassName: 'high' }, { cpu: '1' }));
  rig.kernel.runFor(100);
  expect(rig.pod('important').status?.nominatedNodeName).toBe('node-3');
});

test('one that cannot be reached fails the attempt, unless it is ignorable', () => {
  const configuration = (ignorable: boolean) => ({
    extenders: [{ urlPrefix: 'http://nowhere', filterVerb: 'filter', ignorable }],
  });
  const strict = new SchedulingRig({ configuration: configuration(false) });
  const lenient = new SchedulingRig({ configuration: configuration(true) });
  for (const rig of [strict, lenient]) {
    rig.createNode(node('node-1'));
    rig.createPod(pod('p'));
    rig.kernel.runFor(500);
  }
  expect(lenient.nodeOf('p')).toBe('node-1');
  expect(strict.nodeOf('p')).toBeUndefined();
  expect(strict.events('FailedScheduling')[0]!.message).toBe(
    'Post "http://nowhere/filter": dial tcp: connect: connection refused',
  );
});
