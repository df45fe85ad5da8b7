import { bodyFormats } from '../../src/apiserver/http/body-formats.ts';
import { kinds } from '../../src/api/kinds.ts';
import { ApiServer, type ApiRequest, type ApiServerOptions, type HttpResponse } from '../../src/apiserver/index.ts';
import type { UntypedObject, WatchEvent } from '../../src/api/object.ts';
import { ApiError, type Status } from '../../src/api/status.ts';
import { Etcd } from '../../src/etcd/index.ts';
import { Kernel } from '../../src/kernel/index.ts';

const CORE = { group: '', version: 'v1' };
const GROUPS: Readonly<Record<string, { group: string; version: string }>> = {
  deployments: { group: 'apps', version: 'v1' },
  replicasets: { group: 'apps', version: 'v1' },
  leases: { group: 'coordination.k8s.io', version: 'v1' },
};

type Asked = Partial<ApiRequest> & Pick<ApiRequest, 'verb' | 'resource'>;

/** A watch and what it has seen. */
export interface Seen {
  readonly events: WatchEvent[];
  /** `ADDED a`, `MODIFIED a`, ... */
  readonly lines: string[];
  closed: boolean;
  stop(): void;
}

/** An API server with the namespace and service account `default`, and short ways to ask it. */
export class Rig {
  readonly kernel = new Kernel({ seed: 7 });
  readonly etcd = new Etcd(this.kernel);
  readonly server: ApiServer;

  constructor(options?: ApiServerOptions) {
    this.server = new ApiServer({
      kernel: this.kernel,
      etcd: this.etcd,
      kinds,
      options: { bodyFormats, ...options },
    });
    this.ask({ verb: 'create', resource: 'namespaces', body: { metadata: { name: 'default' } } });
    this.create('serviceaccounts', { metadata: { name: 'default' } });
  }

  request({ resource, ...rest }: Asked): ApiRequest {
    return {
      ...(GROUPS[resource] ?? CORE),
      resource,
      namespace: resource === 'namespaces' || resource === 'nodes' ? undefined : 'default',
      user: { username: 'tester', groups: ['system:authenticated'] },
      userAgent: 'test',
      options: {},
      ...rest,
    };
  }

  ask(asked: Asked): UntypedObject {
    return this.server.serve(this.request(asked)).object;
  }

  /** The Status of a request that must be refused. */
  refusal(asked: Asked): Status {
    try {
      this.ask(asked);
    } catch (error) {
      if (error instanceof ApiError) return error.status;
      throw error;
    }
    throw new Error(`${asked.verb} ${asked.resource} was expected to be refused`);
  }

  create(resource: string, body: object, rest: Partial<ApiRequest> = {}): UntypedObject {
    return this.ask({ verb: 'create', resource, body, ...rest });
  }

  get(resource: string, name: string): UntypedObject {
    return this.ask({ verb: 'get', resource, name });
  }

  exists(resource: string, name: string): boolean {
    return this.etcd.get(`/registry/${resource}/default/${name}`) !== undefined;
  }

  patch(resource: string, name: string, body: object, rest: Partial<ApiRequest> = {}): UntypedObject {
    return this.ask({ verb: 'patch', resource, name, patchType: 'merge', body, ...rest });
  }

  delete(resource: string, name: string, options: ApiRequest['options'] = {}): UntypedObject {
    return this.ask({ verb: 'delete', resource, name, options });
  }

  watch(resource: string, options: ApiRequest['options'] = {}, rest: Partial<ApiRequest> = {}): Seen {
    const events: WatchEvent[] = [];
    const lines: string[] = [];
    const seen: Seen = { events, lines, closed: false, stop: () => handle.stop() };
    const handle = this.server.watch(this.request({ verb: 'watch', resource, options, ...rest }), {
      events: (batch) => {
        for (const event of batch) {
          events.push(event);
          const { metadata } = event.object as UntypedObject;
          lines.push(`${event.type} ${metadata?.name ?? ''}`.trimEnd());
        }
      },
      closed: () => (seen.closed = true),
    });
    return seen;
  }

  http(method: string, url: string, body?: unknown, headers: Record<string, string> = {}): HttpResponse {
    return this.server.http({
      method,
      url,
      headers,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  settle(): void {
    this.kernel.runUntilSettled();
  }
}

export const configMap = (
  name: string,
  data: Record<string, string> = {},
  labels?: Record<string, string>,
): object => ({
  metadata: { name, ...(labels ? { labels } : {}) },
  data,
});

export const pod = (name: string, spec: object = {}): object => ({
  metadata: { name },
  spec: { containers: [{ name: 'app', image: 'nginx' }], ...spec },
});

export const namesIn = (list: UntypedObject): string[] =>
  (list['items'] as UntypedObject[]).map(({ metadata }) => metadata.name);
