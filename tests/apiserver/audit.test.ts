import { describe, expect, test } from 'vitest';
import { startAudit } from '../../src/apiserver/audit/audit.ts';
import type { AuditEvent } from '../../src/apiserver/audit/audit-event.ts';
import { decideAudit, readAuditPolicy, type AuditPolicy } from '../../src/apiserver/audit/audit-policy.ts';
import type { HttpResponse } from '../../src/apiserver/index.ts';
import { Rig } from './rig.ts';

const policy = (rules: readonly object[], rest: object = {}): AuditPolicy =>
  readAuditPolicy({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules, ...rest });

const admin = { user: { username: 'root', groups: ['system:masters'] } };

/** A server that lets in nobody but its administrators. */
class Guarded extends Rig {
  constructor() {
    super({ authorizationMode: ['RBAC'] });
  }

  override request(asked: Parameters<Rig['request']>[0]): ReturnType<Rig['request']> {
    return super.request({ ...admin, ...asked });
  }
}

function audited(rules: readonly object[], rest?: object): { rig: Rig; events: AuditEvent[]; stop: () => void } {
  const rig = new Guarded();
  const events: AuditEvent[] = [];
  const stop = startAudit(rig.server, policy(rules, rest), (event) => events.push(event));
  return { rig, events, stop };
}

describe('an audit policy', () => {
  const asked = (verb: string, resource: string, name?: string): Parameters<typeof decideAudit>[1] => {
    const [plural = '', subresource] = resource.split('/');
    return {
      username: 'jane',
      groups: ['devs'],
      verb,
      resource: { group: '', resource: plural, subresource, namespace: 'lab', name },
      path: '',
    };
  };

  test('is decided by the first rule that covers a request', () => {
    const rules = policy([
      { level: 'None', users: ['system:kube-proxy'] },
      { level: 'Request', resources: [{ resources: ['pods/*'] }] },
      { level: 'RequestResponse', resources: [{ resources: ['configmaps'], resourceNames: ['settings'] }] },
      { level: 'None', nonResourceURLs: ['/healthz*'] },
      { level: 'Metadata', verbs: ['create'], namespaces: ['lab'], userGroups: ['devs'] },
    ]);
    const level = (...question: Parameters<typeof asked>): string => decideAudit(rules, asked(...question)).level;
    expect(level('get', 'pods/log', 'web')).toBe('Request');
    expect(level('get', 'pods', 'web')).toBe('Request');
    expect(level('get', 'configmaps', 'settings')).toBe('RequestResponse');
    expect(level('get', 'configmaps', 'other')).toBe('None');
    expect(level('create', 'secrets')).toBe('Metadata');
    expect(decideAudit(rules, { username: 'jane', groups: ['devs'], verb: 'get', path: '/healthz/ping' }).level).toBe(
      'None',
    );
  });

  test('that makes no sense is refused in words', () => {
    expect(() => policy([])).toThrow('give it rules');
    expect(() => policy([{ level: 'All' }])).toThrow('rules[0].level: it is "All"');
    expect(() => policy([{ level: 'None', nonResourceURLs: ['/'], namespaces: ['a'] }])).toThrow('not about both');
    expect(() => policy([{ level: 'None' }], { omitStages: ['Later'] })).toThrow('there is no stage "Later"');
    expect(() => readAuditPolicy({ kind: 'Pod' })).toThrow('audit.k8s.io/v1');
  });
});

