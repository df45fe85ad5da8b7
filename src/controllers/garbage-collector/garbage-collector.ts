import { apiVersionOf, type Kind } from '../../api/kind.ts';
import type { OwnerReference, UntypedObject } from '../../api/object.ts';
import { hasReason } from '../../api/status.ts';
import { objectKey } from '../../client/index.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { ControlLoop } from '../control-loop.ts';
import { equal } from '../../api/draft.ts';
import { FOREGROUND, ORPHAN, OwnerGraph, type GraphNode } from './graph.ts';

/** Events own nothing, are owned by nothing, and are many; what cannot be watched and deleted is nobody's dependent. */
const isIgnored = ({ group, resource, verbs }: Kind): boolean =>
  (resource === 'events' && (group === '' || group === 'events.k8s.io')) ||
  (verbs !== undefined && !(verbs.includes('watch') && verbs.includes('delete')));

/** What stands before the key of an object whose dependents are to be freed. */
const ORPHANING = 'orphan dependents of ';

interface Owners {
  /** Owners that exist and stay. */
  readonly solid: readonly OwnerReference[];
  /** Owners that do not exist. */
  readonly dangling: readonly OwnerReference[];
  /** Owners that are being deleted and wait for their dependents. */
  readonly waiting: readonly OwnerReference[];
}

/**
 * Deletes objects whose owners are all gone, and carries out what a deletion asked for: dependents after the owner
 * (background), before it (foreground), or not at all (orphan). It watches every kind and keeps the graph of owners;
 * before it acts, it asks the API server, for its graph may be behind.
 *
 * The real one watches metadata only and asks for new kinds every 30 seconds; ours is told of them.
 */
export class GarbageCollector implements Controller {
  readonly #loop: ControlLoop;
  readonly #context: ControllerContext;
  /** The kinds whose objects are in the graph, by version and plural name, each with a function that ends it. */
  readonly #watched = new Map<string, () => void>();
  readonly #graph: OwnerGraph;
  #byReference: { readonly kinds: readonly Kind[]; readonly map: ReadonlyMap<string, Kind> } | undefined;
  /** Owners known not to exist, by namespace and uid. A uid never comes back. */
  readonly #absent = new Set<string>();

