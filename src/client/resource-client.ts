import type { Kind } from '../api/kind.ts';
import type { KubeList, KubeObject, Manifest, UntypedObject } from '../api/object.ts';
import type { ApiRequest, PatchType, RequestOptions, Verb, WatchHandle, WatchSink } from '../apiserver/request.ts';
import type { Client } from './client.ts';

const NO_OPTIONS: RequestOptions = Object.freeze({});

export interface ListOptions extends Pick<
  RequestOptions,
  'labelSelector' | 'fieldSelector' | 'resourceVersion' | 'resourceVersionMatch' | 'limit' | 'continue'
> {
  /** All namespaces when absent. */
  readonly namespace?: string;
}

export interface WatchOptions extends Pick<
  RequestOptions,
  'labelSelector' | 'fieldSelector' | 'resourceVersion' | 'allowWatchBookmarks' | 'sendInitialEvents' | 'timeoutSeconds'
> {
  readonly namespace?: string;
}

export type WriteOptions = Pick<RequestOptions, 'dryRun' | 'fieldManager' | 'fieldValidation' | 'force' | 'trusted'>;

export type DeleteOptions = Pick<
  RequestOptions,
  'dryRun' | 'propagationPolicy' | 'orphanDependents' | 'gracePeriodSeconds' | 'preconditions'
>;

/**
 * Requests for the objects of one kind. Every method throws ApiError when the server refuses. Objects that
 * come back are shared with the server and every cache: they are read, never changed.
 */
export class ResourceClient<T extends KubeObject> {
  readonly kind: Kind<T>;
  readonly #client: Client;

  constructor(client: Client, kind: Kind<T>) {
    this.#client = client;
    this.kind = kind;
  }

  get(name: string, namespace?: string): T {
    return this.#serve('get', namespace, name, undefined, NO_OPTIONS);
  }

  list(options: ListOptions = {}): KubeList<T> {
    const { namespace, ...rest } = options;
    return this.#serve('list', namespace, undefined, undefined, rest);
  }

  /** Creates an object in the namespace that its metadata names. */
  create(object: Manifest<T>, options: WriteOptions = NO_OPTIONS): T {
    return this.#serve('create', object.metadata.namespace, object.metadata.name, undefined, options, object);
  }

  /** Replaces an object; with a resourceVersion in it, only that version. */
  update(object: T, options: WriteOptions = NO_OPTIONS): T {
    return this.#serve('update', object.metadata.namespace, object.metadata.name, undefined, options, object);
  }

  updateStatus(object: T, options: WriteOptions = NO_OPTIONS): T {
    return this.#serve('update', object.metadata.namespace, object.metadata.name, 'status', options, object);
  }

  patch(
    name: string,
    namespace: string | undefined,
    patchType: PatchType,
    patch: unknown,
    options: WriteOptions & { readonly subresource?: string } = NO_OPTIONS,
  ): T {
    const { subresource, ...rest } = options;
    return this.#serve('patch', namespace, name, subresource, rest, patch, patchType);
  }

  /** Deletes an object. Answers the object as it is afterwards, or a Status when it is gone. */
  delete(name: string, namespace?: string, options: DeleteOptions = NO_OPTIONS): UntypedObject {
    return this.#serve('delete', namespace, name, undefined, options);
  }

  deleteCollection(list: ListOptions = {}, options: DeleteOptions = NO_OPTIONS): UntypedObject {
    const { namespace, ...rest } = list;
    return this.#serve('deletecollection', namespace, undefined, undefined, { ...rest, ...options });
  }

  /** A request to a subresource: `subresource('web', 'default', 'scale', 'get')`. */
  subresource<R = UntypedObject>(
    name: string,
    namespace: string | undefined,
    subresource: string,
    verb: Verb,
    body?: unknown,
    options: RequestOptions = NO_OPTIONS,
  ): R {
    return this.#serve(verb, namespace, name, subresource, options, body);
  }

  watch(options: WatchOptions, sink: WatchSink<T>): WatchHandle {
    const { namespace, ...rest } = options;
    const request = this.#request('watch', namespace, undefined, undefined, rest);
    return this.#client.endpoint.watch(request, sink as unknown as WatchSink);
  }

  #serve<R>(
    verb: Verb,
    namespace: string | undefined,
    name: string | undefined,
    subresource: string | undefined,
    options: RequestOptions,
    body?: unknown,
    patchType?: PatchType,
  ): R {
    const request = this.#request(verb, namespace, name, subresource, options, body, patchType);
    return this.#client.endpoint.serve(request).object as unknown as R;
  }

  #request(
    verb: Verb,
    namespace: string | undefined,
    name: string | undefined,
    subresource: string | undefined,
    options: RequestOptions,
    body?: unknown,
    patchType?: PatchType,
  ): ApiRequest {
    const { group, version, resource } = this.kind;
    const { user, userAgent } = this.#client;
    return { verb, group, version, resource, subresource, namespace, name, user, userAgent, options, body, patchType };
  }
}
