import type { Kind } from '../../api/kind.ts';
import type { OwnerReference, UntypedObject } from '../../api/object.ts';

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

const NO_OWNERS: readonly OwnerReference[] = [];
const NO_DEPENDENTS: ReadonlySet<never> = new Set<never>();

/** One object, or one that others name as their owner and that nobody has seen yet (a virtual node). */
export class GraphNode {
  readonly uid: string;
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly name: string;
  owners: readonly OwnerReference[] = NO_OWNERS;
  #dependents: Set<GraphNode> | undefined;
  /** Seen through an informer. */
  observed = false;
  deleting = false;
  /** Being deleted in the foreground: it goes when the dependents that block it are gone. */
  deletingDependents = false;

  constructor(uid: string, kind: Kind, namespace: string | undefined, name: string) {
    this.uid = uid;
    this.kind = kind;
    this.namespace = namespace;
    this.name = name;
  }

  get dependents(): ReadonlySet<GraphNode> {
    return this.#dependents ?? NO_DEPENDENTS;
  }

  addDependent(node: GraphNode): void {
    (this.#dependents ??= new Set()).add(node);
  }

  removeDependent(node: GraphNode): void {
    if (this.#dependents?.delete(node) && this.#dependents.size === 0) this.#dependents = undefined;
  }

  /** Dependents that say that this node's deletion must wait for theirs. */
  *blocking(): Generator<GraphNode> {
    for (const dependent of this.dependents) {
      for (const owner of dependent.owners) {
        if (owner.uid === this.uid && owner.blockOwnerDeletion === true) yield dependent;
      }
    }
  }
}

/** What the graph asks its owner to look at. */
export interface GraphListener {
  /** The node may have to be deleted, or may be free to go. */
  examine(node: GraphNode): void;
  /** The node's dependents are to be freed of it. */
  orphan(node: GraphNode): void;
  /** The node names an owner that is known, and that lives in another namespace: it cannot be owned by that. */
  misplaced(node: GraphNode, reference: OwnerReference): void;
  /** The kind that an owner reference names; undefined when it is not served. */
  kindOf(reference: OwnerReference): Kind | undefined;
}

/** Who owns whom, over all kinds, kept up to date by informers. */
export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #listener: GraphListener;

  constructor(listener: GraphListener) {
    this.#listener = listener;
  }

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  /** An object was added or changed. */
  put(kind: Kind, object: UntypedObject): void {
    const { uid = '', name, namespace, ownerReferences = NO_OWNERS } = object.metadata;
    let node = this.#nodes.get(uid);
    if (!node) this.#nodes.set(uid, (node = new GraphNode(uid, kind, namespace, name)));
    else if (!node.observed && node.namespace !== namespace) node = this.#moved(node, kind, object);
    node.observed = true;
    if (node.owners !== ownerReferences) this.#setOwners(node, ownerReferences);
    this.#noteDeletion(node, object);
  }

  /** What dependents of another namespace took for their owner turns out to live here. */
  #moved(virtual: GraphNode, kind: Kind, { metadata: { namespace, name } }: UntypedObject): GraphNode {
    const node = new GraphNode(virtual.uid, kind, namespace, name);
    this.#nodes.set(node.uid, node);
    node.observed = true;
    for (const dependent of virtual.dependents) {
      node.addDependent(dependent);
      for (const owner of dependent.owners) if (owner.uid === node.uid) this.#checkPlace(node, owner, dependent);
    }
    return node;
  }

  #checkPlace(owner: GraphNode, reference: OwnerReference, node: GraphNode): void {
    if (owner.namespace === undefined || owner.namespace === node.namespace) return;
    if (owner.observed) this.#listener.misplaced(node, reference);
    this.#listener.examine(node);
  }

  /** An object is gone: its dependents may be garbage now, and its owners may be free to go. */
  remove(uid: string): void {
    const node = this.#nodes.get(uid);
    if (!node) return;
    this.#nodes.delete(uid);
    for (const { uid: owner } of node.owners) this.#nodes.get(owner)?.removeDependent(node);
    for (const dependent of node.dependents) this.#listener.examine(dependent);
    this.#examineWaiting(node.owners);
  }

  #setOwners(node: GraphNode, owners: readonly OwnerReference[]): void {
    const before = node.owners;
    node.owners = owners;
    for (const { uid } of before) {
      if (!owners.some((owner) => owner.uid === uid)) this.#nodes.get(uid)?.removeDependent(node);
    }
    for (const owner of owners) this.#addDependent(owner, node);
    this.#examineWaiting(before);
  }

  #addDependent(reference: OwnerReference, node: GraphNode): void {
    let owner = this.#nodes.get(reference.uid);
    if (owner) this.#checkPlace(owner, reference, node);
    else {
      const kind = this.#listener.kindOf(reference);
      if (!kind || (kind.namespaced && node.namespace === undefined)) return;
      owner = new GraphNode(reference.uid, kind, kind.namespaced ? node.namespace : undefined, reference.name);
      this.#nodes.set(reference.uid, owner);
      // Perhaps it was never there: somebody has to ask.
      this.#listener.examine(owner);
    }
    owner.addDependent(node);
  }

  /** Owners that wait for their dependents look again when one of them changes or goes. */
  #examineWaiting(owners: readonly OwnerReference[]): void {
    for (const { uid } of owners) {
      const owner = this.#nodes.get(uid);
      if (owner?.deletingDependents) this.#listener.examine(owner);
    }
  }

  #noteDeletion(node: GraphNode, { metadata }: UntypedObject): void {
    if (metadata.deletionTimestamp === undefined) return;
    node.deleting = true;
    const finalizers = metadata.finalizers ?? [];
    if (finalizers.includes(ORPHAN)) this.#listener.orphan(node);
    else if (finalizers.includes(FOREGROUND) && !node.deletingDependents) {
      node.deletingDependents = true;
      for (const dependent of node.dependents) this.#listener.examine(dependent);
      this.#listener.examine(node);
    }
  }
}
