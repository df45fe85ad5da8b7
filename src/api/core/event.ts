import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { CoreEvent } from '../types.ts';

export const EventKind: Kind<CoreEvent> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  resource: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Event',
  columns: [nameColumn, ageColumn],
};
