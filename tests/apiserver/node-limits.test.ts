import { describe, expect, test } from 'vitest';
import { restrictNodes } from '../../src/apiserver/admission/node-restriction.ts';
import type { ApiRequest, UserInfo } from '../../src/apiserver/index.ts';
import type { UntypedObject } from '../../src/api/object.ts';
import { Rig } from './rig.ts';

const ADMIN: UserInfo = { username: 'root', groups: ['system:masters'] };
const kubelet = (node: string): { user: UserInfo } => ({
  user: { username: `system:node:${node}`, groups: ['system:nodes', 'system:authenticated'] },
});

class Guarded extends Rig {
  constructor() {
    super({ authorizationMode: ['Node', 'RBAC'], extensions: [restrictNodes] });
    for (const name of ['n1', 'n2']) this.create('nodes', { metadata: { name } });
  }

  override request(asked: Parameters<Rig['request']>[0]): ApiRequest {
    return super.request({ user: ADMIN, ...asked });
  }

  pod(name: string, node: string, spec: object = {}): UntypedObject {
    return this.create('pods', {
      metadata: { name },
      spec: { nodeName: node, containers: [{ name: 'c', image: 'i' }], ...spec },
    });
  }

  reason(node: string, asked: Parameters<Rig['refusal']>[0]): string {
    return this.refusal({ ...asked, ...kubelet(node) }).message ?? '';
  }

  allows(node: string, asked: Parameters<Rig['ask']>[0]): boolean {
    return this.ask({ ...asked, ...kubelet(node) }) !== undefined;
  }
}

describe('a kubelet reads what its Pods need', () => {
  test('Secrets and ConfigMaps, by volume, environment, or to pull images', () => {
    const rig = new Guarded();
    for (const name of ['mounted', 'projected', 'env', 'pull', 'other'])
      rig.create('secrets', { metadata: { name }, stringData: { k: 'v' } });
    rig.create('configmaps', { metadata: { name: 'settings' } });
    rig.pod('web', 'n1', {
      imagePullSecrets: [{ name: 'pull' }],
      volumes: [
        { name: 'a', secret: { secretName: 'mounted' } },
        { name: 'b', projected: { sources: [{ secret: { name: 'projected' } }, { configMap: { name: 'settings' } }] } },
      ],
      containers: [
        { name: 'c', image: 'i', env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 'env', key: 'k' } } }] },
      ],
    });
    for (const name of ['mounted', 'projected', 'env', 'pull'])
      expect(rig.allows('n1', { verb: 'get', resource: 'secrets', name })).toBe(true);
    expect(rig.allows('n1', { verb: 'get', resource: 'configmaps', name: 'settings' })).toBe(true);
    expect(
      rig.allows('n1', { verb: 'list', resource: 'secrets', options: { fieldSelector: 'metadata.name=env' } }),
    ).toBe(true);
    expect(rig.reason('n1', { verb: 'get', resource: 'secrets', name: 'other' })).toBe(
      'secrets "other" is forbidden: User "system:node:n1" cannot get resource "secrets" in API group "" in the ' +
        `namespace "default": no relationship found between node 'n1' and this object`,
    );
    expect(rig.reason('n2', { verb: 'get', resource: 'secrets', name: 'mounted' })).toContain("node 'n2'");
    expect(rig.reason('n1', { verb: 'list', resource: 'secrets' })).toContain('No Object name found');
    expect(rig.reason('n1', { verb: 'delete', resource: 'secrets', name: 'env' })).toContain(
      'can only read resources of this type',
    );
  });

  test('claims, and the volumes behind them', () => {
    const rig = new Guarded();
    rig.create('persistentvolumeclaims', {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], volumeName: 'pv1', resources: { requests: { storage: '1Gi' } } },
    });
    const volume = {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/x' },
      claimRef: { namespace: 'default', name: 'data' },
    };
    rig.create('persistentvolumes', { metadata: { name: 'pv1' }, spec: volume }, { namespace: undefined });
    rig.pod('db', 'n1', { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] });
    const claim = { verb: 'get', resource: 'persistentvolumeclaims', name: 'data' } as const;
    const behind = { verb: 'get', resource: 'persistentvolumes', name: 'pv1', namespace: undefined } as const;
    expect(rig.allows('n1', claim)).toBe(true);
    expect(rig.allows('n1', behind)).toBe(true);
    expect(rig.reason('n2', claim)).toContain('no relationship');
    expect(rig.reason('n2', behind)).toContain('no relationship');
  });

  test('its own Node, and its Pods', () => {
    const rig = new Guarded();
    rig.pod('web', 'n1');
    const read = (name?: string): Parameters<Rig['ask']>[0] => ({
      verb: name ? 'get' : 'list',
      resource: 'nodes',
      name,
    });
    expect(rig.allows('n1', read('n1'))).toBe(true);
    expect(rig.reason('n1', read('n2'))).toContain("node 'n1' cannot read 'n2', only its own Node object");
    expect(rig.reason('n1', read())).toContain("node 'n1' cannot read all nodes, only its own Node object");
    const list = (fieldSelector?: string): Parameters<Rig['ask']>[0] => ({
      verb: 'list',
      resource: 'pods',
      namespace: undefined,
      options: fieldSelector ? { fieldSelector } : {},
    });
    expect(rig.allows('n1', list('spec.nodeName=n1'))).toBe(true);
    expect(rig.reason('n1', list('spec.nodeName=n2'))).toContain(
      'can only list/watch pods with spec.nodeName field selector',
    );
    expect(rig.allows('n1', { verb: 'get', resource: 'pods', name: 'web' })).toBe(true);
    expect(rig.reason('n2', { verb: 'get', resource: 'pods', name: 'web' })).toContain('no relationship');
  });

  test('and is given tokens for the accounts of its Pods, bound to them', () => {
    const rig = new Guarded();
    const { uid } = rig.pod('web', 'n1').metadata;
    const ask = (boundObjectRef?: object): Parameters<Rig['ask']>[0] => ({
      verb: 'create',
      resource: 'serviceaccounts',
      subresource: 'token',
      name: 'default',
      body: { spec: boundObjectRef ? { boundObjectRef } : {} },
    });
    const web = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid };
    expect(rig.allows('n1', ask(web))).toBe(true);
    expect(rig.reason('n1', ask())).toContain('node requested token not bound to a pod');
    expect(rig.reason('n1', ask({ ...web, uid: undefined }))).toContain('a pod binding without a uid');
    expect(rig.reason('n2', ask(web))).toContain('no relationship');
    rig.pod('own', 'n2');
    expect(rig.reason('n2', ask(web))).toContain('bound to a pod scheduled on a different node');
  });
});

