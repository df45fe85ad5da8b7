import type { UntypedObject } from '../api/object.ts';
import type { CoreEvent, EventsEvent } from '../api/types.ts';
import type { Conversion } from './endpoint.ts';

/** Drops what is undefined or null: API objects have no such keys. */
function present<T extends object>(object: T): T {
  const out = {} as T;
  for (const key in object) if (object[key] !== undefined && object[key] !== null) out[key] = object[key];
  return out;
}

/** The source of the events of newer components, which name none. */
const NO_SOURCE = Object.freeze({});

/** events.k8s.io/v1 shows the fields of the core/v1 Event under other names. */
export const eventConversion: Conversion = {
  stored: { group: '', resource: 'events' },
  fromStored: (stored) => {
    const event = stored as unknown as CoreEvent;
    const converted = present({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: event.metadata,
      eventTime: event.eventTime,
      series: event.series,
      reportingController: event.reportingComponent,
      reportingInstance: event.reportingInstance,
      action: event.action,
      reason: event.reason,
      regarding: event.involvedObject,
      related: event.related,
      note: event.message,
      type: event.type,
      deprecatedSource: event.source,
      deprecatedFirstTimestamp: event.firstTimestamp,
      deprecatedLastTimestamp: event.lastTimestamp,
      deprecatedCount: event.count,
    });
    return converted as unknown as UntypedObject;
  },
  toStored: (object) => {
    const event = object as unknown as EventsEvent;
    const converted = present({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: event.metadata,
      involvedObject: event.regarding ?? {},
      reason: event.reason,
      message: event.note,
      source: event.deprecatedSource ?? NO_SOURCE,
      firstTimestamp: event.deprecatedFirstTimestamp,
      lastTimestamp: event.deprecatedLastTimestamp,
      count: event.deprecatedCount,
      type: event.type,
      eventTime: event.eventTime,
      series: event.series,
      action: event.action,
      related: event.related,
      reportingComponent: event.reportingController ?? '',
      reportingInstance: event.reportingInstance ?? '',
    });
    return converted as unknown as UntypedObject;
  },
};
