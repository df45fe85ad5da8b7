import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { EventsEvent } from '../types.ts';

export const EventsEventKind: Kind<EventsEvent> = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  resource: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  schema: 'io.k8s.api.events.v1.Event',
  columns: [nameColumn, ageColumn],
};
