import { checkImmutable, checkOneOf, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { duplicate, invalid } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { CsiDriver } from '../types.ts';
import { checkDriverName } from './driver-name.ts';

const MIN_TOKEN_SECONDS = 600;

function checkDriver({ metadata, spec }: CsiDriver): Errors {
  const errors: Errors = [];
  checkDriverName(metadata.name, 'metadata.name', errors);
  spec.volumeLifecycleModes?.forEach((mode) =>
    checkOneOf(mode, ['Ephemeral', 'Persistent'], 'spec.volumeLifecycleModes', errors),
  );
  const policies = ['File', 'None', 'ReadWriteOnceWithFSType'];
  checkOneOf(spec.fsGroupPolicy, policies, 'spec.fsGroupPolicy', errors, true);
  const audiences = new Set<string>();
  spec.tokenRequests?.forEach(({ audience, expirationSeconds }, i) => {
    const at = `spec.tokenRequests[${i}]`;
    if (audiences.has(audience)) errors.push(duplicate(`${at}.audience`, audience));
    audiences.add(audience);
    if (expirationSeconds === undefined) return;
    if (expirationSeconds < MIN_TOKEN_SECONDS)
      errors.push(
        invalid(`${at}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes'),
      );
    if (expirationSeconds > 2 ** 32)
      errors.push(
        invalid(`${at}.expirationSeconds`, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'),
      );
  });
  return errors;
}

const flag = (name: string, field: 'attachRequired' | 'podInfoOnMount' | 'storageCapacity' | 'requiresRepublish') =>
  column<CsiDriver>(name, ({ spec }) => spec[field] ?? field === 'attachRequired', 0, 'boolean');

/** CSIDrivers: storage systems that are there, and what they need. */
export const CsiDriverKind: Kind<CsiDriver> = defineKind<CsiDriver>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  resource: 'csidrivers',
  singular: 'csidriver',
  namespaced: false,
  schema: 'io.k8s.api.storage.v1.CSIDriver',
  defaults(draft) {
    const spec = (draft.spec ??= {});
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
  validate: checkDriver,
  validateUpdate(driver, old) {
    const errors = checkDriver(driver);
    for (const field of ['attachRequired', 'volumeLifecycleModes'] as const)
      checkImmutable(driver.spec[field], old.spec[field], `spec.${field}`, errors);
    return errors;
  },
  columns: [
    nameColumn,
    flag('AttachRequired', 'attachRequired'),
    flag('PodInfoOnMount', 'podInfoOnMount'),
    flag('StorageCapacity', 'storageCapacity'),
    column('TokenRequests', ({ spec }) =>
      spec.tokenRequests?.length ? spec.tokenRequests.map(({ audience }) => audience).join(',') : '<unset>',
    ),
    flag('RequiresRepublish', 'requiresRepublish'),
    column('Modes', ({ spec }) => spec.volumeLifecycleModes?.join(',') || '<none>'),
    ageColumn,
  ],
});
