import type { UntypedObject } from '../../api/object.ts';

/** Finalizers of a Namespace's spec, which hold it beside those of its metadata. */
const specFinalizers = (object: UntypedObject): readonly string[] =>
  object.kind === 'Namespace' ? ((object['spec'] as { finalizers?: string[] } | undefined)?.finalizers ?? []) : [];

/** Whether something keeps a deleted object from going: a grace period, or those who hold it. */
export const isHeld = (object: UntypedObject): boolean =>
  (object.metadata.finalizers?.length ?? 0) > 0 ||
  (object.metadata.deletionGracePeriodSeconds ?? 0) > 0 ||
  specFinalizers(object).length > 0;

/** Whether an update has taken away the last thing that kept a deleted object. */
export const isFinished = (object: UntypedObject): boolean =>
  object.metadata.deletionTimestamp !== undefined && !isHeld(object);
