import type { Change } from './entry.ts';

export type WatchListener = (changes: readonly Change[]) => void;

export interface EtcdWatch {
  cancel(): void;
}

interface Watcher {
  readonly prefix: string;
  readonly listener: WatchListener;
}

/** Everyone who watches a prefix; few (the API server's caches, recorders), so a plain scan serves. */
export class WatcherSet {
  readonly #watchers = new Set<Watcher>();

  add(prefix: string, listener: WatchListener): EtcdWatch {
    const watcher = { prefix, listener };
    this.#watchers.add(watcher);
    return { cancel: () => void this.#watchers.delete(watcher) };
  }

  notify(changes: readonly Change[]): void {
    for (const watcher of this.#watchers) {
      const matches = (change: Change): boolean => change.entry.key.startsWith(watcher.prefix);
      if (changes.length === 1) {
        if (matches(changes[0]!)) watcher.listener(changes);
        continue;
      }
      const mine = changes.filter(matches);
      if (mine.length > 0) watcher.listener(mine);
    }
  }
}
