import type { Kind } from '../api/kind.ts';
import type { KubeObject } from '../api/object.ts';
import type { ApiRequest, UserInfo } from './request.ts';
import type { ApiServer } from './server.ts';

/** The API server as its own client. */
export const LOOPBACK_USER: UserInfo = {
  username: 'system:apiserver',
  groups: ['system:masters', 'system:authenticated'],
};

/** The client by which the controllers inside kube-apiserver keep their objects: the same path that all requests take. */
export class Loopback {
  readonly #server: ApiServer;

  constructor(server: ApiServer) {
    this.#server = server;
  }

  get<T extends KubeObject>({ group, version, resource }: Kind<T>, name: string, namespace?: string): T | undefined {
    return this.#server.endpoints.find(group, version, resource)?.store.get(namespace, name) as T | undefined;
  }

  create<T extends KubeObject>(kind: Kind<T>, body: object, namespace?: string): void {
    this.#ask(kind, { verb: 'create', namespace, body });
  }

  /** Puts an object in the place of the one of its name. Throws Conflict when that has changed meanwhile. */
  update<T extends KubeObject>(kind: Kind<T>, body: T, subresource?: string): void {
    const { name, namespace } = body.metadata;
    this.#ask(kind, { verb: 'update', name, namespace, subresource, body });
  }

  delete<T extends KubeObject>(kind: Kind<T>, name: string, namespace?: string): void {
    this.#ask(kind, { verb: 'delete', name, namespace });
  }

  #ask<T extends KubeObject>(
    { group, version, resource }: Kind<T>,
    asked: Pick<ApiRequest, 'verb' | 'name' | 'namespace' | 'subresource' | 'body'>,
  ): void {
    const options = asked.verb === 'delete' ? {} : { trusted: true };
    this.#server.serve({
      group,
      version,
      resource,
      user: LOOPBACK_USER,
      userAgent: 'kube-apiserver',
      options,
      ...asked,
    });
  }
}
