import { methodNotSupported, unknownPath } from '../../api/errors.ts';
import type { Kind } from '../../api/kind.ts';
import { ApiError } from '../../api/status.ts';
import type { ApiService } from '../../api/types.ts';
import type { Etcd } from '../../etcd/index.ts';
import type { ApiRequest, ApiResponse, WatchHandle, WatchSink } from '../request.ts';
import { storagePrefix } from '../storage-keys.ts';
import type { AggregatedServer, ServiceReference } from './aggregated-server.ts';

const APISERVICES = { group: 'apiregistration.k8s.io', resource: 'apiservices' };

/** A group and version that another server serves. */
export interface RemoteVersion {
  readonly group: string;
  readonly version: string;
  readonly groupPriority: number;
  readonly versionPriority: number;
  /** Undefined while its server cannot be reached. */
  readonly kinds: readonly Kind[] | undefined;
}

/** What clients read of a server that cannot be reached. */
export const serviceUnavailable = (): ApiError =>
  new ApiError(503, 'ServiceUnavailable', 'the server is currently unable to handle the request', {});

/** The port that an APIService means when it names none. */
export const HTTPS = 443;

const addressOf = ({ namespace = '', name = '', port = HTTPS }: Partial<ServiceReference>): string =>
  `${namespace}/${name}:${port}`;

const isAvailable = ({ status }: ApiService): boolean =>
  status?.conditions?.some((condition) => condition.type === 'Available' && condition.status === 'True') ?? false;

/**
 * kube-aggregator: passes requests for groups that this server does not serve itself to the servers that APIServices
 * name. A server is reached in the process, under the name of its Service.
 */
export class Aggregation {
  readonly #servers = new Map<string, AggregatedServer>();
  /** The APIServices that name another server, by name. */
  readonly #services = new Map<string, ApiService>();
  #generation = 0;
  /** Called with `namespace/name:port` when a server begins or ends to answer there. */
  changed: (address: string) => void = () => {};

  constructor(etcd: Etcd) {
    etcd.watch({ prefix: storagePrefix(APISERVICES) }, (changes) => {
      for (const { type, entry } of changes) {
        const name = entry.key.slice(storagePrefix(APISERVICES).length);
        const service = type === 'put' ? (entry.value as ApiService) : undefined;
        if (service?.spec.service) this.#services.set(name, service);
        else if (!this.#services.delete(name)) continue;
        this.#generation++;
      }
    });
  }

  /** Another number whenever something about other servers may have changed. */
  get generation(): number {
    return this.#generation;
  }

  /** Lets a server answer behind a Service until the returned function is called. */
  listen(service: ServiceReference, server: AggregatedServer): () => void {
    const address = addressOf(service);
    this.#servers.set(address, server);
    this.#generation++;
    this.changed(address);
    return () => {
      if (this.#servers.get(address) === server) this.end(service);
    };
  }

  /** Nobody answers behind a Service any more. */
  end(service: ServiceReference): void {
    const address = addressOf(service);
    if (!this.#servers.delete(address)) return;
    this.#generation++;
    this.changed(address);
  }

  /** Names of the APIServices that name another server. */
  get serviceNames(): readonly string[] {
    return [...this.#services.keys()];
  }

  /** The server that answers behind a Service, if one does. */
  at(service: Partial<ServiceReference> = {}): AggregatedServer | undefined {
    return this.#servers.get(addressOf(service));
  }

  /** Whether another server is responsible for a group and version, and cannot be reached. */
  isDown(group: string, version: string): boolean {
    const found = this.#service(group, version);
    return found !== undefined && !(isAvailable(found) && this.at(found.spec.service));
  }

  /**
   * The server of a group and version, or undefined when no APIService names one. Throws ServiceUnavailable when
   * it is named and not there.
   */
  serverOf(group: string, version: string): AggregatedServer | undefined {
    const found = this.#service(group, version);
    if (!found) return undefined;
    const server = isAvailable(found) ? this.at(found.spec.service) : undefined;
    if (!server) throw serviceUnavailable();
    return server;
  }

  /** The kind that a request for another server is about, if that has it. */
  kindOf({ group, version, resource }: Pick<ApiRequest, 'group' | 'version' | 'resource'>): Kind | undefined {
    return this.serverOf(group, version)?.kinds.find(
      (kind) => kind.group === group && kind.version === version && kind.resource === resource,
    );
  }

  /** What another server says of the types of a group and version in OpenAPI v3, if it can be asked and says anything. */
  openApi(group: string, version: string): object | undefined {
    const found = this.#service(group, version);
    return found && isAvailable(found) ? this.at(found.spec.service)?.openApi?.(group, version) : undefined;
  }

  /** Passes a request on. Throws NotFound where there is nobody to pass it to. */
  serve(request: ApiRequest): ApiResponse {
    return this.#server(request).serve(request);
  }

  /** Passes a watch on. */
  watch(request: ApiRequest, sink: WatchSink): WatchHandle {
    const server = this.#server(request);
    if (!server.watch) throw methodNotSupported(request, 'watch');
    return server.watch(request, sink);
  }

  /** What other servers serve, as far as they can be reached. */
  get versions(): readonly RemoteVersion[] {
    const remote: RemoteVersion[] = [];
    for (const service of this.#services.values()) {
      const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = service.spec;
      const kinds = isAvailable(service) ? this.at(service.spec.service)?.kinds : undefined;
      remote.push({
        group,
        version,
        groupPriority: groupPriorityMinimum,
        versionPriority,
        kinds: kinds?.filter((kind) => kind.group === group && kind.version === version),
      });
    }
    return remote;
  }

  #server(request: ApiRequest): AggregatedServer {
    const server = this.serverOf(request.group, request.version);
    const kind = server && this.kindOf(request);
    if (!kind) throw unknownPath();
    const { subresource, verb } = request;
    if (!subresource && kind.verbs && !kind.verbs.includes(verb)) throw methodNotSupported(kind, verb);
    return server;
  }

  /** The APIService of a group and version, where it names another server. */
  #service(group: string, version: string): ApiService | undefined {
    return this.#services.size > 0 ? this.#services.get(`${version}.${group}`) : undefined;
  }
}
