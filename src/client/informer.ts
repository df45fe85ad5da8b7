import type { Kind } from '../api/kind.ts';
import type { KubeObject, WatchEvent } from '../api/object.ts';
import { hasReason, type Status } from '../api/status.ts';
import type { WatchHandle, WatchSink } from '../apiserver/request.ts';
import type { Kernel, Timer } from '../kernel/index.ts';
import type { Client } from './client.ts';
import { enter, leave, openDelivery, type Delivery } from './delivery.ts';
import type { ResourceClient } from './resource-client.ts';
import { keyOfObject, objectKey, ObjectStore, type IndexFunction } from './store.ts';

/** Delays between attempts to list again: the first and the longest (client-go's reflector). */
const BACKOFF_FIRST_MS = 800;
const BACKOFF_LAST_MS = 30_000;

/** What an informer sees of a kind: everything, or the part that the server selects. */
export interface InformerScope {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** What a component does when an object appears, changes or goes. Objects are shared: read, never changed. */
export interface Handler<T> {
  /** Lane of the deliveries; the informer's client's user agent unless given. */
  readonly component?: string;
  /**
   * Records a delivery only when something is queued because of it (see causeNow). For handlers that
   * ignore most of what passes by.
   */
  readonly lazy?: boolean;
  readonly add?: (object: T) => void;
  readonly update?: (object: T, old: T) => void;
  readonly delete?: (object: T) => void;
}

interface Registration<T> {
  readonly handler: Handler<T>;
  readonly delivery: Delivery;
}

/**
 * A local copy of the objects of one kind, kept current by list and watch, shared by every handler of a
 * component. After a watch that ended it watches on from the last version seen; when that version is gone
 * (410 Expired) it lists again and tells handlers the difference.
 */
export class SharedInformer<T extends KubeObject> {
  readonly kind: Kind<T>;
  readonly #kernel: Kernel;
  readonly #component: string;
  readonly #resource: ResourceClient<T>;
  readonly #scope: InformerScope;
  readonly #store = new ObjectStore<T>();
  readonly #registrations: Registration<T>[] = [];
  #watch: WatchHandle | undefined;
  /** The sink of the present watch; late words of former ones are ignored. */
  #sink: WatchSink<T> | undefined;
  #retry: Timer | undefined;
  #backoffMs = BACKOFF_FIRST_MS;
  #version = '';
  #running = false;
  #synced = false;

  constructor(kernel: Kernel, client: Client, kind: Kind<T>, scope: InformerScope = {}) {
    this.kind = kind;
    this.#kernel = kernel;
    this.#component = client.userAgent;
    this.#resource = client.resource(kind);
    this.#scope = scope;
  }

  /** True once the first list has been delivered to the handlers. */
  hasSynced(): boolean {
    return this.#synced;
  }

  /** The version up to which this copy is current. */
  get resourceVersion(): string {
    return this.#version;
  }

  get size(): number {
    return this.#store.size;
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#store.get(objectKey(namespace, name));
  }

  getByKey(key: string): T | undefined {
    return this.#store.get(key);
  }

  list(namespace?: string): T[] {
    return this.#store.list(namespace);
  }

  /** Adds an index, once per name. */
  addIndex(name: string, values: IndexFunction<T>): void {
    this.#store.addIndex(name, values);
  }

  byIndex(name: string, value: string): T[] {
    return this.#store.byIndex(name, value);
  }

  /** The live bucket of an index, by object key: for counting and looking up without a copy. */
  bucket(name: string, value: string): ReadonlyMap<string, T> {
    return this.#store.bucket(name, value);
  }

  /** Adds a handler; it first hears of every object already known. Returns a function that removes it. */
  addHandler(handler: Handler<T>): () => void {
    const registration: Registration<T> = {
      handler,
      delivery: {
        trace: this.#kernel.trace,
        component: handler.component ?? this.#component,
        resource: this.kind.resource,
        key: '',
        type: 'ADDED',
        resourceVersion: undefined,
        span: 0,
      },
    };
    this.#registrations.push(registration);
    if (handler.add) for (const object of this.list()) this.#notify(registration, 'ADDED', keyOfObject(object), object);
    return () => {
      const at = this.#registrations.indexOf(registration);
      if (at >= 0) this.#registrations.splice(at, 1);
    };
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#list();
  }

