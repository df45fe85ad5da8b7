/** What StorageClasses and VolumeAttributesClasses have in common. */
import type { Errors } from '../core/common-checks.ts';
import { invalid, required, tooLong } from '../field-error.ts';
import type { Column } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import { nameColumn } from '../table.ts';

const MAX_PARAMETERS = 512;
const MAX_BYTES = 256 * 1024;

export function checkParameters(
  parameters: Readonly<Record<string, string>> | undefined,
  mayBeEmpty: boolean,
  errors: Errors,
): void {
  const entries = Object.entries(parameters ?? {});
  if (entries.length > MAX_PARAMETERS) {
    errors.push(tooLong('parameters', MAX_PARAMETERS));
    return;
  }
  let bytes = 0;
  for (const [key, value] of entries) {
    if (key === '') errors.push(invalid('parameters', key, 'field can not be empty.'));
    bytes += key.length + value.length;
  }
  if (bytes > MAX_BYTES) errors.push(tooLong('parameters', MAX_BYTES));
  if (entries.length === 0 && !mayBeEmpty)
    errors.push(required('parameters', 'must contain at least one key/value pair'));
}

const DEFAULT_MARKS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** The name, and whether this is the class of claims that name none. */
export const nameWithDefault: Column<KubeObject> = {
  ...nameColumn,
  cell: ({ metadata }) =>
    DEFAULT_MARKS.some((mark) => metadata.annotations?.[mark] === 'true')
      ? `${metadata.name} (default)`
      : metadata.name,
};
