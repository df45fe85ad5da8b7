/** Custom resource definitions for tests. */
import type { UntypedObject } from '../../src/api/object.ts';
import type { CustomResourceDefinition } from '../../src/api/types.ts';
import { Resource, type Query } from './client.ts';
import { customResourceDefinitions } from './kinds.ts';
import { afterwards, reaches, unique } from './scene.ts';

/** Custom resources must say what they are; here they need not. */
class CustomResources extends Resource {
  readonly #type: object;

  constructor(path: string, apiVersion: string, kind: string) {
    super(path);
    this.#type = { apiVersion, kind };
  }

  override create(object: object, query?: Query): Promise<UntypedObject> {
    return super.create({ ...this.#type, ...object }, query);
  }
}

export interface CustomKind {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  /** Name of the definition. */
  readonly name: string;
  readonly definition: CustomResourceDefinition;
  at(version: string, namespace?: string): Resource;
}

export interface CustomKindOptions {
  readonly group?: string;
  readonly scope?: 'Namespaced' | 'Cluster';
  readonly labels?: Readonly<Record<string, string>>;
  readonly versions?: readonly object[];
  readonly spec?: object;
}

const ALLOW_ALL = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** A version as definitions list them. */
export const version = (name: string, schema: object = ALLOW_ALL, rest: object = {}): object => ({
  name,
  served: true,
  storage: false,
  schema: { openAPIV3Schema: schema },
  ...rest,
});

/** The kind that a definition would define, of a name that nothing else has. */
export function customKind({
  group = `${unique('group')}.example.com`,
  scope = 'Namespaced',
  labels = {},
  versions = [version('v1', ALLOW_ALL, { storage: true })],
  spec = {},
}: CustomKindOptions = {}): { readonly manifest: object } & Omit<CustomKind, 'definition'> {
  const singular = unique('thing').replace('-', '');
  const plural = `${singular}s`;
  const kind = `E2e${singular}`;
  const name = `${plural}.${group}`;
  const names = { plural, singular, kind, listKind: `${kind}List` };
  const manifest = { metadata: { name, labels }, spec: { group, scope, names, versions, ...spec } };
  const at: CustomKind['at'] = (served, namespace) =>
    new CustomResources(
      `/apis/${group}/${served}${namespace ? `/namespaces/${namespace}` : ''}/${plural}`,
      `${group}/${served}`,
      kind,
    );
  return { manifest, group, plural, kind, name, at };
}

export const established = ({ status }: CustomResourceDefinition): boolean =>
  status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True') ?? false;

/** Defines a kind, and waits until it is served. */
export async function defineKind(options: CustomKindOptions = {}): Promise<CustomKind> {
  const { manifest, ...rest } = customKind(options);
  await customResourceDefinitions().create(manifest);
  afterwards(() => customResourceDefinitions().delete(rest.name));
  const definition = await reaches(customResourceDefinitions(), rest.name, established);
  return { ...rest, definition };
}
