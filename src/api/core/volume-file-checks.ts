/** The files that a volume shows: keys of ConfigMaps and Secrets, and fields of the Pod. */
import { invalid, required } from '../field-error.ts';
import type { PodSpec } from '../types.ts';
import { checkDescendingPath, type Errors } from './common-checks.ts';
import { checkFieldRef, checkResourceFieldRef, VOLUME_FIELDS } from './env-checks.ts';

type Volume = NonNullable<PodSpec['volumes']>[number];
type KeyToPath = NonNullable<NonNullable<Volume['configMap']>['items']>[number];
type DownwardItem = NonNullable<NonNullable<Volume['downwardAPI']>['items']>[number];

const MODE_MESSAGE = 'must be a number between 0 and 0777 (octal), both inclusive';

export function checkMode(mode: number | undefined, path: string, errors: Errors): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) errors.push(invalid(path, mode, MODE_MESSAGE));
}

export function checkItems(items: readonly KeyToPath[] | undefined, path: string, errors: Errors): void {
  items?.forEach((item, i) => {
    const at = `${path}[${i}]`;
    if (!item.key) errors.push(required(`${at}.key`));
    if (!item.path) errors.push(required(`${at}.path`));
    else checkNonReservedPath(item.path, `${at}.path`, errors);
    checkMode(item.mode, `${at}.mode`, errors);
  });
}

/** A relative path that does not begin with '..', which the kubelet keeps for itself. */
export function checkNonReservedPath(value: string, path: string, errors: Errors): void {
  checkDescendingPath(value, path, errors);
  if (value.startsWith('..') && !value.startsWith('../')) errors.push(invalid(path, value, "must not start with '..'"));
}

/** Errors name the volume, not the item (validateDownwardAPIVolumeFile is given its path). */
export function checkDownwardItems(items: readonly DownwardItem[] | undefined, at: string, errors: Errors): void {
  for (const item of items ?? []) {
    if (!item.path) errors.push(required(`${at}.path`));
    else checkNonReservedPath(item.path, `${at}.path`, errors);
    if (item.fieldRef) {
      checkFieldRef(item.fieldRef, VOLUME_FIELDS, `${at}.fieldRef`, errors);
      if (item.resourceFieldRef)
        errors.push(invalid(at, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
    } else if (item.resourceFieldRef)
      checkResourceFieldRef(item.resourceFieldRef, true, `${at}.resourceFieldRef`, errors);
    else errors.push(required(at, 'one of fieldRef and resourceFieldRef is required'));
    checkMode(item.mode, `${at}.mode`, errors);
  }
}
