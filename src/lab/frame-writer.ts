import type { UntypedObject } from '../api/object.ts';
import type { Cluster } from '../cluster/index.ts';
import type { ShownStore } from './checks.ts';
import type { ShownObject, ShownSpan } from './protocol.ts';

/** Spans that may wait for a page that does not look; older ones are dropped. */
const MAX_WAITING_SPANS = 20_000;

export interface ObjectChanges {
  readonly upserts: ShownObject[];
  readonly deletes: string[];
  /** Kinds among them. */
  readonly kinds: ReadonlySet<string>;
}

/** An object as views get it. */
const shown = (object: UntypedObject): UntypedObject => {
  if (!object.metadata.managedFields) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
};

/** Follows one cluster's store and trace for the views: what is shown, at which revision, and what changed since. */
export class FrameWriter implements ShownStore {
  readonly #cluster: Cluster;
  readonly #kinds = new Map<string, Map<string, UntypedObject>>();
  readonly #kindOf = new Map<string, string>();
  readonly #stop: () => void;
  #waiting: ShownSpan[] = [];
  #revision = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#waiting = [...cluster.kernel.trace.since(0)];
    this.#stop = cluster.kernel.trace.listen((span) => {
      this.#waiting.push(span);
      if (this.#waiting.length > MAX_WAITING_SPANS) this.#waiting = this.#waiting.slice(MAX_WAITING_SPANS / 2);
    });
  }

  /** The revision that is shown. */
  get revision(): number {
    return this.#revision;
  }

  ofKind(kind: string): Iterable<UntypedObject> {
    return this.#kinds.get(kind)?.values() ?? [];
  }

  stop(): void {
    this.#stop();
  }

  /** Forgets what was shown: somebody looks for the first time. */
  restart(): void {
    this.#kinds.clear();
    this.#kindOf.clear();
    this.#revision = 0;
    this.#waiting = [...this.#cluster.kernel.trace.since(0)];
  }

  takeSpans(): readonly ShownSpan[] {
    const spans = this.#waiting;
    this.#waiting = [];
    return spans;
  }

  /** Shows the store at a revision; returns what differs from what was shown before. */
  show(revision: number): ObjectChanges {
    const { etcd } = this.#cluster;
    const upserts: ShownObject[] = [];
    const deletes: string[] = [];
    const kinds = new Set<string>();
    const put = (key: string, object: UntypedObject): void => {
      const view = shown(object);
      let ofKind = this.#kinds.get(object.kind);
      if (!ofKind) this.#kinds.set(object.kind, (ofKind = new Map()));
      ofKind.set(key, view);
      this.#kindOf.set(key, object.kind);
      kinds.add(object.kind);
      upserts.push({ key, object: view });
    };
    if (this.#revision === 0 || this.#revision < etcd.compactedRevision) {
      const gone = new Set(this.#kindOf.keys());
      for (const { key, value } of etcd.range({ prefix: '/registry/', revision }).entries) {
        gone.delete(key);
        put(key, value as UntypedObject);
      }
      for (const key of gone) this.#drop(key, deletes, kinds);
    } else if (revision !== this.#revision) {
      const low = Math.min(revision, this.#revision);
      const high = Math.max(revision, this.#revision);
      const keys = new Set<string>();
      for (const { entry } of etcd.history(low + 1)) {
        if (entry.modRevision > high) break;
        if (entry.key.startsWith('/registry/')) keys.add(entry.key);
      }
      for (const key of keys) {
        const entry = etcd.get(key, { revision });
        if (entry) put(key, entry.value as UntypedObject);
        else this.#drop(key, deletes, kinds);
      }
    }
    this.#revision = revision;
    return { upserts, deletes, kinds };
  }

  #drop(key: string, deletes: string[], kinds: Set<string>): void {
    const kind = this.#kindOf.get(key);
    if (kind === undefined) return;
    this.#kindOf.delete(key);
    this.#kinds.get(kind)?.delete(key);
    kinds.add(kind);
    deletes.push(key);
  }
}