describe('NodeRestriction', () => {
  test('lets a kubelet write its own Node, without taints and restricted labels', () => {
    const rig = new Guarded();
    const patch = (name: string, body: object): Parameters<Rig['ask']>[0] => ({
      verb: 'patch',
      resource: 'nodes',
      patchType: 'merge',
      name,
      body,
    });
    expect(rig.allows('n1', patch('n1', { metadata: { labels: { 'kubernetes.io/os': 'linux', team: 'a' } } }))).toBe(
      true,
    );
    expect(rig.reason('n2', patch('n1', {}))).toBe(
      'nodes "n1" is forbidden: node "n2" is not allowed to modify node "n1"',
    );
    expect(rig.reason('n1', patch('n1', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }))).toBe(
      'nodes "n1" is forbidden: node "n1" is not allowed to modify taints',
    );
    const labels = { 'node-restriction.kubernetes.io/pci': 'yes', 'node-role.kubernetes.io/control-plane': '' };
    expect(rig.reason('n1', patch('n1', { metadata: { labels } }))).toBe(
      'nodes "n1" is forbidden: is not allowed to modify labels: ' +
        'node-restriction.kubernetes.io/pci, node-role.kubernetes.io/control-plane',
    );
  });

  test('lets a kubelet create mirror Pods only, and delete those on its node', () => {
    const rig = new Guarded();
    rig.pod('web', 'n1');
    const body = { metadata: { name: 'static' }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] } };
    expect(rig.reason('n1', { verb: 'create', resource: 'pods', body })).toContain(
      'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
    );
    expect(rig.reason('n2', { verb: 'delete', resource: 'pods', name: 'web' })).toBe(
      'pods "web" is forbidden: node "n2" can only delete pods with spec.nodeName set to itself',
    );
    expect(rig.allows('n1', { verb: 'delete', resource: 'pods', name: 'web' })).toBe(true);
  });
});
