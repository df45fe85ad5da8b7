/** Tables as the server prints them (meta.k8s.io/v1 Table). */
import { humanDuration } from './duration.ts';
import type { Column, Kind } from './kind.ts';
import type { KubeObject } from './object.ts';

export interface Table {
  kind: 'Table';
  apiVersion: 'meta.k8s.io/v1';
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  columnDefinitions: { name: string; type: string; format: string; description: string; priority: number }[];
  rows: { cells: (string | number | boolean | null)[]; object?: unknown }[];
}

/** The age of what happened at an RFC 3339 time: `5m`, `<unknown>` when it never did. */
export function ageOf(time: string | null | undefined, now: number): string {
  return time ? humanDuration(now - Date.parse(time)) : '<unknown>';
}

export const nameColumn: Column<KubeObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name must be unique within a namespace.',
  cell: (object) => object.metadata.name,
};

export const ageColumn: Column<KubeObject> = {
  name: 'Age',
  type: 'string',
  description: 'CreationTimestamp is a timestamp representing the server time when this object was created.',
  cell: (object, now) => ageOf(object.metadata.creationTimestamp, now),
};

/** A plain column of text or numbers. Priority 1 is shown with `-o wide` only. */
export const column = <T>(
  name: string,
  cell: (object: T, now: number) => string | number | boolean,
  priority = 0,
  type: Column<T>['type'] = 'string',
): Column<T> => ({ name, type, cell, ...(priority ? { priority } : {}) });

/** For kinds without columns of their own. */
const DEFAULT_COLUMNS: readonly Column<KubeObject>[] = [
  nameColumn,
  {
    name: 'Created At',
    type: 'date',
    description: ageColumn.description ?? '',
    cell: (object) => object.metadata.creationTimestamp ?? '',
  },
];

/** What of each object goes along with its row. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** The table of `objects`. `now` is milliseconds since the Unix epoch, for ages. */
export function toTable<T extends KubeObject>(
  kind: Kind<T>,
  objects: readonly T[],
  now: number,
  metadata: Table['metadata'] = {},
  include: IncludeObject = 'Metadata',
): Table {
  const columns: readonly Column<T>[] = kind.columns ?? DEFAULT_COLUMNS;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map((column) => ({
      name: column.name,
      type: column.type,
      format: column.format ?? '',
      description: column.description ?? '',
      priority: column.priority ?? 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, now)),
      ...(include === 'None'
        ? { object: null }
        : include === 'Object'
          ? { object }
          : {
              object: {
                kind: 'PartialObjectMetadata',
                apiVersion: 'meta.k8s.io/v1',
                metadata: object.metadata,
              },
            }),
    })),
  };
}
