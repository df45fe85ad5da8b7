import { matcherOf } from '../../api/selector.ts';
import type { Deployment, PodTemplateSpec, ReplicaSet } from '../../api/types.ts';
import { equal } from '../../api/draft.ts';
import { revisionOf } from './annotations.ts';

/** Label that tells the Pods of one template from those of another. */
export const TEMPLATE_HASH = 'pod-template-hash';

export const replicasOf = (rs: ReplicaSet): number => rs.spec.replicas ?? 1;

export const isActive = (rs: ReplicaSet): boolean => replicasOf(rs) > 0;

const sum = (sets: readonly (ReplicaSet | undefined)[], count: (rs: ReplicaSet) => number): number =>
  sets.reduce((total, rs) => total + (rs ? count(rs) : 0), 0);

export const totalDesired = (sets: readonly (ReplicaSet | undefined)[]): number => sum(sets, replicasOf);
export const totalActual = (sets: readonly (ReplicaSet | undefined)[]): number =>
  sum(sets, (rs) => rs.status?.replicas ?? 0);
export const totalReady = (sets: readonly (ReplicaSet | undefined)[]): number =>
  sum(sets, (rs) => rs.status?.readyReplicas ?? 0);
export const totalAvailable = (sets: readonly (ReplicaSet | undefined)[]): number =>
  sum(sets, (rs) => rs.status?.availableReplicas ?? 0);

/** Pods on their way out, undefined while a ReplicaSet has not counted its own. */
export function totalTerminating(sets: readonly (ReplicaSet | undefined)[]): number | undefined {
  let total = 0;
  for (const rs of sets) {
    if (!rs) continue;
    if (rs.status?.terminatingReplicas === undefined) return undefined;
    total += rs.status.terminatingReplicas;
  }
  return total;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Older first, then by name. */
const byCreation = (a: ReplicaSet, b: ReplicaSet): number =>
  byText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
  byText(a.metadata.name, b.metadata.name);

export const byRevision = (a: ReplicaSet, b: ReplicaSet): number =>
  Number(revisionOf(a) - revisionOf(b)) || byCreation(a, b);

/** Larger first; among equals the newer. */
export const bySizeNewer = (a: ReplicaSet, b: ReplicaSet): number => replicasOf(b) - replicasOf(a) || byCreation(b, a);

/** Larger first; among equals the older. */
export const bySizeOlder = (a: ReplicaSet, b: ReplicaSet): number => replicasOf(b) - replicasOf(a) || byCreation(a, b);

/** The last comparison of each template: templates do not change, and the same two meet in every sync. */
const compared = new WeakMap<PodTemplateSpec, { readonly other: PodTemplateSpec; readonly same: boolean }>();

/** Whether two templates make the same Pods: everything but the hash label counts. */
export function sameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  if (!a || !b) return areSame(a, b);
  const last = compared.get(a);
  if (last?.other === b) return last.same;
  const same = areSame(a, b);
  compared.set(a, { other: b, same });
  return same;
}

function areSame(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  if (!equal(a?.spec, b?.spec)) return false;
  return equal(metadataWithoutHash(a), metadataWithoutHash(b));
}

function metadataWithoutHash(template: PodTemplateSpec | undefined): unknown {
  const { labels = {}, annotations = {}, ...rest } = template?.metadata ?? {};
  const { [TEMPLATE_HASH]: _, ...others } = labels;
  return { ...rest, annotations, labels: others };
}

/** The ReplicaSets of a Deployment: the one with the present template, if there is one, and all others. */
export function partition(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): { readonly current: ReplicaSet | undefined; readonly old: ReplicaSet[] } {
  const sorted = [...sets].sort(byCreation);
  const current = sorted.find((rs) => sameTemplate(rs.spec.template, deployment.spec.template));
  return { current, old: sorted.filter((rs) => rs.metadata.uid !== current?.metadata.uid) };
}

/** The Deployments whose selector matches an object. */
export const selecting = (deployments: readonly Deployment[], labels: Readonly<Record<string, string>>): Deployment[] =>
  deployments.filter(({ spec }) => matcherOf(spec.selector).matches(labels));
