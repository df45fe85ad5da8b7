import { describe, expect, test } from 'vitest';
import type { ManagedFieldsEntry } from '../../src/api/apply/managers.ts';
import type { UntypedObject } from '../../src/api/object.ts';
import type { HttpRequest } from '../../src/apiserver/index.ts';
import { pod, Rig } from './rig.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

class ApplyRig extends Rig {
  send(method: string, url: string, body?: object, headers: Record<string, string> = {}): UntypedObject {
    const request: HttpRequest = {
      method,
      url,
      headers: { 'user-agent': 'kubectl/v1', ...headers },
      ...(body ? { body } : {}),
    };
    return this.server.http(request).body as UntypedObject;
  }

  apply(url: string, manager: string, body: object, query = ''): UntypedObject {
    return this.send('PATCH', `${url}?fieldManager=${manager}${query}`, body, {
      'content-type': 'application/apply-patch+yaml',
    });
  }

  /** Who manages what, in the order shown. */
  managers(url: string): [string, object][] {
    const entries = this.send('GET', url).metadata.managedFields as unknown as ManagedFieldsEntry[] | undefined;
    return (entries ?? []).map((entry) => [
      [entry.manager, entry.operation, ...(entry.subresource ? [entry.subresource] : [])].join(' '),
      entry.fieldsV1!,
    ]);
  }
}

const map = (name: string, data: Record<string, string>, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});

