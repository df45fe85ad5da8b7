import { describe, expect, test } from 'vitest';
import type { Pod } from '../../src/api/types.ts';
import type { ApiRequest } from '../../src/apiserver/index.ts';
import { pod, Rig } from './rig.ts';

const action = (
  resource: string,
  name: string,
  subresource: string,
  body: object,
): Pick<ApiRequest, 'verb' | 'resource'> & Partial<ApiRequest> => ({
  verb: 'create',
  resource,
  name,
  subresource,
  body,
});

describe('binding', () => {
  test('gives a Pod its node, once', () => {
    const rig = new Rig();
    rig.create('pods', pod('a'));
    const bind = (name: string, node: object): ReturnType<typeof action> =>
      action('pods', name, 'binding', { metadata: { name }, target: node });
    expect(rig.ask(bind('a', { kind: 'Node', name: 'node-1' }))).toMatchObject({
      kind: 'Status',
      status: 'Success',
      code: 201,
    });
    const bound = rig.get('pods', 'a') as unknown as Pod;
    expect(bound.spec.nodeName).toBe('node-1');
    expect(bound.status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }]);
    expect(bound.metadata.generation).toBe(1);
    expect(rig.refusal(bind('a', { kind: 'Node', name: 'node-2' })).message).toBe(
      'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "node-1"',
    );
    expect(rig.refusal(bind('a', { kind: 'Pod', name: 'x' })).message).toBe(
      'target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"',
    );
    expect(rig.refusal(bind('b', { kind: 'Node', name: 'x' })).message).toBe('pods "b" not found');
  });
});

describe('eviction', () => {
  test('deletes a Pod and says why', () => {
    const rig = new Rig();
    rig.create('pods', pod('a', { nodeName: 'node-1' }));
    rig.ask(action('pods', 'a', 'eviction', { metadata: { name: 'a' } }));
    const evicted = rig.get('pods', 'a') as unknown as Pod;
    expect(evicted.metadata.deletionTimestamp).toBeDefined();
    expect(evicted.status?.conditions).toMatchObject([{ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' }]);
    expect(rig.refusal(action('pods', 'a', 'eviction', { metadata: { name: 'b' } })).message).toBe(
      'name in URL does not match name in Eviction object',
    );
  });
});

describe('eviction and budgets', () => {
  const running = (rig: Rig, ready = true): void => {
    rig.create('pods', {
      metadata: { name: 'a', labels: { app: 'a' } },
      spec: { nodeName: 'n', containers: [{ name: 'a', image: 'a' }] },
    });
    const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
    const body = { ...rig.get('pods', 'a'), status: { phase: 'Running', conditions, qosClass: 'BestEffort' } };
    rig.ask({ verb: 'update', resource: 'pods', name: 'a', subresource: 'status', body });
  };
  const budget = (rig: Rig, name: string, status: object, spec: object = {}): void => {
    const place = { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets' };
    const selector = { matchLabels: { app: 'a' } };
    const made = rig.ask({
      ...place,
      verb: 'create',
      body: { metadata: { name }, spec: { minAvailable: 1, selector, ...spec } },
    });
    const filled = {
      observedGeneration: 1,
      currentHealthy: 1,
      desiredHealthy: 1,
      expectedPods: 1,
      disruptionsAllowed: 0,
      ...status,
    };
    rig.ask({ ...place, verb: 'update', name, subresource: 'status', body: { ...made, status: filled } });
  };
  const evict = (rig: Rig, query = '', body: object = { metadata: { name: 'a' } }): ReturnType<Rig['http']> =>
    rig.http('POST', `/api/v1/namespaces/default/pods/a/eviction${query}`, body);

  test('is refused with its cause, and with a time to come back when the budget is not known yet', () => {
    const rig = new Rig();
    running(rig);
    budget(rig, 'b', {});
    const refused = evict(rig);
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBeUndefined();
    expect(refused.body).toMatchObject({
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      reason: 'TooManyRequests',
      details: {
        causes: [
          { reason: 'DisruptionBudget', message: 'The disruption budget b needs 1 healthy pods and has 1 currently' },
        ],
      },
    });
    const early = new Rig();
    running(early);
    budget(early, 'b', { observedGeneration: 0 });
    const processing = evict(early);
    expect([processing.status, processing.headers['retry-after']]).toEqual([429, '10']);
    expect(processing.body).toMatchObject({
      details: { causes: [{ message: 'The disruption budget b is still being processed by the server.' }] },
    });
  });

  test('says why a budget could not be worked out', () => {
    const rig = new Rig();
    running(rig);
    const message = 'found no controllers for pod "a"';
    const condition = {
      type: 'DisruptionAllowed',
      status: 'False',
      reason: 'SyncFailed',
      message,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    budget(rig, 'b', { conditions: [condition] });
    expect(evict(rig).body).toMatchObject({
      details: {
        causes: [
          {
            message: `The disruption budget b does not allow evicting pods currently because it failed sync: ${message}`,
          },
        ],
      },
    });
  });

  test('of a Pod with several budgets is answered with a failure, and nothing happens', () => {
    const rig = new Rig();
    running(rig);
    budget(rig, 'b', { disruptionsAllowed: 1 });
    budget(rig, 'c', { disruptionsAllowed: 1 });
    expect(evict(rig)).toMatchObject({ status: 201, body: { status: 'Failure', code: 500 } });
    expect(rig.get('pods', 'a').metadata.deletionTimestamp).toBeUndefined();
  });

  test('without effect tells what would be, and spends nothing', () => {
    const rig = new Rig();
    running(rig);
    budget(rig, 'b', { disruptionsAllowed: 1 });
    expect(evict(rig, '?dryRun=All').status).toBe(201);
    const place = { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets', name: 'b', verb: 'get' } as const;
    expect(rig.ask(place)).toMatchObject({ status: { disruptionsAllowed: 1 } });
    expect(rig.get('pods', 'a').metadata.deletionTimestamp).toBeUndefined();
    expect(evict(rig, '', { metadata: {} }).body).toMatchObject({
      code: 400,
      message: 'name in URL does not match name in Eviction object',
    });
    expect(evict(rig).status).toBe(201);
    expect(rig.ask(place)).toMatchObject({
      status: { disruptionsAllowed: 0, disruptedPods: { a: expect.any(String) } },
    });
  });

  test('of a Pod that is not ready goes by the policy of its budget', () => {
    const asked = (policy: string | undefined, healthy: number): number => {
      const rig = new Rig();
      running(rig, false);
      budget(rig, 'b', { currentHealthy: healthy }, policy ? { unhealthyPodEvictionPolicy: policy } : {});
      return evict(rig).status;
    };
    expect([asked(undefined, 0), asked(undefined, 1), asked('AlwaysAllow', 0)]).toEqual([429, 201, 201]);
  });
});

describe('scale', () => {
  test('shows and sets replicas', () => {
    const rig = new Rig();
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'b' }] } };
    rig.create('deployments', {
      metadata: { name: 'web' },
      spec: { replicas: 2, selector: { matchLabels: { a: 'b' } }, template },
    });
    const scale = rig.ask({ verb: 'get', resource: 'deployments', name: 'web', subresource: 'scale' });
    expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 2 }, status: { replicas: 0, selector: 'a=b' } });
    const scaled = rig.patch('deployments', 'web', { spec: { replicas: 0 } }, { subresource: 'scale' });
    expect(scaled['spec']).toEqual({});
    expect(rig.get('deployments', 'web')).toMatchObject({ spec: { replicas: 0 }, metadata: { generation: 2 } });
    const refused = rig.refusal({
      verb: 'patch',
      resource: 'deployments',
      name: 'web',
      subresource: 'scale',
      patchType: 'merge',
      body: { spec: { replicas: -1 } },
    });
    expect(refused.message).toBe(
      'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    );
    expect(rig.refusal({ verb: 'get', resource: 'pods', name: 'web', subresource: 'scale' }).code).toBe(404);
  });

  test('is applied, its manager owning the replicas alone', () => {
    const rig = new Rig();
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'b' }] } };
    const spec = { replicas: 2, selector: { matchLabels: { a: 'b' } }, template };
    rig.create('deployments', { metadata: { name: 'web' }, spec });
    const apply = (fieldManager: string, replicas: number, force?: boolean): Parameters<Rig['ask']>[0] => ({
      verb: 'patch',
      resource: 'deployments',
      name: 'web',
      subresource: 'scale',
      patchType: 'apply',
      options: { fieldManager, ...(force ? { force } : {}) },
      body: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas } },
    });
    expect(rig.refusal(apply('me', 3)).message).toContain('Apply failed with 1 conflict');
    expect(rig.ask(apply('me', 3, true))['spec']).toEqual({ replicas: 3 });
    expect(rig.get('deployments', 'web')).toMatchObject({ spec: { replicas: 3 } });
    const { body } = rig.server.http({
      method: 'GET',
      url: '/apis/apps/v1/namespaces/default/deployments/web',
      headers: {},
    });
    const { metadata } = JSON.parse(JSON.stringify(body)) as { metadata: { managedFields: object[] } };
    expect(metadata.managedFields).toContainEqual(
      expect.objectContaining({
        manager: 'me',
        operation: 'Apply',
        subresource: 'scale',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      }),
    );
    expect(rig.refusal({ ...apply('me', 3), body: { apiVersion: 'v1', kind: 'Scale' } }).message).toContain(
      'Incorrect version specified in apply patch. Specified patch version: v1, expected: autoscaling/v1',
    );
  });
});

