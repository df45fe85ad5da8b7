import type { Kind } from '../api/kind.ts';
import type { UntypedObject } from '../api/object.ts';
import type { ObjectStore } from './registry/object-store.ts';

/** Translation between the version that is served and the one that is stored. Both make new objects. */
export interface Conversion {
  /** The kind (group, version) that is stored. */
  readonly stored: { readonly group: string; readonly version?: string; readonly resource: string };
  readonly fromStored: (stored: UntypedObject) => UntypedObject;
  readonly toStored: (object: UntypedObject) => UntypedObject;
}

/** One resource in one version, as requests name it. */
export interface Endpoint {
  readonly kind: Kind;
  readonly store: ObjectStore;
  /** Absent where the served version is the stored one. */
  readonly conversion?: Conversion | undefined;
}

/** Every resource that is served, by group, version and plural name. */
export class EndpointTable {
  readonly #byGroup = new Map<string, Map<string, Map<string, Endpoint>>>();

  add(endpoint: Endpoint): void {
    const { group, version, resource } = endpoint.kind;
    let versions = this.#byGroup.get(group);
    if (!versions) this.#byGroup.set(group, (versions = new Map()));
    let resources = versions.get(version);
    if (!resources) versions.set(version, (resources = new Map()));
    resources.set(resource, endpoint);
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

const presented = new WeakMap<UntypedObject, UntypedObject>();

/** A stored object in the version of the endpoint; the same object for the same stored one. */
export function present(endpoint: Endpoint, stored: UntypedObject): UntypedObject {
  if (!endpoint.conversion) return stored;
  let object = presented.get(stored);
  if (!object) presented.set(stored, (object = endpoint.conversion.fromStored(stored)));
  return object;
}
