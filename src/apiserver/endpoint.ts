import type { Kind } from '../api/kind.ts';
import type { UntypedObject } from '../api/object.ts';
import type { ObjectStore } from './registry/object-store.ts';

/** Translation between the version that is served and the one that is stored. An object that needs none may stay the same. */
export interface Conversion {
  /** The kind (group, version) that is stored. */
  readonly stored: { readonly group: string; readonly version?: string; readonly resource: string };
  readonly fromStored: (stored: UntypedObject) => UntypedObject;
  /** Somebody else converts: he is asked every time. */
  readonly isForeign?: boolean;
  readonly toStored: (object: UntypedObject) => UntypedObject;
}

/** One resource in one version, as requests name it. */
export interface Endpoint {
  readonly kind: Kind;
  readonly store: ObjectStore;
  /** Absent where the served version is the stored one. */
  readonly conversion?: Conversion | undefined;
  /** All objects there are, of a resource whose objects are worked out when they are read. */
  readonly computed?: (() => readonly UntypedObject[]) | undefined;
}

/** Every resource that is served, by group, version and plural name. */
export class EndpointTable {
  readonly #byGroup = new Map<string, Map<string, Map<string, Endpoint>>>();
  readonly #listeners = new Set<() => void>();
  #generation = 0;

  /** Changes with what is served: what was made of it is out of date then. */
  get generation(): number {
    return this.#generation;
  }

  /** Calls back whenever what is served has changed. Returns a function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Serves an endpoint, in the place of the one that had its path. */
  add(endpoint: Endpoint): void {
    const { group, version, resource } = endpoint.kind;
    let versions = this.#byGroup.get(group);
    if (!versions) this.#byGroup.set(group, (versions = new Map()));
    let resources = versions.get(version);
    if (!resources) versions.set(version, (resources = new Map()));
    resources.set(resource, endpoint);
    this.#changed();
  }

  remove({ kind: { group, version, resource } }: Endpoint): void {
    const versions = this.#byGroup.get(group);
    const resources = versions?.get(version);
    if (!versions || !resources?.delete(resource)) return;
    if (resources.size === 0) versions.delete(version);
    if (versions.size === 0) this.#byGroup.delete(group);
    this.#changed();
  }

  #changed(): void {
    this.#generation++;
    for (const listener of this.#listeners) listener();
  }

  find(group: string, version: string, resource: string): Endpoint | undefined {
    return this.#byGroup.get(group)?.get(version)?.get(resource);
  }

  /** The resource in whichever version is served. */
  findAnyVersion(group: string, resource: string): Endpoint | undefined {
    for (const resources of this.#byGroup.get(group)?.values() ?? []) {
      const endpoint = resources.get(resource);
      if (endpoint) return endpoint;
    }
    return undefined;
  }

  *[Symbol.iterator](): Generator<Endpoint> {
    for (const versions of this.#byGroup.values()) for (const resources of versions.values()) yield* resources.values();
  }
}

/** What stored objects became, by the conversion that made them. */
const presented = new WeakMap<Conversion, WeakMap<UntypedObject, UntypedObject>>();

/** A stored object in the version of the endpoint; the same object for the same stored one. */
export function present(endpoint: Endpoint, stored: UntypedObject): UntypedObject {
  const { conversion } = endpoint;
  if (!conversion) return stored;
  if (conversion.isForeign) return conversion.fromStored(stored);
  let known = presented.get(conversion);
  if (!known) presented.set(conversion, (known = new WeakMap()));
  let object = known.get(stored);
  if (!object) known.set(stored, (object = conversion.fromStored(stored)));
  return object;
}
