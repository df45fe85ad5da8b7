import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import type { CoreEvent } from '../types.ts';
import { checkEvent } from './event-checks.ts';
import { eventColumns } from './event-columns.ts';

const source = (event: CoreEvent): string => {
  const { component, host } = event.source ?? {};
  if (!component) return event.reportingComponent ?? '';
  return host ? `${component}, ${host}` : component;
};

/** Events as components report them: what happened to an object, and how often. */
export const EventKind: Kind<CoreEvent> = defineKind<CoreEvent>({
  group: '',
  version: 'v1',
  kind: 'Event',
  resource: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Event',
  validate: checkEvent,
  selectableFields: {
    'involvedObject.kind': (event) => event.involvedObject.kind ?? '',
    'involvedObject.namespace': (event) => event.involvedObject.namespace ?? '',
    'involvedObject.name': (event) => event.involvedObject.name ?? '',
    'involvedObject.uid': (event) => event.involvedObject.uid ?? '',
    'involvedObject.apiVersion': (event) => event.involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': (event) => event.involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': (event) => event.involvedObject.fieldPath ?? '',
    reason: (event) => event.reason ?? '',
    reportingComponent: (event) => event.reportingComponent ?? '',
    source: (event) => event.source?.component || (event.reportingComponent ?? ''),
    type: (event) => event.type ?? '',
  },
  columns: eventColumns((event) => ({
    type: event.type ?? '',
    reason: event.reason ?? '',
    regarding: event.involvedObject,
    source: source(event),
    message: event.message ?? '',
    first: event.firstTimestamp || event.eventTime || undefined,
    last: event.series?.lastObservedTime || event.lastTimestamp || event.firstTimestamp || event.eventTime || undefined,
    count: event.series?.count ?? event.count ?? 1,
  })),
});
