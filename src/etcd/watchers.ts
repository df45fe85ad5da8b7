import type { Change } from './entry.ts';

export type WatchListener = (changes: readonly Change[]) => void;

export interface EtcdWatch {
  cancel(): void;
}

interface Watcher {
  readonly prefix: string;
  readonly listener: WatchListener;
}

const underPrefix = (changes: readonly Change[], prefix: string): Change[] =>
  changes.filter(({ entry }) => entry.key.startsWith(prefix));

/** Everyone who watches a prefix; few (the API server's caches, recorders), so a plain scan serves. */
export class WatcherSet {
  readonly #watchers = new Set<Watcher>();

  add(prefix: string, listener: WatchListener): EtcdWatch {
    const watcher = { prefix, listener };
    this.#watchers.add(watcher);
    return { cancel: () => void this.#watchers.delete(watcher) };
  }

  notify(changes: readonly Change[]): void {
    for (const { prefix, listener } of this.#watchers) {
      if (changes.length === 1) {
        if (changes[0]!.entry.key.startsWith(prefix)) listener(changes);
        continue;
      }
      const mine = underPrefix(changes, prefix);
      if (mine.length > 0) listener(mine);
    }
  }
}
