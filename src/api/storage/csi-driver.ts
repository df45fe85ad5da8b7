import { checkImmutable, checkOneOf, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { duplicate, invalid } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { CsiDriver } from '../types.ts';

const MIN_TOKEN_SECONDS = 600;

const MIN_UPDATE_SECONDS = 10;

function checkDriver({ spec }: CsiDriver): Errors {
  const errors: Errors = [];
  const policies = ['File', 'None', 'ReadWriteOnceWithFSType'];
  checkOneOf(spec.fsGroupPolicy, policies, 'spec.fsGroupPolicy', errors, true);
  const audiences = new Set<string>();
  spec.tokenRequests?.forEach(({ audience, expirationSeconds: seconds }, i) => {
    const at = `spec.tokenRequests[${i}]`;
    if (audiences.has(audience)) {
      errors.push(duplicate(`${at}.audience`, audience));
      return;
    }
    audiences.add(audience);
    const refuseSeconds = (why: string): void => void errors.push(invalid(`${at}.expirationSeconds`, seconds, why));
    if (seconds === undefined) return;
    if (seconds < MIN_TOKEN_SECONDS) refuseSeconds('may not specify a duration less than 10 minutes');
    if (seconds > 2 ** 32) refuseSeconds('may not specify a duration larger than 2^32 seconds');
  });
  for (const mode of spec.volumeLifecycleModes ?? [])
    checkOneOf(mode, ['Persistent', 'Ephemeral'], 'spec.volumeLifecycleModes', errors);
  const period = spec.nodeAllocatableUpdatePeriodSeconds;
  if (period !== undefined && period < MIN_UPDATE_SECONDS)
    errors.push(
      invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds'),
    );
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
  conditionalUpdates: true,
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
    const { attachRequired, volumeLifecycleModes } = driver.spec;
    // Kubernetes spells the first path like this.
    checkImmutable(attachRequired, old.spec.attachRequired, 'spec.attachedRequired', errors);
    checkImmutable(volumeLifecycleModes, old.spec.volumeLifecycleModes, 'spec.volumeLifecycleModes', errors);
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
