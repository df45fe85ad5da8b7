import { assert, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { dealHand, flowHash } from '../../src/apiserver/flow-control/shuffle-sharding.ts';
import { controlFlows } from '../../src/apiserver/flow-control/flow-objects.ts';
import { allocateSeats } from '../../src/apiserver/flow-control/seat-allocation.ts';
import type { HttpResponse, UserInfo } from '../../src/apiserver/index.ts';
import type { UntypedObject } from '../../src/api/object.ts';
import { Rig } from './rig.ts';

const FLOW = { group: 'flowcontrol.apiserver.k8s.io', version: 'v1', namespace: undefined };
const ADMIN: UserInfo = { username: 'root', groups: ['system:masters'] };
const jane: UserInfo = { username: 'jane', groups: ['system:authenticated'] };

const limited = (queuing?: object): object => ({
  type: 'Limited',
  limited: { nominalConcurrencyShares: 10, limitResponse: queuing ? { type: 'Queue', queuing } : { type: 'Reject' } },
});

class Controlled extends Rig {
  constructor() {
    super({ extensions: [controlFlows] });
    this.level('exempt', { type: 'Exempt' });
    this.level('small', limited({ queues: 1, handSize: 1, queueLengthLimit: 2 }));
    this.schema('masters', 10, 'exempt', { kind: 'Group', group: { name: 'system:masters' } });
    this.kernel.runFor(100);
  }

  level(name: string, spec: object): void {
    const body = { metadata: { name }, spec };
    this.ask({ ...FLOW, resource: 'prioritylevelconfigurations', verb: 'create', body, user: ADMIN });
  }

  schema(
    name: string,
    matchingPrecedence: number,
    level: string,
    subject: object,
    rest: object = {},
    by?: object,
  ): void {
    const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true };
    const rules = [{ subjects: [subject], resourceRules: [{ ...everything, ...rest }] }];
    const spec = {
      matchingPrecedence,
      priorityLevelConfiguration: { name: level },
      rules,
      ...(by ? { distinguisherMethod: by } : {}),
    };
    this.ask({ ...FLOW, resource: 'flowschemas', verb: 'create', body: { metadata: { name }, spec }, user: ADMIN });
  }

  of(user: UserInfo, verb = 'list', resource = 'pods'): string | undefined {
    const digest = { user, verb, path: '', resource: { group: '', resource, namespace: 'default' } };
    return this.server.flowControl?.classify(digest)?.schema.metadata.name;
  }

  dangling(name: string): string | undefined {
    this.kernel.runFor(100);
    const found = this.ask({ ...FLOW, resource: 'flowschemas', verb: 'get', name, user: ADMIN });
    const { conditions } = (found as UntypedObject & { status: { conditions?: { reason: string; message: string }[] } })
      .status;
    return conditions?.[0]?.message;
  }
}

const TURNED_AWAY = 'the server has received too many requests and has asked us to try again later';
const JANE = { kind: 'User', user: { name: 'jane' } };

describe('a request', () => {
  test('belongs to the first schema that is about it', () => {
    const rig = new Controlled();
    rig.schema('b-jane', 500, 'small', JANE);
    rig.schema('a-jane', 500, 'small', JANE, { resources: ['pods/log'] });
    rig.schema('last', 9000, 'small', { kind: 'User', user: { name: '*' } });
    expect(rig.of(ADMIN)).toBe('masters');
    expect(rig.of(jane)).toBe('b-jane');
    expect(rig.of(jane, 'get', 'pods/log')).toBe('a-jane');
    expect(rig.of({ username: 'joe', groups: [] })).toBe('last');
  });

  test('passes over schemas whose level is not there, which say so', () => {
    const rig = new Controlled();
    rig.schema('lost', 20, 'nowhere', JANE);
    rig.schema('found', 30, 'small', JANE);
    expect(rig.of(jane)).toBe('found');
    const refers = (level: string): string =>
      `This FlowSchema references the PriorityLevelConfiguration object named "${level}"`;
    expect(rig.dangling('lost')).toBe(`${refers('nowhere')} but there is no such object`);
    expect(rig.dangling('found')).toBe(`${refers('small')} and it exists`);
    rig.level('nowhere', limited());
    expect(rig.dangling('lost')).toBe(`${refers('nowhere')} and it exists`);
    expect(rig.of(jane)).toBe('lost');
  });

  test('is answered with the uids of its schema and level, refusals too', () => {
    const rig = new Controlled();
    const uid = (resource: string, name: string): string | undefined =>
      rig.ask({ ...FLOW, resource, verb: 'get', name, user: ADMIN }).metadata.uid;
    const { headers } = rig.server.http({
      method: 'GET',
      url: '/api/v1/namespaces/default/pods/nope',
      headers: {},
      user: ADMIN,
    });
    expect(headers['x-kubernetes-pf-flowschema-uid']).toBe(uid('flowschemas', 'masters'));
    expect(headers['x-kubernetes-pf-prioritylevel-uid']).toBe(uid('prioritylevelconfigurations', 'exempt'));
  });
});

