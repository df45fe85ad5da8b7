import { formatTime } from '../api/meta.ts';
import type { Namespace } from '../api/types.ts';
import { findCondition, replaceCondition } from './conditions.ts';

type NamespaceCondition = NonNullable<NonNullable<Namespace['status']>['conditions']>[number];

/** What the deletion of a namespace's content has come to. */
export interface ContentReport {
  /** Texts of what went wrong while deleting. */
  readonly errors: readonly string[];
  /** Objects left, by resource: `configmaps.` or `deployments.apps`. */
  readonly remaining: ReadonlyMap<string, number>;
  /** Objects left that a finalizer holds, by finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
}

const listed = (counts: ReadonlyMap<string, number>, text: (name: string, count: number) => string): string =>
  [...counts]
    .map(([name, count]) => text(name, count))
    .sort()
    .join(', ');

/** The conditions of a Terminating namespace. A condition whose reason and message stay keeps its time. */
export function terminatingConditions(
  current: readonly NamespaceCondition[],
  { errors, remaining, finalizers }: ContentReport,
  nowMs: number,
): NamespaceCondition[] {
  let conditions: NamespaceCondition[] = [...current];
  const set = (type: string, bad: boolean, reason: string, message: string): void => {
    const status = bad ? 'True' : 'False';
    const before = findCondition(conditions, type);
    if (before?.status === status && before.reason === reason && before.message === message) return;
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime! : formatTime(nowMs);
    conditions = replaceCondition(conditions, { type, status, lastTransitionTime, reason, message });
  };
  set('NamespaceDeletionDiscoveryFailure', false, 'ResourcesDiscovered', 'All resources successfully discovered');
  set(
    'NamespaceDeletionGroupVersionParsingFailure',
    false,
    'ParsedGroupVersions',
    'All legacy kube types successfully parsed',
  );
  if (errors.length > 0) {
    const message = `Failed to delete all resource types, ${errors.length} remaining: ${[...errors].sort().join(', ')}`;
    set('NamespaceDeletionContentFailure', true, 'ContentDeletionFailed', message);
  } else {
    const message = 'All content successfully deleted, may be waiting on finalization';
    set('NamespaceDeletionContentFailure', false, 'ContentDeleted', message);
  }
  if (remaining.size > 0) {
    const what = listed(remaining, (resource, count) => `${resource} has ${count} resource instances`);
    set('NamespaceContentRemaining', true, 'SomeResourcesRemain', `Some resources are remaining: ${what}`);
  } else {
    set('NamespaceContentRemaining', false, 'ContentRemoved', 'All content successfully removed');
  }
  if (finalizers.size > 0) {
    const what = listed(finalizers, (finalizer, count) => `${finalizer} in ${count} resource instances`);
    const message = `Some content in the namespace has finalizers remaining: ${what}`;
    set('NamespaceFinalizersRemaining', true, 'SomeFinalizersRemain', message);
  } else {
    set('NamespaceFinalizersRemaining', false, 'ContentHasNoFinalizers', 'All content-preserving finalizers finished');
  }
  return conditions;
}
