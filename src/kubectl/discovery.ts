import { checkPathSegmentName } from '../api/names.ts';
import { CliError } from './errors.ts';
import { goQuote } from './go-format.ts';
import type { Rest } from './rest.ts';
import { list, strings, text, type Obj } from './value.ts';

/** One resource in one version, as discovery tells it. */
export interface Mapping {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly namespaced: boolean;
  readonly subresources: readonly string[];
  /** The first version of its group: the one that names without a version mean. */
  readonly preferred: boolean;
}

export const versionOf = (group: string, version: string): string => (group ? `${group}/${version}` : version);
/** `deployments.apps`, `pods`. */
export const resourceName = (mapping: Mapping): string =>
  mapping.group ? `${mapping.resource}.${mapping.group}` : mapping.resource;
/** `deployment.apps`, `pod`: how kubectl names a kind in its messages. */
export const kindName = (group: string, kind: string): string =>
  group ? `${kind.toLowerCase()}.${group}` : kind.toLowerCase();
/** schema.GroupVersionResource's String. */
export const gvrText = (mapping: Mapping): string =>
  `${mapping.group}/${mapping.version}, Resource=${mapping.resource}`;

const checkedName = (name: string): string => {
  const wrong = checkPathSegmentName(name, false);
  if (wrong.length > 0) throw new CliError(`invalid resource name ${goQuote(name)}: [${wrong.join(', ')}]`);
  return name;
};

/** The path of a resource's collection, or of one object. Throws for names that no path can have, as client-go does. */
export const pathOf = (
  mapping: Mapping,
  namespace: string | undefined,
  name?: string,
  subresource?: string,
): string => {
  const root = mapping.group ? `/apis/${mapping.group}/${mapping.version}` : `/api/${mapping.version}`;
  const scoped = mapping.namespaced && namespace ? `${root}/namespaces/${namespace}` : root;
  return [
    scoped,
    mapping.resource,
    ...(name ? [encodeURIComponent(checkedName(name))] : []),
    ...(subresource ? [subresource] : []),
  ].join('/');
};

const ACCEPT = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
const parsed = new WeakMap<object, readonly Mapping[]>();

/** What is remembered of discovery from one command to the next, as kubectl does on disk. */
export interface DiscoveryCache {
  mappings?: readonly Mapping[];
}

/**
 * What the server serves, and how names that people type map to it. What an earlier command was told is believed; only
 * what is not found there is asked for anew.
 */
export class Discovery {
  readonly #rest: Rest;
  readonly #cache: DiscoveryCache;
  #fresh = false;

  constructor(rest: Rest, cache: DiscoveryCache = {}) {
    this.#rest = rest;
    this.#cache = cache;
  }

  /** Every resource in the order in which the server tells them. */
  get mappings(): readonly Mapping[] {
    return this.#cache.mappings ?? this.refreshed();
  }

  /** The same, asked for anew. */
  refreshed(): readonly Mapping[] {
    if (!this.#fresh || !this.#cache.mappings) {
      this.#cache.mappings = [...this.#read('/api'), ...this.#read('/apis')];
      this.#fresh = true;
    }
    return this.#cache.mappings;
  }

  /** What is found, in what is remembered or else in what the server says now. */
  #find<T>(find: () => T | undefined): T | undefined {
    const found = find();
    if (found !== undefined || this.#fresh) return found;
    this.refreshed();
    return find();
  }

  #read(path: string): readonly Mapping[] {
    const document = this.#rest.get(path, { accept: ACCEPT });
    let found = parsed.get(document);
    if (!found) parsed.set(document, (found = list(document, 'items').flatMap(groupMappings)));
    return found;
  }

  /** The mapping of a type as typed: `po`, `deployments`, `deployment.apps`, `deployments.v1.apps`, `Pod`. */
  mappingFor(typed: string): Mapping {
    const found = this.lookUp(typed);
    if (!found) throw new CliError(`the server doesn't have a resource type ${goQuote(typed.split('.')[0]!)}`);
    return found;
  }

  lookUp(typed: string): Mapping | undefined {
    return this.#find(() => this.#named(typed));
  }

  #named(typed: string): Mapping | undefined {
    const [name = '', version, ...rest] = typed.split('.');
    if (name === '') return undefined;
    // TYPE.VERSION.GROUP, then TYPE.GROUP.
    if (version !== undefined && (rest.length > 0 || typed.endsWith('.'))) {
      const group = rest.join('.');
      const exact = this.mappings.find((m) => m.version === version && m.group === group && named(m, name));
      if (exact) return exact;
    }
    const group = typed.slice(name.length + 1);
    const inGroup =
      version === undefined
        ? this.mappings
        : this.mappings.filter((m) => m.group === group || (group !== '' && m.group.startsWith(`${group}.`)));
    return (
      preferred(inGroup, (m) => named(m, name)) ?? preferred(inGroup, (m) => m.shortNames.includes(name.toLowerCase()))
    );
  }

  /** The mapping of an object's apiVersion and kind. */
  kindMapping(group: string, version: string, kind: string): Mapping | undefined {
    return this.#find(() =>
      this.mappings.find(
        (m) => m.group === group && m.version === version && (m.kind === kind || m.kind.toLowerCase() === kind),
      ),
    );
  }

  /** The resources of a category such as `all`. */
  category(name: string): Mapping[] {
    const found = this.mappings.filter((m) => m.categories.includes(name));
    return found.filter(
      (m, i) =>
        m.preferred && found.findIndex((other) => other.group === m.group && other.resource === m.resource) === i,
    );
  }
}

const named = (mapping: Mapping, name: string): boolean => {
  const lower = name.toLowerCase();
  return mapping.resource === lower || mapping.singular === lower || mapping.kind.toLowerCase() === lower;
};

const preferred = (mappings: readonly Mapping[], matches: (mapping: Mapping) => boolean): Mapping | undefined => {
  const found = mappings.filter(matches);
  return found.find((m) => m.preferred) ?? found[0];
};

const groupMappings = (item: Obj): Mapping[] => {
  const group = text(item, 'metadata', 'name');
  return list(item, 'versions').flatMap((version, i) =>
    list(version, 'resources').map((resource) => ({
      group,
      version: text(version, 'version'),
      kind: text(resource, 'responseKind', 'kind'),
      resource: text(resource, 'resource'),
      singular: text(resource, 'singularResource'),
      shortNames: strings(resource, 'shortNames'),
      categories: strings(resource, 'categories'),
      verbs: strings(resource, 'verbs'),
      namespaced: resource['scope'] === 'Namespaced',
      subresources: list(resource, 'subresources').map((each) => text(each, 'subresource')),
      preferred:
        i === 0 ||
        !list(item, 'versions')
          .slice(0, i)
          .some((earlier) => list(earlier, 'resources').some((other) => other['resource'] === resource['resource'])),
    })),
  );
};
