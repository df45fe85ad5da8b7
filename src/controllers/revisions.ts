import { ControllerRevisionKind } from '../api/apps/controller-revision.ts';
import type { Kind } from '../api/kind.ts';
import { ownerReference } from '../api/meta.ts';
import type { KubeObject } from '../api/object.ts';
import { matcherOf } from '../api/selector.ts';
import { hasReason } from '../api/status.ts';
import type { ControllerRevision, LabelSelector, PodTemplateSpec } from '../api/types.ts';
import type { Client, SharedInformer } from '../client/index.ts';
import { Claims } from './claims.ts';
import { equal } from '../api/draft.ts';

/** Label of a Pod that names the state of the template it was made from. */
export const REVISION_HASH = 'controller-revision-hash';

/** What StatefulSets and DaemonSets have in common: a template with a history of ControllerRevisions. */
type Revisioned = KubeObject & {
  readonly spec: {
    readonly selector: LabelSelector;
    readonly template: PodTemplateSpec;
    readonly revisionHistoryLimit?: number;
  };
};

interface RevisionOptions<O extends Revisioned> {
  readonly client: Client;
  readonly informer: SharedInformer<ControllerRevision>;
  readonly owner: O;
  readonly ownerKind: Kind<O>;
  /** Key of the label with a revision's hash. */
  readonly hashLabel: string;
  /** The hash that names a revision. */
  readonly hashOf: (revision: { readonly data: unknown; readonly collisionCount: number }) => string;
  readonly collisionCount: number;
}

const revisionNumber = ({ revision }: ControllerRevision): number => revision;

/** What a revision holds: a strategic merge patch that puts the whole template back. */
const dataOf = (template: PodTemplateSpec): unknown =>
  sorted({ spec: { template: { ...template, $patch: 'replace' } } });

/** With its keys in order: clients compare revisions byte by byte. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
};

/** The template that a revision puts back. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { $patch: _, ...template } = (revision.data as { spec: { template: PodTemplateSpec & { $patch?: string } } })
    .spec.template;
  return template;
}

/** The history of a workload's template, oldest first. */
export class Revisions<O extends Revisioned> {
  readonly #options: RevisionOptions<O>;
  readonly list: readonly ControllerRevision[];
  /** The one that the present template is. */
  readonly current: ControllerRevision;
  collisionCount: number;

  constructor(options: RevisionOptions<O>) {
    this.#options = options;
    this.collisionCount = options.collisionCount;
    const { client, informer, owner, ownerKind } = options;
    const claims = new Claims({
      client,
      owner,
      ownerKind,
      kind: ControllerRevisionKind,
      matcher: matcherOf(owner.spec.selector),
    });
    const known = informer
      .list(owner.metadata.namespace)
      .filter((revision) => claims.claim(revision))
      .sort((a, b) => a.revision - b.revision);
    this.current = this.#current(known);
    const others = known.filter(({ metadata }) => metadata.uid !== this.current.metadata.uid);
    this.list = [...others, this.current].sort((a, b) => a.revision - b.revision);
  }

  /** The revision of the present template: the newest, an older one that is made the newest, or one made now. */
  #current(known: readonly ControllerRevision[]): ControllerRevision {
    const data = dataOf(this.#options.owner.spec.template);
    const next = Math.max(0, ...known.map(revisionNumber)) + 1;
    const same = known.findLast((revision) => equal(revision.data, data));
    if (!same) return this.#create(data, next);
    if (same === known.at(-1)) return same;
    return this.#options.client.resource(ControllerRevisionKind).update({ ...same, revision: next });
  }

  #create(data: unknown, revision: number): ControllerRevision {
    const { client, owner, ownerKind, hashLabel, hashOf } = this.#options;
    const resource = client.resource(ControllerRevisionKind);
    const { template } = owner.spec;
    const { name, namespace, annotations } = owner.metadata;
    for (;;) {
      const hash = hashOf({ data, collisionCount: this.collisionCount });
      const draft = {
        apiVersion: 'apps/v1',
        kind: 'ControllerRevision',
        metadata: {
          name: `${name}-${hash}`,
          ...(namespace === undefined ? {} : { namespace }),
          labels: { ...template.metadata?.labels, [hashLabel]: hash },
          ...(annotations ? { annotations } : {}),
          ownerReferences: [ownerReference(owner, ownerKind)],
        },
        data,
        revision,
      } as ControllerRevision;
      try {
        return resource.create(draft);
      } catch (error) {
        if (!hasReason(error, 'AlreadyExists')) throw error;
        const existing = resource.get(draft.metadata.name, namespace);
        if (equal(existing.data, data)) return existing;
        this.collisionCount++;
      }
    }
  }

  /** Deletes the oldest revisions beyond spec.revisionHistoryLimit that are not in use. */
  truncate(isLive: (revision: ControllerRevision) => boolean): void {
    const { client, owner } = this.#options;
    const unused = this.list.filter((revision) => revision !== this.current && !isLive(revision));
    const surplus = unused.length - (owner.spec.revisionHistoryLimit ?? 10);
    for (const { metadata } of unused.slice(0, Math.max(0, surplus))) {
      client.resource(ControllerRevisionKind).delete(metadata.name, metadata.namespace);
    }
  }
}
