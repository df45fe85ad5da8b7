import { expect, test } from 'vitest';
import type { Authorizer } from '../../src/apiserver/authorization/authorization.ts';
import type { UserInfo } from '../../src/apiserver/index.ts';
import { Impersonation, type Purpose } from '../../src/apiserver/impersonation.ts';
import { ApiError } from '../../src/api/status.ts';

const JANE: UserInfo = { username: 'jane', groups: ['system:authenticated'] };
const LIST_PODS: Purpose = { verb: 'list', group: '', resource: 'pods', namespace: 'default' };

/** Allows what it is told, as `verb group/resource/subresource namespace/name`. */
const allowing = (...allowed: string[]): Authorizer => ({
  authorize: ({ verb, group, resource, subresource, namespace = '', name = '' }) => ({
    allowed: allowed.includes(
      `${verb} ${group}/${resource}${subresource ? `/${subresource}` : ''} ${namespace}/${name}`.trim(),
    ),
  }),
  authorizePath: (_, verb, path) => ({ allowed: allowed.includes(`${verb} ${path}`) }),
});

type Headers = Record<string, string>;

const as = (
  headers: Headers,
  authorizer: Authorizer,
  purpose: Purpose = LIST_PODS,
  caller = JANE,
): UserInfo | string => {
  try {
    return new Impersonation(authorizer).userOf(headers, caller, () => purpose);
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
};

const BOB = { 'impersonate-user': 'bob' };

test('who may not act as another is told of the narrowest right that is lacking', () => {
  expect(as(BOB, allowing())).toBe(
    'pods is forbidden: User "jane" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "default"',
  );
  expect(as(BOB, allowing('impersonate-on:user-info:list /pods default/'))).toBe(
    'users.authentication.k8s.io "bob" is forbidden: User "jane" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope',
  );
  expect(as(BOB, allowing(), { verb: 'get', path: '/version' })).toBe(
    'forbidden: User "jane" cannot impersonate-on:user-info:get path "/version"',
  );
});

test('both the one to be and what it is for have to be allowed, or all of it by the older verb', () => {
  const bob = { username: 'bob', groups: ['system:authenticated'] };
  const narrow = allowing(
    'impersonate-on:user-info:list /pods default/',
    'impersonate:user-info authentication.k8s.io/users /bob',
  );
  expect(as(BOB, narrow)).toEqual(bob);
  expect(as(BOB, narrow, { ...LIST_PODS, verb: 'delete' })).toContain('cannot impersonate-on:user-info:delete');
  expect(as(BOB, allowing('impersonate /users /bob'))).toEqual(bob);
});

test('groups, uid and extra are asked about one by one; system:masters only by the older verb', () => {
  const headers = { ...BOB, 'impersonate-uid': '7', 'impersonate-group': 'dev', 'impersonate-extra-scopes': 'view' };
  const rights = [
    'impersonate /users /bob',
    'impersonate authentication.k8s.io/uids /7',
    'impersonate /groups /dev',
    'impersonate authentication.k8s.io/userextras/scopes /view',
  ];
  expect(as(headers, allowing(...rights))).toEqual({
    username: 'bob',
    uid: '7',
    groups: ['dev', 'system:authenticated'],
    extra: { scopes: ['view'] },
  });
  for (const right of rights)
    expect(as(headers, allowing(...rights.filter((one) => one !== right)))).toBeTypeOf('string');
  const all: Authorizer = { authorize: () => ({ allowed: true }), authorizePath: () => ({ allowed: true }) };
  expect(as({ ...BOB, 'impersonate-group': 'system:masters' }, all)).toMatchObject({
    groups: ['system:masters', 'system:authenticated'],
  });
});

test('nodes and service accounts have their groups', () => {
  const node = { 'impersonate-user': 'system:node:n1' };
  const rights = [
    'impersonate-on:arbitrary-node:list /pods default/',
    'impersonate:arbitrary-node authentication.k8s.io/nodes /n1',
  ];
  expect(as(node, allowing(...rights))).toEqual({
    username: 'system:node:n1',
    groups: ['system:nodes', 'system:authenticated'],
  });
  expect(as(node, allowing('impersonate /users /system:node:n1'))).toMatchObject({ groups: ['system:authenticated'] });
  const account = { 'impersonate-user': 'system:serviceaccount:default:app' };
  expect(as(account, allowing('impersonate /serviceaccounts default/app'))).toMatchObject({
    groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
  });
});

test('a Pod may act as its own node, where that is allowed for any', () => {
  const agent: UserInfo = {
    username: 'system:serviceaccount:default:agent',
    groups: [],
    extra: { 'authentication.kubernetes.io/node-name': ['n1'] },
  };
  const rights = allowing(
    'impersonate-on:associated-node:list /pods default/',
    'impersonate:associated-node authentication.k8s.io/nodes /*',
  );
  expect(as({ 'impersonate-user': 'system:node:n1' }, rights, LIST_PODS, agent)).toMatchObject({
    groups: ['system:nodes', 'system:authenticated'],
  });
  expect(as({ 'impersonate-user': 'system:node:n2' }, rights, LIST_PODS, agent)).toContain(
    'cannot impersonate-on:arbitrary-node:list',
  );
});

test('who acted by the older verb is told what that lacks', () => {
  const impersonation = new Impersonation(allowing('impersonate /users /bob'));
  const ask = (headers: Headers): UserInfo => impersonation.userOf(headers, JANE, () => LIST_PODS);
  expect(() => ask({ ...BOB, 'impersonate-uid': '7' })).toThrow('cannot impersonate-on:user-info:list');
  ask(BOB);
  expect(() => ask({ ...BOB, 'impersonate-uid': '7' })).toThrow(
    'uids.authentication.k8s.io "7" is forbidden: User "jane" cannot impersonate resource "uids" in API group "authentication.k8s.io" at the cluster scope',
  );
});

test('headers without a name to be say what they ask for', () => {
  expect(as({ 'impersonate-group': 'dev' }, allowing())).toBe(
    'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"dev"}, Extra:map[string][]string(nil)} without impersonating a user name',
  );
});
