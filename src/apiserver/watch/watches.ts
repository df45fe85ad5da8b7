import type { Kernel } from '../../kernel/index.ts';
import { expired } from '../../api/errors.ts';
import { apiVersionOf } from '../../api/kind.ts';
import type { KubeObject, UntypedObject } from '../../api/object.ts';
import { CompactedError, type Etcd } from '../../etcd/index.ts';
import { present, type Endpoint, type EndpointTable } from '../endpoint.ts';
import { checkListOptions, parseResourceVersion } from '../registry/list-options.ts';
import { selected } from '../registry/read.ts';
import { selectionOf } from '../registry/selection.ts';
import type { ApiRequest, WatchHandle, WatchSink } from '../request.ts';
import { Watcher } from './watcher.ts';

/** How often watchers that asked for it are told how far the store has come. */
const BOOKMARK_INTERVAL_MS = 60_000;

/** How long before the end of a watch its last bookmark comes. */
const LAST_BOOKMARK_SECONDS = 2;

export interface WatchesOptions {
  readonly kernel: Kernel;
  readonly etcd: Etcd;
  readonly endpoints: EndpointTable;
  readonly latencyMs: number;
}

/** Opens watches: from the state of now, from a revision of the past, or from here on. */
export class Watches {
  readonly #options: WatchesOptions;
  #bookmarks = false;

  constructor(options: WatchesOptions) {
    this.#options = options;
  }

  open(endpoint: Endpoint, request: ApiRequest, sink: WatchSink): WatchHandle {
    const { options } = request;
    checkListOptions(options, true);
    const { kernel, etcd, latencyMs } = this.#options;
    const { store } = endpoint;
    const selection = selectionOf(endpoint, request);
    const from = parseResourceVersion(options.resourceVersion);
    const watcher = new Watcher({
      kernel,
      latencyMs,
      selection,
      indexValue: store.indexValue,
      present: endpoint.conversion ? (stored) => present(endpoint, stored) : undefined,
      bookmarks: options.allowWatchBookmarks === true,
      sink,
      remove: () => store.cache.remove(watcher),
    });
    if (options.sendInitialEvents ?? from === 0) {
      for (const object of selected(etcd, endpoint, selection)) watcher.initial(object);
      if (options.sendInitialEvents && options.allowWatchBookmarks) watcher.bookmark(this.#bookmark(endpoint, true));
      watcher.since = etcd.revision;
    } else if (from < etcd.revision && !this.#replay(endpoint, watcher, from)) {
      watcher.fail(expired(`too old resource version: ${from} (${etcd.compactedRevision})`).status);
      return watcher;
    } else {
      watcher.since = Math.max(from, etcd.revision);
    }
    store.cache.add(watcher);
    if (options.allowWatchBookmarks) this.#promiseBookmarks(endpoint, watcher, options.timeoutSeconds);
    if (options.timeoutSeconds) watcher.closeAfter(options.timeoutSeconds * 1000);
    return watcher;
  }

  /** Offers a new watcher what happened after a revision; false when that is no longer known. */
  #replay({ store }: Endpoint, watcher: Watcher, from: number): boolean {
    const { etcd, kernel } = this.#options;
    try {
      for (const change of etcd.history(from + 1)) {
        if (!change.entry.key.startsWith(store.prefix)) continue;
        watcher.offer({
          revision: change.entry.modRevision,
          object: change.type === 'put' ? (change.entry.value as UntypedObject) : undefined,
          previous: change.previous?.value as UntypedObject | undefined,
          cause: kernel.trace.current,
        });
      }
      return true;
    } catch (error) {
      if (error instanceof CompactedError) return false;
      throw error;
    }
  }

  /** Bookmarks come once a minute, and shortly before the end of a watch (the watch cache's nextBookmarkTime). */
  #promiseBookmarks(endpoint: Endpoint, watcher: Watcher, timeoutSeconds = Infinity): void {
    this.#startBookmarks();
    const { kernel } = this.#options;
    const tell = (): void => watcher.bookmark(this.#bookmark(endpoint, false));
    const last = Math.max(0, timeoutSeconds - LAST_BOOKMARK_SECONDS);
    if (last < BOOKMARK_INTERVAL_MS / 1000) kernel.after(last * 1000, 'kube-apiserver', tell, { background: true });
  }

  #bookmark({ kind }: Endpoint, endOfInitialEvents: boolean): KubeObject {
    const metadata = {
      resourceVersion: String(this.#options.etcd.revision),
      creationTimestamp: null,
      ...(endOfInitialEvents ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    };
    return { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata } as unknown as KubeObject;
  }

  #startBookmarks(): void {
    if (this.#bookmarks) return;
    this.#bookmarks = true;
    const { kernel, endpoints } = this.#options;
    const tick = (): void => {
      const told = new Set<object>();
      for (const endpoint of endpoints) {
        if (told.has(endpoint.store)) continue;
        told.add(endpoint.store);
        for (const watcher of endpoint.store.cache.bookmarked) watcher.bookmark(this.#bookmark(endpoint, false));
      }
      kernel.after(BOOKMARK_INTERVAL_MS, 'kube-apiserver', tick, { background: true });
    };
    kernel.after(BOOKMARK_INTERVAL_MS, 'kube-apiserver', tick, { background: true });
  }
}
