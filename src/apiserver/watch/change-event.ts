import type { UntypedObject } from '../../api/object.ts';

/** One change of one object as the watch cache hands it to watchers. */
export interface ChangeEvent {
  readonly revision: number;
  /** The object after the change; absent when it was deleted. */
  readonly object: UntypedObject | undefined;
  /** The object before the change; absent when it was created. */
  readonly previous: UntypedObject | undefined;
  /** The span of the write. */
  readonly cause: number;
  /** The previous object carrying the revision of this change: what a DELETED event shows. */
  farewell?: UntypedObject;
}

/** The previous object as DELETED shows it: with the resourceVersion of its deletion. */
export function farewellOf(event: ChangeEvent): UntypedObject {
  if (event.farewell) return event.farewell;
  const previous = event.previous!;
  event.farewell = {
    ...previous,
    metadata: { ...previous.metadata, resourceVersion: String(event.revision) },
  };
  return event.farewell;
}