describe('server-side apply', () => {
  test('creates, shares, conflicts, takes over and lets go', () => {
    const rig = new ApplyRig();
    const url = `${MAPS}/cm`;
    expect(rig.apply(url, 'alice', map('cm', { a: '1', b: '2' }, { labels: { team: 'red' } })).kind).toBe('ConfigMap');
    expect(rig.managers(url)).toEqual([
      ['alice Apply', { 'f:data': { 'f:a': {}, 'f:b': {} }, 'f:metadata': { 'f:labels': { 'f:team': {} } } }],
    ]);
    expect(rig.apply(url, 'bob', map('cm', { a: '9', c: '3' }))).toMatchObject({
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "alice": .data.a',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "alice"', field: '.data.a' }] },
    });
    rig.apply(url, 'bob', map('cm', { a: '9', c: '3' }), '&force=true');
    expect(rig.send('GET', url)['data']).toEqual({ a: '9', b: '2', c: '3' });
    rig.apply(url, 'bob', map('cm', { c: '3' }));
    expect(rig.send('GET', url)['data']).toEqual({ b: '2', c: '3' });
    expect(rig.apply(url, 'alice', map('cm', { a: '1', b: '3', c: '1' })).message).toBe(
      'Apply failed with 1 conflict: conflict with "bob": .data.c',
    );
  });

  test('names every conflict, by manager', () => {
    const rig = new ApplyRig();
    const url = `${MAPS}/cm`;
    rig.apply(url, 'a', map('cm', { x: '1' }));
    rig.apply(url, 'b', map('cm', { y: '1', z: '1' }));
    expect(rig.apply(url, 'c', map('cm', { x: '2', y: '2', z: '2' })).message).toBe(
      'Apply failed with 3 conflicts: conflicts with "a":\n- .data.x\nconflicts with "b":\n- .data.y\n- .data.z',
    );
  });

  test('writes nothing when nothing is new', () => {
    const rig = new ApplyRig();
    const url = `${MAPS}/cm`;
    const first = rig.apply(url, 'a', map('cm', { x: '1' })).metadata.resourceVersion;
    expect(rig.apply(url, 'a', map('cm', { x: '1' })).metadata.resourceVersion).toBe(first);
    expect(rig.apply(url, 'b', map('cm', { x: '1' })).metadata.resourceVersion).not.toBe(first);
    rig.apply(url, 'c', map('cm', { y: '1' }), '&dryRun=All');
    expect(rig.managers(url).map(([who]) => who)).toEqual(['b Apply', 'a Apply']);
  });

  test('merges lists of maps by key, and takes away items that nobody manages', () => {
    const rig = new ApplyRig();
    const url = '/apis/apps/v1/namespaces/default/deployments/web';
    const deployment = (containers: object[], spec: object = {}): object => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { ...spec, template: { ...(spec as { template?: object }).template, spec: { containers } } },
    });
    const labels = { app: 'web' };
    const base = { selector: { matchLabels: labels }, template: { metadata: { labels } } };
    const app = { name: 'app', image: 'nginx', ports: [{ containerPort: 80 }] };
    rig.apply(url, 'a', deployment([app], base));
    rig.apply(
      url,
      'b',
      deployment([
        { name: 'app', args: ['z'] },
        { name: 'side', image: 'busybox' },
      ]),
    );
    const names = (): unknown[] => {
      const spec = rig.send('GET', url)['spec'] as { template: { spec: { containers: { name: string }[] } } };
      return spec.template.spec.containers.map(({ name }) => name);
    };
    expect(names()).toEqual(['app', 'side']);
    rig.apply(url, 'b', deployment([{ name: 'app', args: ['z'] }]));
    expect(names()).toEqual(['app']);
    const key = 'k:{"name":"app"}';
    expect(rig.managers(url)).toMatchObject([
      [
        'a Apply',
        {
          'f:spec': {
            'f:selector': {},
            'f:template': {
              'f:spec': {
                'f:containers': {
                  [key]: {
                    '.': {},
                    'f:image': {},
                    'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
                  },
                },
              },
            },
          },
        },
      ],
      [
        'b Apply',
        { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { [key]: { '.': {}, 'f:args': {} } } } } } },
      ],
    ]);
    const twice = { name: 'app', env: [{ name: 'A' }, { name: 'A' }] };
    expect(rig.apply(url, 'd', deployment([twice])).message).toBe(
      'failed to create typed patch object (/web; apps/v1, Kind=Deployment): ' +
        '.spec.template.spec.containers[name="app"].env: duplicate entries for key [name="A"]',
    );
  });

  test('refuses what is no configuration', () => {
    const rig = new ApplyRig();
    const url = `${MAPS}/cm`;
    expect(rig.apply(url, '', map('cm', {})).message).toBe(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
    expect(rig.apply(url, 'a', { ...map('cm', {}), apiVersion: 'v2' }).message).toBe(
      'Incorrect version specified in apply patch. Specified patch version: v2, expected: v1',
    );
    expect(rig.apply(url, 'a', map('cm', {}, { managedFields: [] })).message).toBe(
      'metadata.managedFields must be nil',
    );
    expect(rig.apply(url, 'a', map('other', {})).message).toBe(
      'the name of the object (other) does not match the name on the URL (cm)',
    );
  });

  test('reads YAML', () => {
    const rig = new ApplyRig();
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: y\ndata: {a: b}\n';
    const headers = { 'content-type': 'application/apply-patch+yaml' };
    rig.server.http({ method: 'PATCH', url: `${MAPS}/y?fieldManager=a`, headers, body });
    expect(rig.send('GET', `${MAPS}/y`)['data']).toEqual({ a: 'b' });
  });
});

