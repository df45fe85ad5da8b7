import { checkImmutable, checkOneOf, refuse, type Errors } from '../core/common-checks.ts';
import { DEPRECATED_NODE_LABELS } from '../core/node-labels.ts';
import { defineKind } from '../define-kind.ts';
import { semanticallyEqual } from '../draft.ts';
import { duplicate, forbidden, required } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { checkQualifiedName } from '../names.ts';
import { ageColumn, column } from '../table.ts';
import type { StorageClass } from '../types.ts';
import { checkParameters, nameWithDefault } from './class-parts.ts';
import { checkProvisioner } from './driver-name.ts';

type Term = NonNullable<StorageClass['allowedTopologies']>[number];

/** What a term asks for, as a text that is the same for terms that ask the same. */
const meaning = ({ matchLabelExpressions = [] }: Term): string =>
  JSON.stringify(
    Object.entries(
      Object.fromEntries(matchLabelExpressions.map(({ key, values }) => [key, [...new Set(values)].sort()])),
    ).sort(([a], [b]) => (a < b ? -1 : 1)),
  );

function checkTopologies(terms: readonly Term[] = [], errors: Errors): void {
  const meanings = new Set([meaning({})]);
  terms.forEach((term, i) => {
    const path = `allowedTopologies[${i}].matchLabelExpressions`;
    const keys = new Set<string>();
    term.matchLabelExpressions?.forEach(({ key, values }, j) => {
      const at = `${path}[${j}]`;
      if (!values?.length) errors.push(required(`${at}.values`));
      values?.forEach((value, k) => {
        if (values.indexOf(value) < k) errors.push(duplicate(`${at}.values[${k}]`, value));
      });
      refuse(`${at}.key`, key, checkQualifiedName(key), errors);
      if (keys.has(key)) errors.push(duplicate(`${at}.key`, key));
      keys.add(key);
    });
    const meant = meaning(term);
    if (meanings.has(meant)) errors.push(duplicate(path, ''));
    meanings.add(meant);
  });
}

function checkClass(storage: StorageClass): Errors {
  const errors: Errors = [];
  checkProvisioner(storage.provisioner, 'provisioner', errors);
  checkParameters(storage.parameters, true, errors);
  if (storage.reclaimPolicy) checkOneOf(storage.reclaimPolicy, ['Delete', 'Retain'], 'reclaimPolicy', errors);
  const modes = ['Immediate', 'WaitForFirstConsumer'];
  if (!storage.volumeBindingMode) errors.push(required('volumeBindingMode'));
  else checkOneOf(storage.volumeBindingMode, modes, 'volumeBindingMode', errors);
  checkTopologies(storage.allowedTopologies, errors);
  return errors;
}

/** StorageClasses: sorts of storage that can be had on demand. */
export const StorageClassKind: Kind<StorageClass> = defineKind<StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  resource: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  namespaced: false,
  schema: 'io.k8s.api.storage.v1.StorageClass',
  defaults(draft) {
    draft.reclaimPolicy ??= 'Delete';
    draft.volumeBindingMode ??= 'Immediate';
  },
  validate: checkClass,
  validateUpdate(storage, old) {
    const errors = checkClass(storage);
    for (const field of ['parameters', 'provisioner', 'reclaimPolicy'] as const)
      if (!semanticallyEqual(storage[field], old[field]))
        errors.push(forbidden(field, `updates to ${field} are forbidden.`));
    checkImmutable(storage.volumeBindingMode, old.volumeBindingMode, 'volumeBindingMode', errors);
    return errors;
  },
  warnings: ({ allowedTopologies }) =>
    (allowedTopologies ?? []).flatMap(({ matchLabelExpressions = [] }, i) =>
      matchLabelExpressions.flatMap(({ key }, j) =>
        DEPRECATED_NODE_LABELS[key]
          ? [`allowedTopologies[${i}].matchLabelExpressions[${j}].key: ${DEPRECATED_NODE_LABELS[key]}`]
          : [],
      ),
    ),
  columns: [
    nameWithDefault,
    column('Provisioner', ({ provisioner }) => provisioner),
    column('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
    column('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
    column('AllowVolumeExpansion', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
    ageColumn,
  ],
});
