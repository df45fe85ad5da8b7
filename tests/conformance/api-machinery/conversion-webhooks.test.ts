import { beforeAll, describe, expect, test } from 'vitest';
import type { UntypedObject } from '../../../src/api/object.ts';
import type { Watch } from '../client.ts';
import { defineKind, version, type CustomKind } from '../custom-resources.ts';
import { customResourceDefinitions } from '../kinds.ts';
import { namespace, reaches, until } from '../scene.ts';
import { webhookServer, type WebhookServer } from '../webhook-server.ts';

let server: WebhookServer;

beforeAll(async () => {
  server = await webhookServer('crd-conversion-webhook');
});

const fields = (...names: readonly string[]): object => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
});

const selectable = (...paths: readonly string[]): object => ({
  selectableFields: paths.map((jsonPath) => ({ jsonPath })),
});

const convertedKind = (): Promise<CustomKind> =>
  defineKind({
    versions: [
      version('v1', fields('hostPort'), { storage: true, ...selectable('.hostPort') }),
      version('v2', fields('host', 'port'), selectable('.host', '.port')),
    ],
    spec: {
      conversion: {
        strategy: 'Webhook',
        webhook: {
          conversionReviewVersions: ['v1', 'v1beta1'],
          clientConfig: {
            service: { namespace: server.namespace, name: server.name, path: '/crdconvert', port: server.port },
          },
        },
      },
    },
  });

const names = (items: readonly UntypedObject[]): string[] => items.map(({ metadata }) => metadata.name);

describe('[sig-api-machinery] CustomResourceConversionWebhook', () => {
  test('Custom Resource Definition Conversion Webhook, conversion custom resource', async () => {
    const kind = await convertedKind();
    const ns = await namespace();
    await kind.at('v1', ns).create({ metadata: { name: 'one' }, hostPort: 'localhost:8080' });
    const read = await kind.at('v2', ns).get('one');
    expect(read).toMatchObject({ apiVersion: `${kind.group}/v2`, host: 'localhost', port: '8080' });
    expect(read['hostPort']).toBeUndefined();
  });

  test('Custom Resource Definition Conversion Webhook, convert mixed version list', async () => {
    const kind = await convertedKind();
    const ns = await namespace();
    await kind.at('v1', ns).create({ metadata: { name: 'cr-instance-1' }, hostPort: 'localhost:8080' });
    const path = (n: number): string => `/spec/versions/${n}/storage`;
    await customResourceDefinitions().patch(
      kind.name,
      [
        { op: 'replace', path: path(0), value: false },
        { op: 'replace', path: path(1), value: true },
      ],
      { type: 'json' },
    );
    await reaches(
      customResourceDefinitions(),
      kind.name,
      ({ status }) => status?.storedVersions?.includes('v2') ?? false,
    );
    await kind.at('v2', ns).create({ metadata: { name: 'cr-instance-2' }, host: 'localhost', port: '8081' });
    const { items } = await kind.at('v2', ns).list();
    expect(items).toMatchObject([
      { apiVersion: `${kind.group}/v2`, host: 'localhost', port: '8080' },
      { apiVersion: `${kind.group}/v2`, host: 'localhost', port: '8081' },
    ]);
    expect((await kind.at('v1', ns).list()).items).toMatchObject([
      { hostPort: 'localhost:8080' },
      { hostPort: 'localhost:8081' },
    ]);
  });
});

/** What a watch has seen come and go. */
function seen(watch: Watch<UntypedObject>): { readonly added: string[]; readonly deleted: string[] } {
  const names: { added: string[]; deleted: string[] } = { added: [], deleted: [] };
  void (async () => {
    for (let event = await watch.next(); event; event = await watch.next())
      if (event.type === 'ADDED') names.added.push(event.object.metadata.name);
      else if (event.type === 'DELETED') names.deleted.push(event.object.metadata.name);
  })();
  return names;
}

describe('[sig-api-machinery] CustomResourceFieldSelectors', () => {
  test('custom-resource-definition-field-selectors-list-watch-register-informers', async () => {
    const kind = await convertedKind();
    const ns = await namespace();
    const [v1, v2] = [kind.at('v1', ns), kind.at('v2', ns)];
    const watches = [
      await v2.watch({ fieldSelector: 'host=host1' }),
      await v2.watch({ fieldSelector: 'host=host1,port=80' }),
      await v1.watch({ fieldSelector: 'hostPort=host1:80' }),
    ];
    const observed = watches.map(seen);
    for (const [name, rest] of [
      ['a', { host: 'host1', port: '80' }],
      ['b', { host: 'host1', port: '8080' }],
      ['c', { host: 'host2' }],
    ] as const)
      await v2.create({ metadata: { name }, ...rest });
    expect(names((await v2.list({ fieldSelector: 'host=host1' })).items)).toEqual(['a', 'b']);
    expect(names((await v2.list({ fieldSelector: 'host=host1,port=80' })).items)).toEqual(['a']);
    expect(names((await v1.list({ fieldSelector: 'hostPort=host1:80' })).items)).toEqual(['a']);
    expect(names((await v1.list({ fieldSelector: 'hostPort=host1:8080' })).items)).toEqual(['b']);
    const observes = (expected: readonly { added: string[]; deleted: string[] }[]) =>
      until(
        async () => JSON.stringify(observed),
        (text) => text === JSON.stringify(expected),
      );
    await observes([
      { added: ['a', 'b'], deleted: [] },
      { added: ['a'], deleted: [] },
      { added: ['a'], deleted: [] },
    ]);
    await v2.deleteCollection({ fieldSelector: 'host=host1,port=80' }, { gracePeriodSeconds: 0 });
    await v2.change('b', (old) => ({ ...old, host: 'host2' }));
    expect((await v2.list({ fieldSelector: 'host=host1' })).items).toEqual([]);
    await observes([
      { added: ['a', 'b'], deleted: ['a', 'b'] },
      { added: ['a'], deleted: ['a'] },
      { added: ['a'], deleted: ['a'] },
    ]);
    for (const watch of watches) watch.stop();
  });
});