describe('metadata.managedFields', () => {
  test('of a creation names what the client gave and what defaults added, not what admission did', () => {
    const rig = new ApplyRig();
    rig.send('POST', '/api/v1/namespaces/default/pods', { ...pod('a'), metadata: { name: 'a', labels: { x: 'y' } } });
    const [[who, fields] = []] = rig.managers('/api/v1/namespaces/default/pods/a');
    expect(who).toBe('kubectl Update');
    expect(fields).toMatchObject({
      'f:metadata': { 'f:labels': { '.': {}, 'f:x': {} } },
      'f:spec': { 'f:dnsPolicy': {} },
    });
    expect(Object.keys((fields as { 'f:spec': object })['f:spec'])).not.toContain('f:tolerations');
    expect(Object.keys((fields as { 'f:spec': object })['f:spec'])).not.toContain('.');
  });

  test('goes from writer to writer as values change', () => {
    const rig = new ApplyRig();
    const url = `${MAPS}/cm`;
    rig.send('POST', `${MAPS}?fieldManager=one`, map('cm', { a: '1', b: '2' }));
    const merge = { 'content-type': 'application/merge-patch+json' };
    rig.send('PATCH', `${url}?fieldManager=two`, { data: { a: '2', b: null, c: '3' } }, merge);
    expect(rig.managers(url)).toEqual([
      ['one Update', { 'f:data': {} }],
      ['two Update', { 'f:data': { 'f:a': {}, 'f:c': {} } }],
    ]);
    expect(rig.apply(url, 'three', map('cm', { c: '4' })).message).toBe(
      'Apply failed with 1 conflict: conflict with "two" using v1: .data.c',
    );
  });

  test('can be written by clients, and stays as it is when they do not know it', () => {
    const rig = new ApplyRig();
    const url = `${MAPS}/cm`;
    const created = rig.send('POST', `${MAPS}?fieldManager=one`, map('cm', { a: '1' }));
    rig.send('PUT', `${url}?fieldManager=one`, map('cm', { a: '1' }));
    expect(rig.send('GET', url).metadata.resourceVersion).toBe(created.metadata.resourceVersion);
    const json = { 'content-type': 'application/json-patch+json' };
    rig.send('PATCH', url, [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }] as object, json);
    expect(rig.managers(url)).toEqual([]);
    rig.apply(url, 'me', map('cm', { a: '1' }));
    expect(rig.managers(url).map(([who]) => who)).toEqual(['me Apply', 'before-first-apply Update']);
  });

  test('is the same however long nobody looked', () => {
    const write = (rig: ApplyRig, look: boolean): unknown => {
      const url = `${MAPS}/cm`;
      const merge = { 'content-type': 'application/merge-patch+json' };
      rig.send('POST', `${MAPS}?fieldManager=m0`, map('cm', { a: '0' }));
      for (let i = 1; i < 60; i++) {
        const data = { [`k${i % 7}`]: String(i), [`k${i % 5}`]: i % 3 ? String(-i) : null };
        rig.send('PATCH', `${url}?fieldManager=m${i % 4}`, { data }, merge);
        if (look) rig.managers(url);
      }
      return rig.managers(url);
    };
    expect(write(new ApplyRig(), true)).toEqual(write(new ApplyRig(), false));
  });
});

describe('parts of a Pod', () => {
  test('ephemeral containers are added by their own subresource', () => {
    const rig = new ApplyRig();
    rig.create('pods', pod('a', { nodeName: 'node-1' }));
    const url = '/api/v1/namespaces/default/pods/a/ephemeralcontainers';
    const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
    const debug = { name: 'debug', image: 'busybox' };
    const patched = rig.send('PATCH', url, { spec: { ephemeralContainers: [debug] } }, strategic);
    expect(patched['spec']).toMatchObject({ ephemeralContainers: [debug] });
    const changed = { ...debug, image: 'alpine' };
    expect(rig.send('PATCH', url, { spec: { ephemeralContainers: [changed] } }, strategic).message).toContain(
      'existing ephemeral containers "debug" may not be changed',
    );
  });

  test('resources are changed by resize', () => {
    const rig = new ApplyRig();
    rig.create('nodes', { metadata: { name: 'node-1' }, status: { allocatable: { cpu: '4' } } });
    rig.create(
      'pods',
      pod('a', { nodeName: 'node-1', containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }] }),
    );
    const url = '/api/v1/namespaces/default/pods/a/resize';
    const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
    const containers = [{ name: 'c', resources: { requests: { cpu: '2' } } }];
    const patched = rig.send('PATCH', url, { spec: { containers } }, strategic);
    expect(patched).toMatchObject({ spec: { containers: [{ resources: { requests: { cpu: '2' } } }] } });
    expect(patched.metadata.generation).toBe(2);
    const other = { spec: { containers: [{ name: 'c', image: 'x' }] } };
    expect(rig.send('PATCH', url, other, strategic)).toMatchObject({ spec: { containers: [{ image: 'i' }] } });
  });
});