describe('enforced', () => {
  const list = (rig: Rig, user: UserInfo): string => {
    try {
      rig.ask({ verb: 'list', resource: 'pods', user });
    } catch (error) {
      return (error as Error).message;
    }
    return 'answered';
  };

  test('a level has seats, then queues, and then turns requests away', () => {
    const rig = new Controlled();
    rig.schema('jane', 500, 'small', JANE);
    rig.server.flowControl!.enforce({ seats: 1, durationMs: () => 100 });
    const level = rig.server.flowControl!.levels.find(({ name }) => name === 'small')!;
    expect(level.limit).toBe(1);
    expect([list(rig, jane), list(rig, jane), list(rig, jane)]).toEqual(['answered', 'answered', 'answered']);
    expect([level.executing, level.waiting]).toEqual([1, 2]);
    expect(list(rig, jane)).toBe(TURNED_AWAY);
    expect(list(rig, ADMIN)).toBe('answered');
    rig.kernel.runFor(150);
    expect([level.executing, level.waiting]).toEqual([1, 1]);
    rig.kernel.runFor(1000);
    expect([level.executing, level.waiting, level.dispatched, level.waitedMs]).toEqual([0, 0, 3, 300]);
  });

  test('a level without queues turns away at once', () => {
    const rig = new Controlled();
    rig.level('none', limited());
    rig.schema('jane', 500, 'none', JANE);
    rig.server.flowControl!.enforce({ seats: 2, durationMs: () => 100 });
    expect([list(rig, jane), list(rig, jane)]).toEqual(['answered', TURNED_AWAY]);
  });
});

describe('a client that can wait', () => {
  const ask = (rig: Rig, user: UserInfo, url = '/api/v1/namespaces/default/pods'): { answers: HttpResponse[] } => {
    const seen: { answers: HttpResponse[] } = { answers: [] };
    rig.server.httpInTurn({ method: 'GET', url, headers: {}, user }, (response) => seen.answers.push(response));
    return seen;
  };
  const status = ({ answers }: { answers: HttpResponse[] }): number | undefined => answers[0]?.status;

  test('is answered when it has had its seat, in its turn', () => {
    const rig = new Controlled();
    rig.schema('jane', 500, 'small', JANE);
    rig.server.flowControl!.enforce({ seats: 1, durationMs: () => 100 });
    const asked = [ask(rig, jane), ask(rig, jane), ask(rig, jane)];
    expect(asked.map(status)).toEqual([undefined, undefined, undefined]);
    rig.kernel.runFor(100);
    expect(asked.map(status)).toEqual([200, undefined, undefined]);
    rig.kernel.runFor(100);
    expect(asked.map(status)).toEqual([200, 200, undefined]);
    rig.kernel.runFor(100);
    expect(asked.map(status)).toEqual([200, 200, 200]);
  });

  test('is told in plain text to come back when the queue is full', () => {
    const rig = new Controlled();
    rig.schema('jane', 500, 'small', JANE);
    rig.server.flowControl!.enforce({ seats: 1, durationMs: () => 100 });
    for (let i = 0; i < 3; i++) ask(rig, jane);
    const [refused] = ask(rig, jane).answers;
    expect(refused?.status).toBe(429);
    expect(refused?.body).toBe('Too many requests, please try again later.\n');
    expect(refused?.headers['retry-after']).toBe('1');
    expect(refused?.headers['x-kubernetes-pf-flowschema-uid']).toBeTruthy();
    const path = ask(rig, jane, '/version');
    rig.kernel.runFor(1000);
    expect(status(path)).toBe(200);
  });

  test('does not wait for ever', () => {
    const rig = new Controlled();
    rig.schema('jane', 500, 'small', JANE);
    rig.server.flowControl!.enforce({ seats: 1, durationMs: () => 60_000 });
    ask(rig, jane);
    const second = ask(rig, jane);
    rig.kernel.runFor(14_999);
    expect(second.answers).toEqual([]);
    rig.kernel.runFor(1);
    expect(status(second)).toBe(429);
  });

  test('that watches has its seat only while the watch begins, and none for a log', () => {
    const rig = new Controlled();
    rig.schema('jane', 500, 'small', JANE);
    rig.server.flowControl!.enforce({ seats: 1, durationMs: () => 100 });
    const level = rig.server.flowControl!.levels.find(({ name }) => name === 'small')!;
    const watch = ask(rig, jane, '/api/v1/pods?watch=true');
    expect(watch.answers[0]?.stream).toBeDefined();
    expect(level.executing).toBe(1);
    rig.kernel.runFor(100);
    expect(level.executing).toBe(0);
    expect(status(ask(rig, jane, '/api/v1/namespaces/default/pods/nope/log'))).toBe(404);
    expect(level.executing).toBe(0);
  });
});

