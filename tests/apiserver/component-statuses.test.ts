import { expect, test } from 'vitest';
import { serveComponentStatuses } from '../../src/apiserver/component-statuses.ts';
import type { ComponentStatus } from '../../src/api/types.ts';
import { Rig } from './rig.ts';

test('component statuses tell which components answer now', () => {
  const rig = new Rig({ extensions: [serveComponentStatuses] });
  const asked = { resource: 'componentstatuses', namespace: undefined } as const;
  const health = (): [string, string, string][] => {
    const { items } = rig.ask({ ...asked, verb: 'list' }) as unknown as { items: ComponentStatus[] };
    return items.map(({ metadata, conditions = [] }) => [
      metadata.name,
      conditions[0]!.status,
      conditions[0]!.message ?? '',
    ]);
  };
  expect(health()).toEqual([
    ['scheduler', 'True', 'ok'],
    ['controller-manager', 'True', 'ok'],
    ['etcd-0', 'True', 'ok'],
  ]);
  rig.server.isComponentRunning = (component) => component !== 'kube-scheduler';
  expect(health()[0]).toEqual([
    'scheduler',
    'False',
    'Get "https://127.0.0.1:10259/healthz": dial tcp 127.0.0.1:10259: connect: connection refused',
  ]);
  expect(rig.ask({ ...asked, verb: 'get', name: 'etcd-0' }).metadata.name).toBe('etcd-0');
  expect(rig.refusal({ ...asked, verb: 'get', name: 'etcd-9' }).message).toBe('componentstatuses "etcd-9" not found');
});
