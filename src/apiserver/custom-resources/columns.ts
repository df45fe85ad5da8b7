import { humanDuration } from '../../api/duration.ts';
import { goJson, goValue } from '../../api/go-text.ts';
import { JsonPath } from '../../api/jsonpath/evaluate.ts';
import type { Column } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { DefinitionVersion } from './definition.ts';

type PrinterColumn = NonNullable<DefinitionVersion['additionalPrinterColumns']>[number];

const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';

const AGE_DESCRIPTION =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

const NAME: Column<UntypedObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: NAME_DESCRIPTION,
  cell: ({ metadata }) => metadata.name,
};

const AGE: PrinterColumn = {
  name: 'Age',
  type: 'date',
  description: AGE_DESCRIPTION,
  jsonPath: '.metadata.creationTimestamp',
};

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** How long ago a time was. */
function ageAt(text: string, now: number): string {
  if (text === '' || text === 'null') return '<unknown>';
  const time = RFC3339.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? '<invalid>' : humanDuration(now - time);
}

type Cell = ReturnType<Column<UntypedObject>['cell']>;

/** A value as a column of its type shows it; null, an empty cell, where it is of another. */
function cellOf(type: string, value: unknown, now: number): Cell {
  if (type === 'string') return typeof value === 'object' && value !== null ? goJson(value) : goValue(value);
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageAt(value, now) : null;
    default:
      return null;
  }
}

function columnOf({ name, type, format, description, jsonPath, priority }: PrinterColumn): Column<UntypedObject> {
  const path = new JsonPath(`{${jsonPath}}`, { allowMissingKeys: true });
  const find = (object: UntypedObject): unknown => {
    try {
      return path.find(object)[0]?.[0];
    } catch {
      return undefined;
    }
  };
  return {
    name,
    type: type as Column<UntypedObject>['type'],
    ...(format ? { format } : {}),
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    ...(priority ? { priority } : {}),
    cell: (object, now) => {
      const value = find(object);
      return value === undefined ? null : cellOf(type, value, now);
    },
  };
}

/** The columns of a version: the name, and those of the definition, or the age where it has none. */
export function columnsOf({ additionalPrinterColumns }: DefinitionVersion): readonly Column<UntypedObject>[] {
  return [NAME, ...(additionalPrinterColumns?.length ? additionalPrinterColumns : [AGE]).map(columnOf)];
}
