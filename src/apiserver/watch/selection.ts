import type { UntypedObject } from '../../api/object.ts';

/** Which objects of a resource a list or watch wants. */
export interface Selection {
  /** Only this namespace; all when absent. */
  readonly namespace?: string | undefined;
  /** Only the object of this name. */
  readonly name?: string | undefined;
  /** Only objects whose indexed field (spec.nodeName of Pods) has this value. */
  readonly indexed?: string | undefined;
  /** What remains to be checked once namespace, name and index hold; absent when nothing does. */
  readonly filter?: ((object: UntypedObject) => boolean) | undefined;
}

/** Whether an object is selected, all conditions taken together. `indexValue` is the value of the indexed field. */
export function selects(
  selection: Selection,
  object: UntypedObject,
  indexValue: ((object: UntypedObject) => string) | undefined,
): boolean {
  const { metadata } = object;
  if (selection.namespace !== undefined && metadata.namespace !== selection.namespace) return false;
  if (selection.name !== undefined && metadata.name !== selection.name) return false;
  if (selection.indexed !== undefined && indexValue?.(object) !== selection.indexed) return false;
  return selection.filter === undefined || selection.filter(object);
}
