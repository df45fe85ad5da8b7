import { apiVersionOf, type Kind } from '../../api/kind.ts';
import type { Aggregation } from '../aggregation/aggregation.ts';
import type { EndpointTable } from '../endpoint.ts';
import { byMaturity } from '../../api/version-order.ts';
import { CUSTOM_GROUP_PRIORITY, GROUP_PRIORITY } from '../group-priority.ts';
import type { SubresourceTable } from '../subresources/table.ts';
import { NODE_SUBRESOURCES } from './node-subresources.ts';
import { PROXY_SUBRESOURCES } from './proxy-subresources.ts';
import { sha256 } from './sha256.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const STATUS_VERBS = ['get', 'patch', 'update'];

interface ServedSubresource {
  readonly name: string;
  readonly verbs: readonly string[];
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const storageVersionHash = ({ group, version, kind, custom }: Kind): string =>
  btoa(String.fromCharCode(...sha256(`${group}/${custom?.storageVersion ?? version}/${kind}`).slice(0, 8)));

/** The group and version of what a resource answers with: built-in ones leave out their own. */
const responseGroup = (kind: Kind, of: ServedSubresource['kind']): { group: string; version: string } =>
  of.group === kind.group && !kind.custom ? { group: '', version: '' } : { group: of.group, version: of.version };

/** What the server serves, in the two forms in which clients ask for it. Documents are made once and kept. */
export class Discovery {
  readonly #endpoints: EndpointTable;
  readonly #subresources: SubresourceTable;
  readonly #aggregation: Aggregation;
  readonly #documents = new Map<string, object>();
  #generation = 0;

  constructor(endpoints: EndpointTable, subresources: SubresourceTable, aggregation: Aggregation) {
    this.#endpoints = endpoints;
    this.#subresources = subresources;
    this.#aggregation = aggregation;
  }

  /** The named groups that are served, in their order. */
  get groups(): readonly string[] {
    const priorities = new Map<string, number>();
    for (const { kind } of this.#endpoints)
      if (kind.group) priorities.set(kind.group, GROUP_PRIORITY[kind.group] ?? CUSTOM_GROUP_PRIORITY);
    for (const { group, groupPriority } of this.#aggregation.versions)
      priorities.set(group, Math.max(priorities.get(group) ?? 0, groupPriority));
    return [...priorities].sort(([a, first], [b, second]) => second - first || byText(a, b)).map(([group]) => group);
  }

  versions(group: string): readonly string[] {
    const remote = this.#aggregation.versions.filter((one) => one.group === group).map(({ version }) => version);
    return [...new Set([...this.#kinds(group).map(({ version }) => version), ...remote])].sort(byMaturity);
  }

  serves(group: string, version: string): boolean {
    return this.versions(group).includes(version);
  }

  /** `/api` and `/apis` as one APIGroupDiscoveryList. */
  aggregated(root: 'api' | 'apis'): object {
    return this.#once(`aggregated ${root}`, () => ({
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2',
      metadata: {},
      items: (root === 'api' ? [''] : this.groups).map((group) => ({
        metadata: group ? { name: group } : {},
        versions: this.versions(group).map((version) => ({
          version,
          ...(this.#isStale(group, version)
            ? { freshness: 'Stale' }
            : {
                resources: this.#kinds(group, version).map((kind) => this.#aggregatedResource(kind)),
                freshness: 'Current',
              }),
        })),
      })),
    }));
  }

  /** `/api` */
  coreVersions(serverAddress: string): object {
    return {
      kind: 'APIVersions',
      versions: this.versions(''),
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
    };
  }

  /** `/apis` */
  groupList(): object {
    return this.#once('groups', () => ({
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: this.groups.map((group) => this.#group(group)),
    }));
  }

  /** `/apis/GROUP` */
  group(group: string): object {
    return { kind: 'APIGroup', apiVersion: 'v1', ...this.#group(group) };
  }

  /** `/api/v1`, `/apis/GROUP/VERSION` */
  resources(group: string, version: string): object {
    return this.#once(`resources ${group}/${version}`, () => ({
      kind: 'APIResourceList',
      ...(group ? { apiVersion: 'v1' } : {}),
      groupVersion: apiVersionOf({ group, version }),
      resources: this.#kinds(group, version).flatMap((kind) => this.#resource(kind)),
    }));
  }

  #group(group: string): object {
    const versions = this.versions(group).map((version) => ({ groupVersion: `${group}/${version}`, version }));
    return { name: group, versions, preferredVersion: versions[0] };
  }

  #kinds(group: string, version?: string): Kind[] {
    const remote = this.#aggregation.versions.flatMap(({ kinds = [] }) => kinds);
    return [...[...this.#endpoints].map(({ kind }) => kind), ...remote]
      .filter((kind) => kind.group === group && (version === undefined || kind.version === version))
      .sort((a, b) => byText(a.resource, b.resource));
  }

  #served(kind: Kind): ServedSubresource[] {
    const status = kind.hasStatus ? [{ name: 'status', verbs: STATUS_VERBS, kind }] : [];
    const proxied = kind.group === '' ? PROXY_SUBRESOURCES[kind.resource] : undefined;
    const node = kind.group === '' && kind.resource === 'pods' ? NODE_SUBRESOURCES : proxied ? [proxied] : [];
    return [...this.#subresources.of(kind), ...node, ...status].sort((a, b) => byText(a.name, b.name));
  }

  #aggregatedResource(kind: Kind): object {
    const subresources = this.#served(kind).map(({ name, verbs, kind: of }) => ({
      subresource: name,
      responseKind: {
        ...responseGroup(kind, of),
        kind: of.kind,
      },
      verbs,
    }));
    return {
      resource: kind.resource,
      responseKind: { ...responseGroup(kind, kind), kind: kind.kind },
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      singularResource: kind.singular,
      verbs: verbsOf(kind),
      ...(kind.shortNames ? { shortNames: kind.shortNames } : {}),
      ...(kind.categories ? { categories: kind.categories } : {}),
      ...(subresources.length > 0 ? { subresources } : {}),
    };
  }

  #resource(kind: Kind): object[] {
    const { resource, singular, namespaced, shortNames, categories } = kind;
    return [
      {
        name: resource,
        singularName: singular,
        namespaced,
        kind: kind.kind,
        verbs: verbsOf(kind),
        ...(shortNames ? { shortNames } : {}),
        ...(categories ? { categories } : {}),
        storageVersionHash: storageVersionHash(kind),
      },
      ...this.#served(kind).map(({ name, verbs, kind: of }) => ({
        name: `${resource}/${name}`,
        singularName: '',
        namespaced,
        ...(of.group === kind.group ? {} : { group: of.group, version: of.version }),
        kind: of.kind,
        verbs,
      })),
    ];
  }

  /** Whether another server that should tell of a version cannot be asked. */
  #isStale(group: string, version: string): boolean {
    return this.#aggregation.versions.some(
      (remote) => remote.group === group && remote.version === version && !remote.kinds,
    );
  }

  #once(key: string, make: () => object): object {
    const generation = this.#aggregation.generation + this.#endpoints.generation;
    if (generation !== this.#generation) {
      this.#documents.clear();
      this.#generation = generation;
    }
    let document = this.#documents.get(key);
    if (!document) this.#documents.set(key, (document = make()));
    return document;
  }
}

/** What can be asked of a kind. Namespaces are not deleted by the dozen. */
export const verbsOf = (kind: Kind): readonly string[] =>
  kind.custom?.verbs ??
  kind.verbs ??
  (kind.group === '' && kind.kind === 'Namespace' ? VERBS.filter((verb) => verb !== 'deletecollection') : VERBS);
