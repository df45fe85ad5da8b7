import { describe, expect, test } from 'vitest';
import type { UntypedObject } from '../../../src/api/object.ts';
import { refusal } from '../client.ts';
import { customKind, defineKind, established, version } from '../custom-resources.ts';
import { customResourceDefinitions } from '../kinds.ts';
import { afterwards, gone, namespace, reaches, unique, until } from '../scene.ts';

const definitions = customResourceDefinitions();

describe('[sig-api-machinery] CustomResourceDefinition resources', () => {
  test('Custom Resource Definition, create', async () => {
    const { name, at } = await defineKind();
    const ns = await namespace();
    await at('v1', ns).create({ metadata: { name: 'one' } });
    await definitions.delete(name);
    await gone(definitions, name);
    expect((await refusal(at('v1', ns).list())).code).toBe(404);
  });

  test('Custom Resource Definition, list', async () => {
    const label = unique('e2e-list-test');
    const group = `${unique('group')}.example.com`;
    for (let n = 0; n < 10; n++) await defineKind({ group, labels: { [label]: 'yes' } });
    const other = await defineKind({ group });
    const selector = { labelSelector: `${label}=yes` };
    const { items } = await definitions.list(selector);
    expect(items).toHaveLength(10);
    expect(items.every((one) => one.spec.group === group && established(one))).toBe(true);
    await definitions.deleteCollection(selector);
    await until(
      () => definitions.list(selector),
      (list) => list.items.length === 0,
    );
    expect((await definitions.get(other.name)).metadata.deletionTimestamp).toBeUndefined();
  });

  test('Custom Resource Definition, status sub-resource', async () => {
    const { name } = await defineKind();
    const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set by an e2e test' };
    const read = await definitions.get(`${name}/status`);
    expect(established(read)).toBe(true);
    const updated = await definitions.change(
      name,
      (old) => ({ ...old, status: { ...old.status, conditions: [...(old.status?.conditions ?? []), condition] } }),
      'status',
    );
    expect(updated.status?.conditions).toContainEqual(expect.objectContaining(condition));
    const other = { ...condition, type: 'StatusPatch' };
    const patched = await definitions.patch(
      `${name}/status`,
      [{ op: 'add', path: '/status/conditions/-', value: other }],
      { type: 'json' },
    );
    expect(patched.status?.conditions).toContainEqual(expect.objectContaining(other));
    const after = await definitions.get(name);
    for (const one of [condition, other]) expect(after.status?.conditions).toContainEqual(expect.objectContaining(one));
  });

  test('Custom Resource Definition, watch', async () => {
    const { manifest, name } = customKind();
    const watch = await definitions.watch({ fieldSelector: `metadata.name=${name}` });
    await definitions.create(manifest);
    await watch.until('ADDED', ({ metadata }) => metadata.name === name);
    await definitions.patch(name, { metadata: { labels: { seen: 'yes' } } });
    await watch.until('MODIFIED', ({ metadata }) => metadata.labels?.['seen'] === 'yes');
    await definitions.delete(name);
    await watch.until('DELETED');
    watch.stop();
  });

  test('watch on custom resource definition objects: the custom resources too', async () => {
    const { at } = await defineKind({ scope: 'Cluster' });
    const things = at('v1');
    const watch = await things.watch({ resourceVersion: '0' });
    for (const name of ['first', 'second']) {
      await things.create({ metadata: { name } });
      await watch.until('ADDED', ({ metadata }) => metadata.name === name);
      await things.patch(name, { dummy: 'test' });
      await watch.until('MODIFIED', ({ metadata }) => metadata.name === name);
    }
    for (const name of ['first', 'second']) {
      await things.delete(name);
      await watch.until('DELETED', ({ metadata }) => metadata.name === name);
    }
    watch.stop();
  });

  test('Custom Resource Definition, defaulting', async () => {
    const schema = (a?: string, b?: string): object => ({
      type: 'object',
      properties: {
        a: { type: 'string', ...(a && { default: a }) },
        b: { type: 'string', ...(b && { default: b }) },
      },
    });
    const { name, at } = await defineKind({
      scope: 'Cluster',
      versions: [version('v1', schema(), { storage: true })],
    });
    const things = at('v1');
    const switchTo = (next: object) =>
      definitions.patch(name, [{ op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema', value: next }], {
        type: 'json',
      });
    const got = (thing: UntypedObject): [unknown, unknown] => [thing['a'], thing['b']];
    expect(got(await things.create({ metadata: { name: 'stored-before' } }))).toEqual([undefined, undefined]);
    await switchTo(schema('A'));
    await reaches(things, 'stored-before', (thing) => thing['a'] === 'A');
    expect(got(await things.create({ metadata: { name: 'made-meanwhile' } }))).toEqual(['A', undefined]);
    await switchTo(schema(undefined, 'B'));
    // What was defaulted when it was written stays; what was only read so is forgotten.
    const meanwhile = await reaches(things, 'made-meanwhile', (thing) => thing['b'] === 'B');
    expect(got(meanwhile)).toEqual(['A', 'B']);
    expect(got(await things.get('stored-before'))).toEqual([undefined, 'B']);
  });
});

describe('[sig-api-machinery] CustomResourceDefinition names', () => {
  test('are refused while another definition has them', async () => {
    const first = await defineKind();
    const { manifest, name } = customKind({ group: first.group });
    const taken = structuredClone(manifest) as { spec: { names: { kind: string; listKind: string } } };
    Object.assign(taken.spec.names, { kind: first.kind, listKind: `${first.kind}List` });
    await definitions.create(taken);
    afterwards(() => definitions.delete(name));
    const { status } = await reaches(definitions, name, ({ status }) => (status?.conditions?.length ?? 0) > 0);
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'NamesAccepted', status: 'False' }));
  });
});
