import { eventColumns } from '../core/event-columns.ts';
import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import type { EventsEvent } from '../types.ts';

/** Events of events.k8s.io: the same stored objects as the core group's, with clearer field names. */
export const EventsEventKind: Kind<EventsEvent> = defineKind<EventsEvent>({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  resource: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  schema: 'io.k8s.api.events.v1.Event',
  selectableFields: {
    'regarding.kind': (event) => event.regarding?.kind ?? '',
    'regarding.namespace': (event) => event.regarding?.namespace ?? '',
    'regarding.name': (event) => event.regarding?.name ?? '',
    'regarding.uid': (event) => event.regarding?.uid ?? '',
    'regarding.apiVersion': (event) => event.regarding?.apiVersion ?? '',
    'regarding.resourceVersion': (event) => event.regarding?.resourceVersion ?? '',
    'regarding.fieldPath': (event) => event.regarding?.fieldPath ?? '',
    reason: (event) => event.reason ?? '',
    reportingController: (event) => event.reportingController ?? '',
    type: (event) => event.type ?? '',
  },
  columns: eventColumns((event) => ({
    type: event.type ?? '',
    reason: event.reason ?? '',
    regarding: event.regarding ?? {},
    source: event.deprecatedSource?.component || (event.reportingController ?? ''),
    message: event.note ?? '',
    first: event.deprecatedFirstTimestamp || event.eventTime || undefined,
    last: event.series?.lastObservedTime || event.deprecatedLastTimestamp || event.eventTime || undefined,
    count: event.series?.count ?? event.deprecatedCount ?? 1,
  })),
});
