import type { Column } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import { ageOf } from '../table.ts';

/** What the columns of both kinds of event show. Times are RFC 3339. */
export interface EventFacts {
  readonly type?: string;
  readonly reason?: string;
  readonly regarding: { readonly kind?: string; readonly name?: string; readonly fieldPath?: string };
  readonly source: string;
  readonly message: string;
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly count: number;
}

/** The columns of events, given how to read one (printEvent). */
export function eventColumns<T extends KubeObject>(facts: (event: T) => EventFacts): readonly Column<T>[] {
  return [
    {
      name: 'Last Seen',
      type: 'string',
      description: 'The time at which the most recent occurrence of this event was recorded.',
      cell: (event, now) => ageOf(facts(event).last, now),
    },
    {
      name: 'Type',
      type: 'string',
      description: 'Type of this event (Normal, Warning), new types could be added in the future',
      cell: (event) => facts(event).type ?? '',
    },
    {
      name: 'Reason',
      type: 'string',
      description:
        "This should be a short, machine understandable string that gives the reason for the transition into the object's current status.",
      cell: (event) => facts(event).reason ?? '',
    },
    {
      name: 'Object',
      type: 'string',
      description: 'The object that this event is about.',
      cell: (event) => {
        const { kind, name } = facts(event).regarding;
        return name ? `${(kind ?? '').toLowerCase()}/${name}` : (kind ?? '').toLowerCase();
      },
    },
    {
      name: 'Subobject',
      type: 'string',
      description:
        'If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement.',
      priority: 1,
      cell: (event) => facts(event).regarding.fieldPath ?? '',
    },
    {
      name: 'Source',
      type: 'string',
      description: 'The component reporting this event.',
      priority: 1,
      cell: (event) => facts(event).source,
    },
    {
      name: 'Message',
      type: 'string',
      description: 'A human-readable description of the status of this operation.',
      cell: (event) => facts(event).message.trim(),
    },
    {
      name: 'First Seen',
      type: 'string',
      description: 'The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)',
      priority: 1,
      cell: (event, now) => ageOf(facts(event).first, now),
    },
    {
      name: 'Count',
      type: 'string',
      description: 'The number of times this event has occurred.',
      priority: 1,
      cell: (event) => facts(event).count,
    },
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      description: 'Name must be unique within a namespace.',
      priority: 1,
      cell: (event) => event.metadata.name,
    },
  ];
}