describe('fair queuing', () => {
  const joe: UserInfo = { username: 'joe', groups: [] };

  test('lets a flow that asks seldom pass one that floods', () => {
    const rig = new Controlled();
    rig.level('wide', limited({ queues: 64, handSize: 2, queueLengthLimit: 50 }));
    rig.schema('all', 500, 'wide', { kind: 'User', user: { name: '*' } }, {}, { type: 'ByUser' });
    rig.server.flowControl!.enforce({ seats: 2, durationMs: () => 100 });
    const order: string[] = [];
    const ask = (user: UserInfo): void =>
      rig.server.httpInTurn({ method: 'GET', url: '/api/v1/pods', headers: {}, user }, () => order.push(user.username));
    for (let i = 0; i < 20; i++) ask(jane);
    ask(joe);
    rig.kernel.runFor(10_000);
    expect(order).toHaveLength(21);
    expect(order.indexOf('joe')).toBeLessThan(4);
  });

  test('is told at the debug pages and in /metrics', () => {
    const rig = new Controlled();
    rig.schema('jane', 500, 'small', JANE);
    rig.server.flowControl!.count();
    rig.server.flowControl!.enforce({ seats: 1, durationMs: () => 100 });
    for (let i = 0; i < 4; i++)
      rig.server.httpInTurn({ method: 'GET', url: '/api/v1/pods', headers: {}, user: jane }, () => undefined);
    const page = (name: string): string[] => {
      const url = `/debug/api_priority_and_fairness/${name}`;
      return String(rig.server.http({ method: 'GET', url, headers: {}, user: ADMIN }).body).split('\n');
    };
    expect(page('dump_priority_levels').slice(0, 3)).toEqual([
      'PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests, DispatchedRequests, RejectedRequests, TimedoutRequests, CancelledRequests',
      expect.stringMatching(/^exempt, {12}0, {12}true, {3}false,/),
      'small,             1,            false,  false,       2,               1,                 1,                  1,                0,                0',
    ]);
    expect(page('dump_queues')[1]).toMatch(/^small, +0, +2, +1, +1, +[0-9.]+ss, +2, +2, +0\.00600000ss$/);
    const requests = page('dump_requests?includeRequestDetails=1');
    expect(requests.filter((line) => line.startsWith('small'))).toHaveLength(3);
    expect(requests.at(-2)).toMatch(/^small, +jane, +0, +1, .* 0001-01-01T00:00:00Z, +jane, +list, +\/api\/v1\/pods, /);
    const samples = rig.server.flowControl!.metrics!.families.flatMap((family) =>
      [...family.samples()].map(([suffix, labels, value]) => [family.name + suffix, labels, value] as const),
    );
    const rejected = samples.find(([name]) => name === 'apiserver_flowcontrol_rejected_requests_total');
    expect(rejected?.[1]).toEqual({ flow_schema: 'jane', priority_level: 'small', reason: 'queue-full' });
    expect(
      samples.find(
        ([name, { flow_schema }]) =>
          name === 'apiserver_flowcontrol_current_inqueue_requests' && flow_schema === 'jane',
      )?.[2],
    ).toBe(2);
  });
});

describe('seats', () => {
  test('are lent by levels that do not need them to those that do', () => {
    const rig = new Controlled();
    const level = (lendablePercent: number): object => ({
      type: 'Limited',
      limited: {
        nominalConcurrencyShares: 45,
        lendablePercent,
        limitResponse: { type: 'Queue', queuing: { queues: 8, handSize: 2, queueLengthLimit: 50 } },
      },
    });
    rig.level('idle', level(80));
    rig.level('busy', level(0));
    rig.schema('jane', 500, 'busy', JANE);
    rig.server.flowControl!.enforce({ seats: 100, durationMs: () => 30_000 });
    const of = (name: string): number => rig.server.flowControl!.levels.find((one) => one.name === name)!.limit;
    for (let i = 0; i < 80; i++)
      rig.server.httpInTurn({ method: 'GET', url: '/api/v1/pods', headers: {}, user: jane }, () => undefined);
    rig.kernel.runFor(10_000);
    expect(of('busy')).toBeGreaterThan(60);
    expect(of('idle')).toBeGreaterThanOrEqual(9);
    expect(of('idle') + of('busy') + of('small')).toBe(100);
  });

  test('are divided to the last one, within the bounds of each', () => {
    const claim = fc
      .tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }))
      .map(([least, more, wanted]) => ({ least, most: least + more, target: least + wanted }));
    fc.assert(
      fc.property(
        fc.array(claim, { minLength: 1, maxLength: 9 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (claims, part) => {
          const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
          const least = sum(claims.map((one) => one.least));
          const most = sum(claims.map((one) => one.most));
          const seats = least + part * (most - least);
          const given = allocateSeats(seats, claims).seats;
          assert.closeTo(sum(given), seats, 1e-6);
          given.forEach((one, i) => assert.isTrue(one >= claims[i]!.least && one <= claims[i]!.most));
        },
      ),
    );
  });
});

describe('shuffle sharding', () => {
  test('deals different cards, the same for the same flow', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 128 }), fc.integer({ min: 1, max: 8 }), (flow, deck, size) => {
        const hand = dealHand(flowHash('schema', flow), deck, Math.min(size, deck));
        assert.equal(new Set(hand).size, hand.length);
        for (const card of hand) assert.isTrue(card >= 0 && card < deck);
        assert.deepEqual(dealHand(flowHash('schema', flow), deck, Math.min(size, deck)), hand);
      }),
    );
  });
});
