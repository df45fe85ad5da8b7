import { expect, test } from 'vitest';
import { Rig } from './rig.ts';

const ADMIN = { username: 'admin', groups: ['system:masters'] };
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
};

/** Asks for a Pod in a namespace that has no account yet; the statuses of the answers so far. */
function askEarly(rig: Rig): number[] {
  rig.ask({ verb: 'create', resource: 'namespaces', body: { metadata: { name: 'new' } } });
  const statuses: number[] = [];
  const headers = { 'content-type': 'application/json' };
  const request = {
    method: 'POST',
    url: '/api/v1/namespaces/new/pods',
    headers,
    user: ADMIN,
    body: JSON.stringify(POD),
  };
  rig.server.httpInTurn(request, ({ status }) => statuses.push(status));
  return statuses;
}

test('a Pod that comes before the account of its namespace waits for it', () => {
  const rig = new Rig();
  const statuses = askEarly(rig);
  rig.kernel.runFor(300);
  expect(statuses).toEqual([]);
  const body = { metadata: { name: 'default' } };
  rig.ask({ verb: 'create', resource: 'serviceaccounts', namespace: 'new', body });
  rig.kernel.runFor(300);
  expect(statuses).toEqual([201]);
});

test('and is refused when there is none for long', () => {
  const rig = new Rig();
  const statuses = askEarly(rig);
  rig.kernel.runFor(3000);
  expect(statuses).toEqual([403]);
});