  stop(): void {
    this.#running = false;
    this.#watch?.stop();
    this.#watch = undefined;
    this.#retry?.cancel();
    this.#retry = undefined;
  }

  #list(): void {
    try {
      const list = this.#resource.list({ ...this.#scope, resourceVersion: '0' });
      this.#version = list.metadata.resourceVersion;
      this.#replace(list.items);
      this.#synced = true;
      this.#backoffMs = BACKOFF_FIRST_MS;
    } catch (error) {
      this.#later(() => this.#list(), error);
      return;
    }
    this.#follow();
  }

  /** Watches from the last version seen. */
  #follow(): void {
    const sink: WatchSink<T> = {
      events: (events) => {
        if (this.#sink === sink) this.#receive(events);
      },
      closed: () => {
        if (this.#sink !== sink || !this.#running) return;
        this.#sink = undefined;
        this.#later(() => this.#follow(), undefined);
      },
    };
    this.#sink = sink;
    try {
      this.#watch = this.#resource.watch(
        { ...this.#scope, resourceVersion: this.#version, allowWatchBookmarks: true },
        sink,
      );
    } catch (error) {
      this.#sink = undefined;
      if (hasReason(error, 'Expired') || hasReason(error, 'Gone')) this.#list();
      else this.#later(() => this.#follow(), error);
    }
  }

  #receive(events: readonly WatchEvent<T>[]): void {
    for (const event of events) {
      if (!this.#running) return;
      if (event.type === 'ERROR') {
        this.#fail(event.object as Status);
        return;
      }
      const version = event.object.metadata.resourceVersion;
      if (version) this.#version = version;
      if (event.type !== 'BOOKMARK') this.#apply(event.type, event.object);
    }
  }

  #fail(status: Status): void {
    this.#watch?.stop();
    this.#sink = undefined;
    if (status.code === 410) this.#list();
    else this.#later(() => this.#list(), undefined);
  }

  #apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void {
    const key = keyOfObject(object);
    if (type === 'DELETED') {
      if (this.#store.delete(key)) this.#tell('DELETED', key, object);
      return;
    }
    const old = this.#store.set(key, object);
    if (old) this.#tell('MODIFIED', key, object, old);
    else this.#tell('ADDED', key, object);
  }

  /** Makes the store what a list says, telling handlers the difference. */
  #replace(items: readonly T[]): void {
    const gone = new Set(this.#store.keys());
    for (const object of items) {
      const key = keyOfObject(object);
      gone.delete(key);
      if (this.#store.get(key)?.metadata.resourceVersion === object.metadata.resourceVersion) continue;
      this.#apply('ADDED', object);
    }
    for (const key of gone) this.#apply('DELETED', this.#store.get(key)!);
  }

  #tell(type: Delivery['type'], key: string, object: T, old?: T): void {
    for (const registration of this.#registrations) this.#notify(registration, type, key, object, old);
  }

  #notify({ handler, delivery }: Registration<T>, type: Delivery['type'], key: string, object: T, old?: T): void {
    const run = type === 'MODIFIED' ? handler.update : type === 'ADDED' ? handler.add : handler.delete;
    if (!run) return;
    const { trace } = delivery;
    if (!trace.enabled) {
      run(object, old!);
      return;
    }
    delivery.key = key;
    delivery.type = type;
    delivery.resourceVersion = object.metadata.resourceVersion;
    delivery.span = 0;
    if (handler.lazy) {
      const outer = enter(delivery);
      try {
        run(object, old!);
      } finally {
        leave(outer);
      }
    } else {
      this.#runTraced(delivery, run, object, old!);
    }
  }

  /** A method of its own: what a closure holds on to is made whenever its function begins, traced or not. */
  #runTraced(delivery: Delivery, run: (object: T, old: T) => void, object: T, old: T): void {
    delivery.trace.within(openDelivery(delivery), () => run(object, old));
  }

  /** Tries again after a pause that doubles while errors go on. */
  #later(run: () => void, error: unknown): void {
    const delayMs = error === undefined ? BACKOFF_FIRST_MS : this.#backoffMs;
    if (error !== undefined) this.#backoffMs = Math.min(this.#backoffMs * 2, BACKOFF_LAST_MS);
    this.#retry = this.#kernel.after(
      delayMs,
      this.#component,
      () => {
        if (this.#running) run();
      },
      { background: delayMs >= 10_000 },
    );
  }
}
