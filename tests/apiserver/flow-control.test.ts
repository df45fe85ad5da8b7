import { assert, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { dealHand, flowHash } from '../../src/apiserver/flow-control/shuffle-sharding.ts';
import { controlFlows } from '../../src/apiserver/flow-control/flow-objects.ts';
import type { UserInfo } from '../../src/apiserver/index.ts';
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

  schema(name: string, matchingPrecedence: number, level: string, subject: object, rest: object = {}): void {
    const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true };
    const rules = [{ subjects: [subject], resourceRules: [{ ...everything, ...rest }] }];
    const spec = { matchingPrecedence, priorityLevelConfiguration: { name: level }, rules };
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
    expect(list(rig, jane)).toBe('Too many requests, please try again later.');
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
    expect([list(rig, jane), list(rig, jane)]).toEqual(['answered', 'Too many requests, please try again later.']);
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