describe('token', () => {
  test('makes the caller the service account until it expires', () => {
    const rig = new Rig();
    const answer = rig.ask(action('serviceaccounts', 'default', 'token', { spec: { expirationSeconds: 600 } }));
    const { token } = answer['status'] as { token: string };
    expect(token.split('.')).toHaveLength(3);
    const asDefault = { authorization: `Bearer ${token}` };
    expect(rig.http('GET', '/api/v1/namespaces/default/pods', undefined, asDefault).status).toBe(200);
    expect(rig.server.tokens.authenticate(token)?.user.username).toBe('system:serviceaccount:default:default');
    rig.kernel.runFor(661_000);
    expect(rig.http('GET', '/api/v1/namespaces/default/pods', undefined, asDefault)).toMatchObject({
      status: 401,
      body: { reason: 'Unauthorized' },
    });
  });
});

test('events live for an hour, and are the same in both groups', () => {
  const rig = new Rig();
  const seen = rig.watch('events', {}, { group: 'events.k8s.io' });
  rig.create('events', {
    metadata: { name: 'a.1', namespace: 'default' },
    involvedObject: { kind: 'Pod', name: 'a', namespace: 'default' },
    reason: 'Started',
    message: 'it runs',
    type: 'Normal',
  });
  rig.settle();
  expect(seen.events).toMatchObject([
    {
      type: 'ADDED',
      object: { apiVersion: 'events.k8s.io/v1', regarding: { name: 'a' }, note: 'it runs', reason: 'Started' },
    },
  ]);
  rig.kernel.runFor(2 * 3_600_000);
  expect(rig.refusal({ verb: 'get', resource: 'events', name: 'a.1' }).code).toBe(404);
  expect(seen.lines).toEqual(['ADDED a.1', 'DELETED a.1']);
});