describe('the audit log', () => {
  test('tells who did what, and how it ended', () => {
    const { rig, events } = audited([{ level: 'RequestResponse' }]);
    rig.ask({ ...admin, verb: 'create', resource: 'configmaps', body: { metadata: { name: 'a' }, data: { k: 'v' } } });
    expect(events.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseComplete']);
    expect(events[1]).toMatchObject({
      level: 'RequestResponse',
      verb: 'create',
      requestURI: '/api/v1/namespaces/default/configmaps',
      user: admin.user,
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'a', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 201 },
      requestObject: { metadata: { name: 'a' }, data: { k: 'v' } },
      responseObject: { kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } },
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    });
    expect(events[0]!.auditID).toBe(events[1]!.auditID);
    expect(events[0]!.requestObject).toBeUndefined();
    expect(events[0]!.annotations).toBeUndefined();
    expect(events[1]!.requestObject).not.toHaveProperty('metadata.uid');
  });

  test('tells why something was refused, and who acted as whom', () => {
    const { rig, events } = audited([{ level: 'Metadata', omitStages: ['RequestReceived'] }]);
    rig.server.http({
      method: 'GET',
      url: '/api/v1/namespaces/default/secrets?limit=5',
      headers: { 'impersonate-user': 'jane', 'user-agent': 'kubectl/v1.36.4 (linux/amd64)' },
      ...admin,
    });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      user: { username: 'root' },
      impersonatedUser: { username: 'jane' },
      userAgent: 'kubectl/v1.36.4 (linux/amd64)',
      requestURI: '/api/v1/namespaces/default/secrets?limit=5',
      responseStatus: { status: 'Failure', reason: 'Forbidden', code: 403 },
      annotations: { 'authorization.k8s.io/decision': 'forbid' },
    });
  });

  test('follows a watch from its start to its end', () => {
    const { rig, events } = audited([{ level: 'Metadata' }]);
    const handle = rig.server.watch(rig.request({ ...admin, verb: 'watch', resource: 'pods' }), {
      events: () => undefined,
      closed: () => undefined,
    });
    expect(events.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseStarted']);
    handle.stop();
    handle.stop();
    expect(events.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseStarted', 'ResponseComplete']);
    expect(events[0]!.requestURI).toBe('/api/v1/namespaces/default/pods?watch=true');
  });

  test('has paths that are no resources', () => {
    const { rig, events } = audited([{ level: 'Metadata', nonResourceURLs: ['/version'] }], {
      omitStages: ['RequestReceived'],
    });
    rig.server.http({ method: 'GET', url: '/version', headers: {}, ...admin });
    rig.server.http({ method: 'GET', url: '/healthz', headers: {}, ...admin });
    expect(events.map(({ requestURI, responseStatus }) => [requestURI, responseStatus?.code])).toEqual([
      ['/version', 200],
    ]);
  });

  test('tells of those who could not show who they are, once', () => {
    const { rig, events } = audited([{ level: 'Metadata' }]);
    const headers = { authorization: 'Bearer nobodys' };
    rig.server.http({ method: 'GET', url: '/api/v1/namespaces/default/pods/web', headers });
    rig.server.http({ method: 'GET', url: '/version', headers });
    expect(events.map(({ stage, user, verb }) => [stage, user, verb])).toEqual([
      ['ResponseStarted', {}, 'get'],
      ['ResponseStarted', {}, 'get'],
    ]);
    expect(events[0]).toMatchObject({
      objectRef: { resource: 'pods', namespace: 'default', name: 'web', apiVersion: 'v1' },
      responseStatus: { status: 'Failure', reason: 'Unauthorized', message: 'Unauthorized', code: 401 },
    });
    expect(events[0]!.annotations).toBeUndefined();
  });

  test('asks the policy about who asked, and tells of those who may not act as others', () => {
    const { rig, events } = audited([{ level: 'Metadata', users: ['joe'] }], { omitStages: ['RequestReceived'] });
    const joe = { username: 'joe', groups: [] };
    const url = '/api/v1/namespaces/default/pods';
    rig.server.http({ method: 'GET', url, headers: { 'impersonate-user': 'jane' }, user: joe });
    rig.server.http({ method: 'GET', url, headers: { 'impersonate-user': 'joe' }, ...admin });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ user: joe, responseStatus: { reason: 'Forbidden', code: 403 } });
    expect(events[0]!.impersonatedUser).toBeUndefined();
  });

  test('has what never came to the registry, under the id that the answer has', () => {
    const { rig, events } = audited([{ level: 'Metadata' }], { omitStages: ['RequestReceived'] });
    const ask = (method: string, url: string, body?: string): Record<string, string> =>
      rig.server.http({ method, url, headers: { 'content-type': 'application/json' }, body: body ?? '', ...admin })
        .headers;
    ask('POST', '/api/v1/namespaces/default/pods', '{');
    ask('GET', '/apis/example.com/v1/things');
    const { 'audit-id': id } = ask('GET', '/api/v1/pods?limit=x');
    expect(events.map(({ verb, responseStatus }) => [verb, responseStatus?.code])).toEqual([
      ['create', 400],
      ['list', 404],
      ['list', 400],
    ]);
    expect(events[2]!.auditID).toBe(id);
    const { headers } = rig.server.http({ method: 'GET', url: '/version', headers: { 'audit-id': 'mine' }, ...admin });
    expect(headers['audit-id']).toBe('mine');
    expect(events[3]!.auditID).toBe('mine');
  });

  test('follows connections to containers and logs from their start to their end', () => {
    const { rig, events } = audited([{ level: 'Metadata' }]);
    rig.create('pods', { metadata: { name: 'web' }, spec: { nodeName: 'n', containers: [{ name: 'a', image: 'a' }] } });
    events.length = 0;
    let end: (() => void) | undefined;
    const stream: NonNullable<HttpResponse['stream']> = (sink) => {
      end = () => sink.end();
      return () => undefined;
    };
    Object.assign(rig.server, {
      nodeProxy: {
        pod: (_: unknown, subresource: string) => ({
          status: 200,
          headers: {},
          stream,
          ...(subresource === 'exec' ? { receive: () => undefined } : {}),
        }),
      },
    });
    const url = '/api/v1/namespaces/default/pods/web';
    const exec = rig.server.http({ method: 'POST', url: `${url}/exec?command=ls`, headers: {}, ...admin });
    exec.stream!({ chunk: () => undefined, end: () => undefined });
    end!();
    const log = rig.server.http({ method: 'GET', url: `${url}/log?follow=true`, headers: {}, ...admin });
    log.stream!({ chunk: () => undefined, end: () => undefined })();
    expect(events.map(({ stage, verb, responseStatus }) => [verb, stage, responseStatus?.code])).toEqual([
      ['create', 'RequestReceived', undefined],
      ['create', 'ResponseStarted', 101],
      ['create', 'ResponseComplete', 101],
      ['get', 'RequestReceived', undefined],
      ['get', 'ResponseStarted', 200],
      ['get', 'ResponseComplete', 200],
    ]);
    events.length = 0;
    rig.server.http({ method: 'GET', url: `${url}/log`, headers: {}, user: { username: 'joe', groups: [] } });
    expect(events.map(({ stage, responseStatus }) => [stage, responseStatus?.code])).toEqual([
      ['RequestReceived', undefined],
      ['ResponseStarted', 403],
      ['ResponseComplete', 403],
    ]);
  });

  test('tells which container was entered, and that it was allowed', () => {
    const { rig, events } = audited([{ level: 'Metadata' }]);
    const url = '/api/v1/namespaces/default/pods/web';
    rig.server.http({ method: 'POST', url: `${url}/exec?command=ls`, headers: {}, ...admin });
    expect(events[2]).toMatchObject({
      requestURI: `${url}/exec?command=ls`,
      objectRef: { resource: 'pods', name: 'web', subresource: 'exec' },
      annotations: { 'authorization.k8s.io/decision': 'allow' },
    });
  });

  test('has the options of a delete as they were sent, and a panic as one', () => {
    const { rig, events } = audited([{ level: 'Request' }], { omitStages: ['RequestReceived'] });
    rig.create('configmaps', { metadata: { name: 'a' } });
    const url = '/api/v1/namespaces/default/configmaps/a';
    const body = JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' });
    rig.server.http({ method: 'DELETE', url, headers: { 'content-type': 'application/json' }, body, ...admin });
    expect(events.at(-1)!.requestObject).toEqual(JSON.parse(body));
    Object.assign(rig.server, {
      aggregation: {
        isDown: () => {
          throw new Error('oh');
        },
      },
    });
    rig.server.http({ method: 'GET', url: '/apis/a.b/v1/cs', headers: {}, ...admin });
    expect(events.at(-1)).toMatchObject({
      stage: 'Panic',
      responseStatus: { status: 'Failure', reason: 'InternalError', message: "APIServer panic'd: oh", code: 500 },
    });
  });

  test('tells which token was issued, as its bearer will be known', () => {
    const { rig, events } = audited([{ level: 'Metadata' }], { omitStages: ['RequestReceived'] });
    const body = { spec: {} };
    const made = rig.ask({ verb: 'create', resource: 'serviceaccounts', name: 'default', subresource: 'token', body });
    const { token } = made['status'] as { token: string };
    const id = events[0]!.annotations?.['authentication.kubernetes.io/issued-credential-id'];
    expect(id).toMatch(/^JTI=[0-9a-f-]{36}$/);
    const { extra } = rig.server.tokens.authenticate(token)!.user;
    expect(extra?.['authentication.kubernetes.io/credential-id']).toEqual([id]);
  });

  test('leaves managed fields out when it is told to', () => {
    const shown = (rest: object): (object | undefined)[] => {
      const { rig, events } = audited([{ level: 'RequestResponse', ...rest }]);
      rig.create('configmaps', { metadata: { name: 'a' } });
      rig.ask({ ...admin, verb: 'list', resource: 'configmaps' });
      return events
        .filter(({ stage }) => stage === 'ResponseComplete')
        .map(({ responseObject }) => responseObject as { metadata: object; items?: { metadata: object }[] })
        .map(({ metadata, items }) => (items ? items[0]!.metadata : metadata));
    };
    for (const metadata of shown({})) expect(metadata).toHaveProperty('managedFields');
    for (const metadata of shown({ omitManagedFields: true })) expect(metadata).not.toHaveProperty('managedFields');
  });

  test('changes nothing else in the history, and ends when it is stopped', () => {
    const { rig, events, stop } = audited([{ level: 'RequestResponse' }]);
    const plain = new Guarded();
    const body = (): object => ({ metadata: { generateName: 'a-' } });
    const logged = rig.ask({ ...admin, verb: 'create', resource: 'configmaps', body: body() });
    const alone = plain.ask({ ...admin, verb: 'create', resource: 'configmaps', body: body() });
    expect(JSON.stringify(alone)).toBe(JSON.stringify(logged));
    stop();
    const before = events.length;
    rig.ask({ ...admin, verb: 'list', resource: 'configmaps' });
    expect(events).toHaveLength(before);
  });
});
