/** The tests of the suite that are named "API operations" all go the same way; this is it. */
import { expect } from 'vitest';
import type { KubeObject, UntypedObject } from '../../src/api/object.ts';
import { refusal, request, type Resource } from './client.ts';
import { afterwards, unique, until } from './scene.ts';

interface ApiGroup {
  readonly name: string;
  readonly versions: readonly { readonly version: string }[];
}

interface ApiResourceList {
  readonly resources: readonly { readonly name: string; readonly verbs: readonly string[] }[];
}

/** A group, its version and its resources must be found by going from `/apis` down. */
export async function discovered(groupVersion: string, ...resources: readonly string[]): Promise<void> {
  const [group, version] = groupVersion.split('/');
  const found = ({ versions }: ApiGroup): boolean => versions.some((one) => one.version === version);
  const { groups } = await request<{ groups: ApiGroup[] }>('GET', '/apis');
  expect(groups.filter(found).map(({ name }) => name)).toContain(group);
  expect(found(await request<ApiGroup>('GET', `/apis/${group}`))).toBe(true);
  const listed = await request<ApiResourceList>('GET', `/apis/${groupVersion}`);
  expect(listed.resources.map(({ name }) => name)).toEqual(expect.arrayContaining([...resources]));
}

/** What the exercise needs to know of a kind. */
export interface Exercise {
  /** Where objects are made. */
  readonly resource: Resource<KubeObject>;
  /** Where they are listed, if not only there: in all namespaces. */
  readonly everywhere?: Resource<KubeObject>;
  /** An object without name; each that is made of it differs in what `nth` adds. */
  readonly object: (nth: number) => object;
  /** What a merge patch changes beyond an annotation. */
  readonly patch?: object;
  /** What a replacement has instead. */
  readonly replace?: (object: UntypedObject) => object;
}

const annotated = (key: string) => (object: KubeObject) => object.metadata.annotations?.[key] === 'true';

/** Creates, gets, lists, watches, patches, updates, deletes, and deletes the collection. */
export async function operate({
  resource,
  everywhere,
  object,
  patch = {},
  replace = () => ({}),
}: Exercise): Promise<void> {
  const label = unique('special-label');
  const selector = { labelSelector: `${label}=true` };
  afterwards(() => resource.deleteCollection(selector));
  const make = (nth: number): Promise<KubeObject> => {
    const { metadata, ...rest } = object(nth) as { metadata?: object };
    const names = { name: unique('conformance'), ...metadata, labels: { [label]: 'true' } };
    return resource.create({ ...rest, metadata: names });
  };
  await make(0);
  await make(1);
  const { metadata } = await make(2);

  expect((await resource.get(metadata.name)).metadata.uid).toBe(metadata.uid);
  const list = await resource.list(selector);
  expect(list.items).toHaveLength(3);
  if (everywhere) expect((await everywhere.list(selector)).items).toHaveLength(3);
  const { resourceVersion } = list.metadata;
  const watch = await resource.watch({ ...selector, resourceVersion });

  const patched = await resource.patch(metadata.name, { ...patch, metadata: { annotations: { patched: 'true' } } });
  expect(patched).toMatchObject(patch);
  expect(annotated('patched')(patched)).toBe(true);
  const updated = await resource.change(metadata.name, (read) => ({
    ...read,
    ...replace(read as unknown as UntypedObject),
    metadata: { ...read.metadata, annotations: { ...read.metadata.annotations, updated: 'true' } },
  }));
  expect(annotated('updated')(updated)).toBe(true);
  await watch.until('MODIFIED', annotated('patched'));
  await watch.until('MODIFIED', annotated('updated'));
  watch.stop();

  await resource.delete(metadata.name);
  const after = await resource.get(metadata.name).then(
    (left) => left.metadata,
    (error: { code: number }) => error,
  );
  // What has finalizers is only marked.
  if ('code' in after) expect(after.code).toBe(404);
  else expect(after.deletionTimestamp).toBeDefined();
  await until(
    () => resource.list(selector),
    ({ items }) => items.length === 2,
  );
  await resource.deleteCollection(selector);
  await until(
    () => resource.list(selector),
    ({ items }) => items.length === 0,
  );
  expect((await refusal(resource.get(metadata.name))).reason).toBe('NotFound');
}

/** Reads, patches and replaces the status of an object alone. `status` is what the patch sets. */
export async function operateStatus(resource: Resource<KubeObject>, name: string, status: object): Promise<void> {
  const at = `${name}/status`;
  expect((await resource.get(at)).metadata.name).toBe(name);
  const patched = await resource.patch(at, { metadata: { annotations: { patchedstatus: 'true' } }, status });
  expect(patched).toMatchObject({ status });
  expect(annotated('patchedstatus')(patched)).toBe(true);
  const updated = await resource.change(
    name,
    (read) => ({
      ...read,
      metadata: { ...read.metadata, annotations: { ...read.metadata.annotations, updatedstatus: 'true' } },
    }),
    'status',
  );
  expect(annotated('updatedstatus')(updated)).toBe(true);
}