  constructor(context: ControllerContext) {
    this.#loop = new ControlLoop({
      context,
      name: 'generic-garbage-collector',
      source: 'garbage-collector-controller',
      reconcile: (key) => this.#reconcile(key),
    });
    const { queue } = this.#loop;
    this.#context = context;
    this.#graph = new OwnerGraph({
      examine: (node) => queue.add(queueKey(node)),
      orphan: (node) => queue.add(ORPHANING + queueKey(node)),
      misplaced: (node, reference) => this.#misplaced(node, reference),
      kindOf: (reference) => this.#kindOf(reference),
    });
    this.#watchKinds();
    const { onKindsChange } = context;
    if (onKindsChange) this.#loop.onStop(onKindsChange(() => this.#watchKinds()));
  }

  stop(): void {
    this.#loop.stop();
  }

  /** Watches the kinds that are served now, and no others. */
  #watchKinds(): void {
    const gone = new Map(this.#watched);
    for (const kind of this.#context.kinds) {
      if (isIgnored(kind)) continue;
      const key = `${apiVersionOf(kind)} ${kind.resource}`;
      gone.delete(key);
      if (!this.#watched.has(key)) this.#watched.set(key, this.#watch(kind));
    }
    for (const [key, end] of gone) {
      this.#watched.delete(key);
      end();
    }
  }

  #watch(kind: Kind): () => void {
    const informer = this.#context.informers.for(kind);
    const end = this.#loop.on(informer, {
      add: (object) => this.#graph.put(kind, object),
      update: (object, old) => {
        if (object.metadata.uid !== old.metadata.uid) this.#graph.remove(old.metadata.uid ?? '');
        const { metadata } = object;
        // Nearly all changes leave owners and deletion alone.
        if (
          metadata.ownerReferences === old.metadata.ownerReferences &&
          metadata.deletionTimestamp === undefined &&
          metadata.uid === old.metadata.uid
        ) {
          return;
        }
        this.#graph.put(kind, object);
      },
      delete: ({ metadata }) => this.#graph.remove(metadata.uid ?? ''),
    });
    return () => {
      end();
      this.#context.informers.forget(kind);
      for (const { metadata } of informer.list()) this.#graph.remove(metadata.uid ?? '');
    };
  }

  /** The kind that a reference names, in whichever version it does. */
  #kindOf({ apiVersion, kind: name }: OwnerReference): Kind | undefined {
    const known = this.#kindsByReference();
    return known.get(`${apiVersion} ${name}`) ?? known.get(`${groupOf(apiVersion)} ${name}`);
  }

  #kindsByReference(): ReadonlyMap<string, Kind> {
    const { kinds } = this.#context;
    if (this.#byReference?.kinds !== kinds) {
      const map = new Map<string, Kind>();
      for (const kind of kinds) {
        map.set(`${apiVersionOf(kind)} ${kind.kind}`, kind);
        if (kind.custom) map.set(`${kind.group} ${kind.kind}`, kind);
      }
      this.#byReference = { kinds, map };
    }
    return this.#byReference.map;
  }

  #reconcile(key: string): void {
    const node = this.#graph.get(key.slice(key.lastIndexOf(' ') + 1));
    if (!node) return;
    if (key.startsWith(ORPHANING)) this.#orphanDependents(node);
    else this.#examine(node, key);
  }

  #examine(node: GraphNode, key: string): void {
    if (node.deleting && !node.deletingDependents) return;
    const latest = this.#get(node.kind, node.namespace, node.name);
    if (latest?.metadata.uid !== node.uid) {
      this.#absent.add(objectKey(node.namespace, node.uid));
      this.#graph.remove(node.uid);
      return;
    }
    if (node.deletingDependents) {
      this.#advanceForeground(node);
      return;
    }
    const references = latest.metadata.ownerReferences ?? [];
    if (references.length > 0) this.#decide(node, latest, this.#classify(node, references));
    // It exists, but no informer has shown it yet: what came of it is looked at once one has.
    if (!node.observed) this.#loop.queue.addRateLimited(key);
  }

  #decide(node: GraphNode, latest: UntypedObject, { solid, dangling, waiting }: Owners): void {
    if (solid.length > 0) {
      const gone = [...dangling, ...waiting].map(({ uid }) => uid);
      if (gone.length > 0) this.#dropOwners(node, gone);
      return;
    }
    if (waiting.length > 0 && node.dependents.size > 0) {
      // A circle of owners would wait for itself for ever.
      const circle = [...node.dependents].some((dependent) => dependent.deletingDependents);
      if (circle) this.#unblockOwners(node, latest);
      this.#delete(node, 'Foreground');
      return;
    }
    const finalizers = latest.metadata.finalizers ?? [];
    if (finalizers.includes(ORPHAN)) this.#delete(node, 'Orphan');
    else if (finalizers.includes(FOREGROUND)) this.#delete(node, 'Foreground');
    else this.#delete(node, 'Background');
  }

  #classify(node: GraphNode, references: readonly OwnerReference[]): Owners {
    const solid: OwnerReference[] = [];
    const dangling: OwnerReference[] = [];
    const waiting: OwnerReference[] = [];
    for (const reference of references) {
      if (node.namespace === undefined && this.#kindOf(reference)?.namespaced) {
        // An object without a namespace cannot be owned by one in some namespace: it is left alone.
        solid.push(reference);
        continue;
      }
      const owner = this.#owner(node, reference);
      if (!owner) dangling.push(reference);
      else if (owner.metadata.deletionTimestamp && owner.metadata.finalizers?.includes(FOREGROUND))
        waiting.push(reference);
      else solid.push(reference);
    }
    return { solid, dangling, waiting };
  }

  #misplaced({ kind, name, namespace = '', uid }: GraphNode, owner: OwnerReference): void {
    const text = `${owner.apiVersion}/${owner.kind}, namespace: ${namespace}, name: ${owner.name}, uid: ${owner.uid}`;
    const metadata = { name, uid, ...(namespace ? { namespace } : {}) };
    this.#loop.recorder.event(
      { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata },
      'Warning',
      'OwnerRefInvalidNamespace',
      `ownerRef [${text}] does not exist in namespace "${namespace}"`,
    );
  }

  /** The owner as the API server knows it, or undefined when there is none of that uid. */
  #owner(node: GraphNode, reference: OwnerReference): UntypedObject | undefined {
    const kind = this.#kindOf(reference);
    if (!kind) throw new Error(`no kind "${reference.kind}" is registered for version "${reference.apiVersion}"`);
    const namespace = kind.namespaced ? node.namespace : undefined;
    const sought = objectKey(namespace, reference.uid);
    if (this.#absent.has(sought)) return undefined;
    const owner = this.#get(kind, namespace, reference.name);
    if (owner?.metadata.uid === reference.uid) return owner;
    this.#absent.add(sought);
    return undefined;
  }

  /** Deletes what blocks a foreground deletion; when nothing does any more, lets the object go. */
  #advanceForeground(node: GraphNode): void {
    let blocked = false;
    for (const dependent of node.blocking()) {
      blocked = true;
      if (!dependent.deletingDependents) this.#loop.queue.add(queueKey(dependent));
    }
    if (!blocked) this.#removeFinalizer(node, FOREGROUND);
  }

  #orphanDependents(node: GraphNode): void {
    for (const dependent of [...node.dependents]) this.#dropOwners(dependent, [node.uid]);
    this.#removeFinalizer(node, ORPHAN);
  }

  #get(kind: Kind, namespace: string | undefined, name: string): UntypedObject | undefined {
    try {
      return this.#loop.client.resource(kind).get(name, namespace);
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  #delete({ kind, name, namespace, uid }: GraphNode, propagationPolicy: 'Orphan' | 'Background' | 'Foreground'): void {
    tolerateMissing(() =>
      this.#loop.client.resource(kind).delete(name, namespace, { propagationPolicy, preconditions: { uid } }),
    );
  }

  #dropOwners({ kind, name, namespace, uid }: GraphNode, owners: readonly string[]): void {
    if (kind.custom) {
      this.#mergeOwners(kind, namespace, name, uid, (all) => all.filter((owner) => !owners.includes(owner.uid)));
      return;
    }
    const ownerReferences = owners.map((owner) => ({ $patch: 'delete', uid: owner }));
    tolerateMissing(() =>
      this.#loop.client.resource(kind).patch(name, namespace, 'strategic', { metadata: { ownerReferences, uid } }),
    );
  }

  /** Changes owner references of a kind that knows no strategic merge patch. */
  #mergeOwners(
    kind: Kind,
    namespace: string | undefined,
    name: string,
    uid: string,
    change: (owners: readonly OwnerReference[]) => readonly OwnerReference[],
  ): void {
    const latest = this.#get(kind, namespace, name);
    if (latest?.metadata.uid !== uid) return;
    const ownerReferences = change(latest.metadata.ownerReferences ?? []);
    const { resourceVersion } = latest.metadata;
    tolerateMissing(() =>
      this.#loop.client
        .resource(kind)
        .patch(name, namespace, 'merge', { metadata: { ownerReferences, uid, resourceVersion } }),
    );
  }

  #unblockOwners({ kind, name, namespace, uid }: GraphNode, { metadata }: UntypedObject): void {
    const blocking = metadata.ownerReferences?.filter((owner) => owner.blockOwnerDeletion === true) ?? [];
    if (blocking.length === 0) return;
    if (kind.custom) {
      this.#mergeOwners(kind, namespace, name, uid, (all) =>
        all.map((owner) => ({ ...owner, blockOwnerDeletion: false })),
      );
      return;
    }
    const ownerReferences = blocking.map((owner) => ({ uid: owner.uid, blockOwnerDeletion: false }));
    tolerateMissing(() =>
      this.#loop.client.resource(kind).patch(name, namespace, 'strategic', { metadata: { ownerReferences, uid } }),
    );
  }

  #removeFinalizer({ kind, name, namespace, uid }: GraphNode, finalizer: string): void {
    const latest = this.#get(kind, namespace, name);
    if (latest?.metadata.uid !== uid) return;
    const before = latest.metadata.finalizers ?? [];
    const finalizers = before.filter((present) => present !== finalizer);
    if (equal(before, finalizers)) return;
    tolerateMissing(() =>
      this.#loop.client.resource(kind).patch(name, namespace, 'merge', {
        metadata: { resourceVersion: latest.metadata.resourceVersion, finalizers },
      }),
    );
  }
}

const groupOf = (apiVersion: string): string => apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')));

/** `configmaps default/web <uid>`: readable in the timeline; the uid says which object it really is. */
const queueKey = ({ kind, namespace, name, uid }: GraphNode): string =>
  `${kind.resource} ${objectKey(namespace, name)} ${uid}`;

/** Runs a request whose object may be gone by now. */
function tolerateMissing(request: () => unknown): void {
  try {
    request();
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}
