/** Validation of PersistentVolumeClaims, on their own and as templates. */
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../names.ts';
import { parseQuantity } from '../quantity.ts';
import { checkLabelSelector } from '../selector.ts';
import type { PersistentVolumeClaim } from '../types.ts';
import { checkOneOf, refuse, type Errors } from './common-checks.ts';

type Spec = PersistentVolumeClaim['spec'];

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const VOLUME_MODES = ['Block', 'Filesystem'];

/** How a volume may be mounted. */
export function checkAccessModes(modes: readonly string[] | undefined, path: string, errors: Errors): void {
  for (const mode of modes ?? []) if (!ACCESS_MODES.includes(mode)) errors.push(notSupported(path, mode, ACCESS_MODES));
  const alone = (mode: string): boolean => mode === 'ReadWriteOncePod' || !ACCESS_MODES.includes(mode);
  if (modes?.includes('ReadWriteOncePod') && !modes.every(alone))
    errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'));
}

/** An amount of storage, more than nothing. */
export function checkCapacity(text: string | number, path: string, errors: Errors): void {
  const quantity = parseQuantity(text);
  if (quantity.nano <= 0n) errors.push(invalid(path, quantity.toString(), 'must be greater than zero'));
}

export function checkVolumeMode(mode: string | undefined, path: string, errors: Errors): void {
  checkOneOf(mode, VOLUME_MODES, path, errors, true);
}

export function checkClassName(name: string | undefined, path: string, errors: Errors): void {
  if (name) refuse(path, name, checkDnsSubdomain(name), errors);
}

interface Source {
  readonly apiGroup?: string | null;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

function checkSource(source: Source | undefined, path: string, errors: Errors): void {
  if (!source) return;
  if (!source.name) errors.push(required(`${path}.name`));
  if (!source.kind) errors.push(required(`${path}.kind`));
  if (!source.apiGroup && source.kind !== 'PersistentVolumeClaim')
    errors.push(invalid(path, source.kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  if (source.apiGroup) refuse(`${path}.apiGroup`, source.apiGroup, checkDnsSubdomain(source.apiGroup), errors);
  if (source.namespace) refuse(`${path}.namespace`, source.namespace, checkDnsLabel(source.namespace), errors);
}

export function checkClaimSpec(spec: Spec, path: string, errors: Errors): void {
  if (!spec.accessModes?.length) errors.push(required(`${path}.accessModes`, 'at least 1 access mode is required'));
  if (spec.selector) errors.push(...checkLabelSelector(spec.selector, `${path}.selector`));
  checkAccessModes(spec.accessModes, `${path}.accessModes`, errors);
  const storage = spec.resources?.requests?.['storage'];
  if (storage === undefined) errors.push(required(`${path}.resources[storage]`));
  else checkCapacity(storage, `${path}.resources[storage]`, errors);
  checkClassName(spec.storageClassName, `${path}.storageClassName`, errors);
  checkVolumeMode(spec.volumeMode, `${path}.volumeMode`, errors);
  const { dataSource, dataSourceRef } = spec;
  checkSource(dataSource, `${path}.dataSource`, errors);
  checkSource(dataSourceRef, `${path}.dataSourceRef`, errors);
  if (dataSourceRef?.namespace && dataSource)
    errors.push(invalid(path, `${path}.dataSource`, 'may not be specified when dataSourceRef.namespace is specified'));
  else if (
    dataSource &&
    dataSourceRef &&
    (dataSource.kind !== dataSourceRef.kind ||
      dataSource.name !== dataSourceRef.name ||
      (dataSource.apiGroup ?? '') !== (dataSourceRef.apiGroup ?? ''))
  )
    errors.push(invalid(path, `${path}.dataSource`, 'must match dataSourceRef'));
  checkClassName(spec.volumeAttributesClassName, `${path}.volumeAttributesClassName`, errors);
}
