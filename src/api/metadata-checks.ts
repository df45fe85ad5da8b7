import { invalid, tooLong } from './field-error.ts';
import type { FieldError } from './kind.ts';
import { checkLabelValue, checkQualifiedName } from './names.ts';

/** All annotations of an object together: names and values. */
const MAX_ANNOTATION_BYTES = 256 * 1024;

/** Keys and values of labels, or of anything that selects by them. */
export function checkLabels(
  labels: Readonly<Record<string, string>> | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (!labels) return;
  for (const key in labels) {
    for (const message of checkQualifiedName(key)) errors.push(invalid(path, key, message));
    const value = labels[key]!;
    for (const message of checkLabelValue(value)) errors.push(invalid(path, value, message));
  }
}

export function checkAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (!annotations) return;
  let size = 0;
  for (const key in annotations) {
    for (const message of checkQualifiedName(key.toLowerCase())) errors.push(invalid(path, key, message));
    size += key.length + annotations[key]!.length;
  }
  if (size > MAX_ANNOTATION_BYTES) errors.push(tooLong(path, MAX_ANNOTATION_BYTES));
}
