/** The Events of a cluster, newest first, as rows. */
import { humanDuration } from '../../../api/duration.ts';
import type { UntypedObject } from '../../../api/object.ts';

export interface EventRow {
  readonly key: string;
  /** `12s`, or `12s (x3 over 1m)` as kubectl prints it. */
  readonly lastSeen: string;
  readonly type: string;
  readonly reason: string;
  /** `pod/web-1` */
  readonly object: string;
  readonly message: string;
}

interface EventFields {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
}

export function eventRows(events: ReadonlyMap<string, UntypedObject>, now: number): readonly EventRow[] {
  const dated = [...events].map(([key, event]) => {
    const { firstTimestamp, lastTimestamp, eventTime, ...fields } = event as EventFields;
    const last = Date.parse(lastTimestamp ?? eventTime ?? event.metadata.creationTimestamp ?? '');
    const first = Date.parse(firstTimestamp ?? eventTime ?? event.metadata.creationTimestamp ?? '');
    return { key, fields, last, first, version: Number(event.metadata.resourceVersion) };
  });
  dated.sort((a, b) => b.last - a.last || b.version - a.version);
  return dated.map(({ key, fields, last, first }) => {
    const { type = '', reason = '', message = '', count = 1, involvedObject } = fields;
    const seen = humanDuration(now - last);
    return {
      key,
      lastSeen: count > 1 ? `${seen} (x${count} over ${humanDuration(now - first)})` : seen,
      type,
      reason,
      object: `${(involvedObject?.kind ?? '').toLowerCase()}/${involvedObject?.name ?? ''}`,
      message,
    };
  });
}
