import { apiVersionOf, type Kind } from '../../api/kind.ts';
import type { EndpointTable } from '../endpoint.ts';
import type { SubresourceTable } from '../subresources/table.ts';
import { NODE_SUBRESOURCES } from './node-subresources.ts';
import { sha256 } from './sha256.ts';

/** The groups of Kubernetes in the order in which it tells them; others follow by name. */
const GROUP_ORDER = [
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
];

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const STATUS_VERBS = ['get', 'patch', 'update'];

interface ServedSubresource {
  readonly name: string;
  readonly verbs: readonly string[];
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
}

const rank = (group: string): number => {
  const index = GROUP_ORDER.indexOf(group);
  return index < 0 ? GROUP_ORDER.length : index;
};

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const storageVersionHash = ({ group, version, kind }: Kind): string =>
  btoa(String.fromCharCode(...sha256(`${group}/${version}/${kind}`).slice(0, 8)));

/** What the server serves, in the two forms in which clients ask for it. Documents are made once and kept. */
export class Discovery {
  readonly #endpoints: EndpointTable;
  readonly #subresources: SubresourceTable;
  readonly #documents = new Map<string, object>();

  constructor(endpoints: EndpointTable, subresources: SubresourceTable) {
    this.#endpoints = endpoints;
    this.#subresources = subresources;
  }

  /** The named groups that are served, in their order. */
  get groups(): readonly string[] {
    const groups = new Set([...this.#endpoints].map(({ kind }) => kind.group).filter(Boolean));
    return [...groups].sort((a, b) => rank(a) - rank(b) || byText(a, b));
  }

  versions(group: string): readonly string[] {
    return [...new Set(this.#kinds(group).map(({ version }) => version))].sort().reverse();
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
          resources: this.#kinds(group, version).map((kind) => this.#aggregatedResource(kind)),
          freshness: 'Current',
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
    return [...this.#endpoints]
      .map(({ kind }) => kind)
      .filter((kind) => kind.group === group && (version === undefined || kind.version === version))
      .sort((a, b) => byText(a.resource, b.resource));
  }

  #served(kind: Kind): ServedSubresource[] {
    const status = kind.hasStatus ? [{ name: 'status', verbs: STATUS_VERBS, kind }] : [];
    const node = kind.group === '' && kind.resource === 'pods' ? NODE_SUBRESOURCES : [];
    return [...this.#subresources.of(kind), ...node, ...status].sort((a, b) => byText(a.name, b.name));
  }

  #aggregatedResource(kind: Kind): object {
    const subresources = this.#served(kind).map(({ name, verbs, kind: of }) => ({
      subresource: name,
      responseKind: {
        ...(of.group === kind.group ? { group: '', version: '' } : { group: of.group, version: of.version }),
        kind: of.kind,
      },
      verbs,
    }));
    return {
      resource: kind.resource,
      responseKind: { group: '', version: '', kind: kind.kind },
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

  #once(key: string, make: () => object): object {
    let document = this.#documents.get(key);
    if (!document) this.#documents.set(key, (document = make()));
    return document;
  }
}

/** What can be asked of a kind. Namespaces are not deleted by the dozen. */
const verbsOf = (kind: Kind): readonly string[] =>
  kind.verbs ??
  (kind.group === '' && kind.kind === 'Namespace' ? VERBS.filter((verb) => verb !== 'deletecollection') : VERBS);
