import { describe, expect, test } from 'vitest';
import { parseRule, type UserInfo } from '../../src/apiserver/index.ts';
import {
  brokenDown,
  compacted,
  coversPath,
  includesRule,
  ruleText,
} from '../../src/apiserver/authorization/rule-matching.ts';
import { Rig } from './rig.ts';

const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1' };
const ADMIN: UserInfo = { username: 'root', groups: ['system:masters'] };
const user = (username: string, ...groups: string[]): UserInfo => ({
  username,
  groups: [...groups, 'system:authenticated'],
});

/** A server that starts with nobody but system:masters allowed. */
class Guarded extends Rig {
  constructor() {
    super({ authorizationMode: ['Node', 'RBAC'] });
  }

  override request(asked: Parameters<Rig['request']>[0]): ReturnType<Rig['request']> {
    return super.request({ user: ADMIN, ...asked });
  }

  role(name: string, rules: readonly string[], as: UserInfo = ADMIN): void {
    const body = { metadata: { name }, rules: rules.map(parseRule) };
    this.ask({ verb: 'create', ...RBAC, resource: 'roles', user: as, body });
  }

  bind(name: string, role: string, subject: object, as: UserInfo = ADMIN): void {
    const roleRef = { apiGroup: RBAC.group, kind: 'Role', name: role };
    const body = { metadata: { name }, roleRef, subjects: [subject] };
    this.ask({ verb: 'create', ...RBAC, resource: 'rolebindings', user: as, body });
  }

  refused(as: UserInfo, asked: Parameters<Rig['refusal']>[0]): string | undefined {
    return this.refusal({ ...asked, user: as }).message;
  }
}

describe('RBAC', () => {
  test('allows what a binding gives, where it gives it, until it is taken away', () => {
    const server = new Guarded();
    const jane = user('jane');
    expect(server.refused(jane, { verb: 'list', resource: 'pods' })).toBe(
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    server.role('reader', ['get,list pods core', 'get configmaps core settings']);
    server.bind('reader', 'reader', { kind: 'User', name: 'jane' });
    expect(server.ask({ verb: 'list', resource: 'pods', user: jane }).kind).toBe('PodList');
    expect(server.refusal({ verb: 'get', resource: 'configmaps', name: 'settings', user: jane }).reason).toBe(
      'NotFound',
    );
    expect(server.refusal({ verb: 'get', resource: 'configmaps', name: 'other', user: jane }).reason).toBe('Forbidden');
    expect(server.refusal({ verb: 'list', resource: 'pods', namespace: undefined, user: jane }).reason).toBe(
      'Forbidden',
    );
    server.ask({ verb: 'delete', ...RBAC, resource: 'rolebindings', name: 'reader' });
    expect(server.refusal({ verb: 'list', resource: 'pods', user: jane }).reason).toBe('Forbidden');
  });

  test('knows groups and service accounts, and tells of roles that are missing', () => {
    const server = new Guarded();
    server.role('reader', ['list pods core']);
    server.bind('devs', 'reader', { kind: 'Group', name: 'devs' });
    server.bind('robot', 'reader', { kind: 'ServiceAccount', name: 'robot', namespace: 'default' });
    server.bind('gone', 'gone', { kind: 'User', name: 'zed' });
    for (const one of [user('ann', 'devs'), user('system:serviceaccount:default:robot')])
      expect(server.ask({ verb: 'list', resource: 'pods', user: one }).kind).toBe('PodList');
    expect(server.refused(user('zed'), { verb: 'list', resource: 'pods' })).toContain(
      ': RBAC: role.rbac.authorization.k8s.io "gone" not found',
    );
  });

  test('lets nobody give what they do not have', () => {
    const server = new Guarded();
    const mia = user('mia');
    server.role('manager', ['create roles,rolebindings rbac.authorization.k8s.io']);
    server.role('pods', ['get pods core']);
    server.role('writer', ['create pods core']);
    server.bind('manager', 'manager', { kind: 'User', name: 'mia' });
    server.bind('pods', 'pods', { kind: 'User', name: 'mia' });
    server.role('ok', ['get pods core'], mia);
    server.bind('ok', 'ok', { kind: 'User', name: 'zed' }, mia);
    expect(() => server.role('more', ['get,delete pods core'], mia)).toThrow(
      'roles.rbac.authorization.k8s.io "more" is forbidden: user "mia" (groups=["system:authenticated"]) is attempting ' +
        'to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}',
    );
    expect(() => server.bind('more', 'writer', { kind: 'User', name: 'zed' }, mia)).toThrow('not currently held');
    expect(() => server.bind('more', 'missing', { kind: 'User', name: 'zed' }, mia)).toThrow('"missing" not found');
  });

  test('answers reviews', () => {
    const server = new Guarded();
    const asked = { verb: 'create', group: 'authorization.k8s.io', version: 'v1', namespace: undefined } as const;
    const spec = { user: 'jane', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } };
    const allowed = (body: object): unknown =>
      server.ask({ ...asked, resource: 'subjectaccessreviews', body })['status'];
    expect(allowed({ spec })).toEqual({ allowed: false });
    expect(allowed({ spec: { ...spec, groups: ['system:masters'] } })).toEqual({ allowed: true });
    expect(server.refusal({ ...asked, resource: 'subjectaccessreviews', body: { spec: { user: 'a' } } }).code).toBe(
      422,
    );
  });

  test('impersonation has to be allowed', () => {
    const server = new Guarded();
    const jane = user('jane');
    const as = (caller: UserInfo): number =>
      server.server.http({
        method: 'GET',
        url: '/api/v1/nodes',
        headers: { 'impersonate-user': 'root', 'impersonate-group': 'system:masters' },
        user: caller,
      }).status;
    expect(as(ADMIN)).toBe(200);
    expect(as(jane)).toBe(403);
  });
});

describe('kubelets', () => {
  test('write their own lease and no other', () => {
    const server = new Guarded();
    const kubelet = user('system:node:n1', 'system:nodes');
    const get = (name: string): string | undefined =>
      server.refusal({ verb: 'get', resource: 'leases', namespace: 'kube-node-lease', name, user: kubelet }).reason;
    expect(get('n1')).toBe('NotFound');
    expect(get('n2')).toBe('Forbidden');
  });
});

describe('rules', () => {
  test('cover paths by prefix', () => {
    const rule = parseRule('get /api/*,/version');
    expect(['/api/v1', '/version', '/versions', '/api'].map((path) => coversPath(rule, 'get', path))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('are included in wider ones, part by part', () => {
    const wide = parseRule('* */scale,pods core,apps');
    const parts = brokenDown(parseRule('get,patch pods,deployments/scale,secrets apps'));
    expect(parts.filter((part) => !includesRule(wide, part)).map((part) => part.resources)).toEqual([
      ['secrets'],
      ['secrets'],
    ]);
    expect(compacted(parts).map(ruleText)).toEqual([
      '{APIGroups:["apps"], Resources:["pods"], Verbs:["get" "patch"]}',
      '{APIGroups:["apps"], Resources:["deployments/scale"], Verbs:["get" "patch"]}',
      '{APIGroups:["apps"], Resources:["secrets"], Verbs:["get" "patch"]}',
    ]);
  });
});
