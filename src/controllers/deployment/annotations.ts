import type { Deployment, ReplicaSet } from '../../api/types.ts';
import { desiredReplicas, maxSurge } from './strategy.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

/** Length of the list of former revisions, characters. */
const HISTORY_LENGTH = 2000;

/** What a ReplicaSet does not inherit from its Deployment. */
const NOT_INHERITED: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);

type Annotations = Readonly<Record<string, string>>;

/** The revision that an object says to be; 0 when it says none. Revisions have 64 bits. */
export const revisionOf = (object: { metadata: { annotations?: Annotations } }): bigint =>
  parseRevision(object.metadata.annotations?.[REVISION]);

const parseRevision = (text: string | undefined): bigint => (text && /^[+-]?\d+$/.test(text) ? BigInt(text) : 0n);

/** The number of replicas that the Deployment wanted when it last scaled the ReplicaSet. */
export const desiredAnnotation = (rs: ReplicaSet): number | undefined => numberIn(rs, DESIRED_REPLICAS);

/** The number of Pods that the Deployment allowed when it last scaled the ReplicaSet. */
export const maxAnnotation = (rs: ReplicaSet): number | undefined => numberIn(rs, MAX_REPLICAS);

function numberIn(rs: ReplicaSet, annotation: string): number | undefined {
  const value = Number.parseInt(rs.metadata.annotations?.[annotation] ?? '', 10);
  return Number.isNaN(value) ? undefined : value;
}

/** Annotations with the present scale of the Deployment; the same object when they say so already. */
export function withScale(annotations: Annotations, deployment: Deployment): Annotations {
  const desired = String(desiredReplicas(deployment));
  const max = String(desiredReplicas(deployment) + maxSurge(deployment));
  if (annotations[DESIRED_REPLICAS] === desired && annotations[MAX_REPLICAS] === max) return annotations;
  return { ...annotations, [DESIRED_REPLICAS]: desired, [MAX_REPLICAS]: max };
}

/**
 * Annotations of the ReplicaSet of the current template: those of the Deployment, and its revision. A ReplicaSet that
 * gets a new revision because of a rollback remembers the old one. The same object when nothing changes.
 */
export function ofNewReplicaSet(annotations: Annotations, deployment: Deployment, revision: bigint): Annotations {
  const inherited: Record<string, string> = {};
  let changed = false;
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (NOT_INHERITED.has(key) || annotations[key] === value) continue;
    inherited[key] = value;
    changed = true;
  }
  const old = annotations[REVISION];
  if (parseRevision(old) < revision) {
    inherited[REVISION] = String(revision);
    if (old !== undefined) {
      const history = historyWith(annotations[REVISION_HISTORY], old);
      if (history !== undefined) inherited[REVISION_HISTORY] = history;
    }
    changed = true;
  }
  return changed ? { ...annotations, ...inherited } : annotations;
}

/** Former revisions with one more, the oldest dropped when the list grows too long. */
function historyWith(history: string | undefined, revision: string): string | undefined {
  if (!history) return revision;
  const revisions = [...history.split(','), revision];
  while (revisions.length > 1 && revisions.join(',').length > HISTORY_LENGTH) revisions.shift();
  return revisions.join(',').length <= HISTORY_LENGTH ? revisions.join(',') : undefined;
}
