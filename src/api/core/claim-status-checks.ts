/** Validation of what is reported of PersistentVolumeClaims. */
import { invalid, notSupported } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import { checkQualifiedName } from '../names.ts';
import { parseQuantity } from '../quantity.ts';
import type { PersistentVolumeClaim } from '../types.ts';
import { refuse, type Errors } from './common-checks.ts';
import { checkResourceAmount, sortedKeys } from './resource-checks.ts';

/** How far the growing of a volume has come. */
const RESIZES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
].sort();

/** Claims are of storage, and of what others name with a domain of their own. */
function checkClaimedName(name: string, path: string, errors: Errors): boolean {
  const messages = checkQualifiedName(name);
  refuse(path, name, messages, errors);
  if (messages.length > 0) return false;
  if ((name.includes('/') && !name.includes('kubernetes.io/')) || name === 'storage') return true;
  errors.push(notSupported(path, name, ['storage']));
  return false;
}

/** Whether an amount is none below nothing. */
function checkAmount(text: string | number, path: string, errors: Errors): boolean {
  const amount = Math.ceil(parseQuantity(text).asNumber());
  if (amount < 0) errors.push(invalid(path, amount, 'must be a valid resource quantity'));
  return amount >= 0;
}

export function checkClaimStatus({ status = {} }: PersistentVolumeClaim): FieldError[] {
  const errors: Errors = [];
  const { capacity = {}, allocatedResourceStatuses: resizes = {}, allocatedResources: allocated = {} } = status;
  for (const name of sortedKeys(capacity)) checkAmount(capacity[name]!, `status.capacity[${name}]`, errors);
  for (const name of sortedKeys(resizes)) {
    const path = 'status.allocatedResourceStatus';
    checkClaimedName(name, path, errors);
    if (!RESIZES.includes(resizes[name]!)) errors.push(notSupported(path, name, RESIZES));
  }
  for (const name of sortedKeys(allocated)) {
    if (!checkClaimedName(name, 'status.allocatedResources', errors)) continue;
    const path = `status.allocatedResources[${name}]`;
    if (checkAmount(allocated[name]!, path, errors)) checkResourceAmount('storage', allocated[name]!, path, errors);
  }
  return errors;
}
