import { conflict, invalid, notFound, OPTIMISTIC_LOCK } from '../../api/errors.ts';
import { notSupported } from '../../api/field-error.ts';
import { formatTime, parseTime } from '../../api/meta.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { Status } from '../../api/status.ts';
import { present } from '../endpoint.ts';
import type { RequestOptions } from '../request.ts';
import { isHeld } from './deletion-hold.ts';
import type { Registry } from './registry.ts';
import { admissionRequest, type Scope } from './scope.ts';

/** Resources that answer a delete with the object that was deleted (ReturnDeletedObject). */
const RETURN_DELETED: ReadonlySet<string> = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'persistentvolumes',
  'persistentvolumeclaims',
  'podtemplates',
  'resourcequotas',
]);

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

export interface Deletion {
  /** What the client gets: the object as it waits to go, the deleted object, or a Status. */
  readonly answer: UntypedObject;
  /** False when the object waits for its grace period or for finalizers. */
  readonly removed: boolean;
  /** The object as it was or is. */
  readonly object: UntypedObject;
}

/** The delete verb for one object. */
export function deleteObject(registry: Registry, scope: Scope, name: string): Deletion {
  const { endpoint, request, dryRun } = scope;
  const { kind, store } = endpoint;
  const { options } = request;
  const namespace = request.namespace;
  const old = store.get(namespace, name);
  if (!old) throw notFound(kind, name);
  checkOptions(options);
  checkPreconditions(scope, old);
  if (!scope.admitted) {
    const admission = admissionRequest(scope, 'DELETE', name, undefined, present(endpoint, old));
    registry.admission.mutate(admission);
    registry.admission.validate(admission);
  }
  const waits = (object: UntypedObject): Deletion => {
    const shown = present(endpoint, object);
    return { answer: shown, removed: false, object: shown };
  };
  const marked = mark(registry, scope, old);
  if (marked === 'pending') return waits(old);
  if (marked !== old && !dryRun && !store.write(marked, old)) throw conflict(kind, name, OPTIMISTIC_LOCK);
  if (isHeld(marked) || (kind.kind === 'Namespace' && marked !== old)) return waits(marked);
  if (!dryRun) {
    store.remove(marked);
    registry.hooksOf(kind)?.removed?.(marked);
  }
  const object = present(endpoint, marked);
  return { answer: RETURN_DELETED.has(kind.resource) ? object : success(scope, old), removed: true, object };
}

/**
 * The object as the delete leaves it if it cannot go at once: the same object when nothing has to be written
 * first, 'pending' when an earlier delete is under way and this one changes nothing.
 */
function mark(registry: Registry, scope: Scope, old: UntypedObject): UntypedObject | 'pending' {
  const { kind } = scope.endpoint;
  const { options } = scope.request;
  const { now } = registry.kernel;
  const prepared = old.metadata.deletionTimestamp
    ? old
    : (registry.hooksOf(kind)?.deleting?.(old, formatTime(now)) ?? old);
  const was = prepared.metadata;
  const requested =
    options.gracePeriodSeconds === undefined
      ? undefined
      : options.gracePeriodSeconds < 0
        ? 1
        : options.gracePeriodSeconds;
  let next: UntypedObject | undefined;
  const change = (fields: Partial<UntypedObject['metadata']>): void => {
    next = { ...(next ?? prepared), metadata: { ...(next ?? prepared).metadata, ...fields } };
  };
  const bumped = was.generation ? { generation: was.generation + 1 } : {};
  const finalizers = finalizersFor(options, was.finalizers ?? []);
  const held = (finalizers ?? was.finalizers ?? []).length > 0;
  if (kind.kind === 'Namespace') {
    if (was.deletionTimestamp && isHeld(old)) return 'pending';
    if (!was.deletionTimestamp) {
      change({ deletionTimestamp: formatTime(now) });
      next!['status'] = { ...(old['status'] as object | undefined), phase: 'Terminating' };
    }
  } else if (kind.defaultGracePeriodSeconds) {
    if (!was.deletionTimestamp) {
      const grace = graceOf(old, requested ?? kind.defaultGracePeriodSeconds(old));
      change({ deletionTimestamp: formatTime(now + grace * 1000), deletionGracePeriodSeconds: grace, ...bumped });
    } else if (was.deletionGracePeriodSeconds) {
      if (requested === undefined || requested >= was.deletionGracePeriodSeconds) return 'pending';
      const began = parseTime(was.deletionTimestamp) - was.deletionGracePeriodSeconds * 1000;
      change({ deletionTimestamp: formatTime(began + requested * 1000), deletionGracePeriodSeconds: requested });
    }
  } else if (held) {
    if (!was.deletionTimestamp) change(bumped);
    if (!was.deletionTimestamp || parseTime(was.deletionTimestamp) > now)
      change({ deletionTimestamp: formatTime(now) });
    if (was.deletionGracePeriodSeconds !== 0) change({ deletionGracePeriodSeconds: 0 });
  }
  if (finalizers) {
    change({ finalizers });
    if (finalizers.length === 0) delete next!.metadata.finalizers;
  }
  return next ?? prepared;
}

/** A Pod that no kubelet runs, or that has ended, needs no time to end. */
function graceOf(object: UntypedObject, grace: number): number {
  if (object.kind !== 'Pod') return grace;
  const spec = object['spec'] as { nodeName?: string };
  const status = object['status'] as { phase?: string } | undefined;
  return !spec.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded' ? 0 : grace;
}

/** The finalizers by which the garbage collector knows what to do with dependents; undefined when nothing changes. */
function finalizersFor(options: RequestOptions, present: readonly string[]): string[] | undefined {
  const { orphanDependents, propagationPolicy } = options;
  const orphan = orphanDependents ?? (propagationPolicy ? propagationPolicy === 'Orphan' : present.includes(ORPHAN));
  const foreground =
    orphanDependents !== undefined
      ? false
      : propagationPolicy
        ? propagationPolicy === 'Foreground'
        : present.includes(FOREGROUND);
  const next = present.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  if (orphan) next.push(ORPHAN);
  if (foreground) next.push(FOREGROUND);
  const same = next.length === present.length && next.every((finalizer) => present.includes(finalizer));
  return same ? undefined : next;
}

function checkOptions(options: RequestOptions): void {
  const policy = options.propagationPolicy as string | undefined;
  if (policy && !['Orphan', 'Background', 'Foreground'].includes(policy)) {
    throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [
      notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil']),
    ]);
  }
}

function checkPreconditions({ endpoint, request }: Scope, { metadata }: UntypedObject): void {
  const { preconditions } = request.options;
  if (!preconditions) return;
  const { group, kind } = endpoint.kind;
  const refuse = (message: string): Error => conflict({ group, resource: kind }, metadata.name, message);
  if (preconditions.uid && preconditions.uid !== metadata.uid) {
    throw refuse(
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${metadata.uid}). ` +
        'The object might have been deleted and then recreated',
    );
  }
  if (preconditions.resourceVersion && preconditions.resourceVersion !== metadata.resourceVersion) {
    throw refuse(
      `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). ` +
        'The object might have been modified',
    );
  }
}

const success = ({ endpoint }: Scope, { metadata }: UntypedObject): UntypedObject => {
  const status: Omit<Status, 'code'> = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: metadata.name,
      ...(endpoint.kind.group ? { group: endpoint.kind.group } : {}),
      kind: endpoint.kind.resource,
      uid: metadata.uid ?? '',
    },
  };
  return status as unknown as UntypedObject;
};
