import { checkNonNegative, checkOneOf, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { Column, Kind } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { PriorityLevelConfiguration } from '../types.ts';

type Spec = PriorityLevelConfiguration['spec'];
type Queuing = NonNullable<NonNullable<NonNullable<Spec['limited']>['limitResponse']>['queuing']>;

const SHARES = 30;
const QUEUING: Queuing = { queues: 64, handSize: 8, queueLengthLimit: 50 };
const MAX_QUEUES = 10_000_000;

function checkLimited(limited: NonNullable<Spec['limited']>, path: string, errors: Errors): void {
  const { nominalConcurrencyShares, lendablePercent, borrowingLimitPercent, limitResponse } = limited;
  if (nominalConcurrencyShares !== undefined && nominalConcurrencyShares < 0)
    errors.push(
      invalid(`${path}.nominalConcurrencyShares`, nominalConcurrencyShares, 'must be a non-negative integer'),
    );
  if (lendablePercent !== undefined && (lendablePercent < 0 || lendablePercent > 100))
    errors.push(invalid(`${path}.lendablePercent`, lendablePercent, 'must be between 0 and 100, inclusive'));
  checkNonNegative(borrowingLimitPercent, `${path}.borrowingLimitPercent`, errors);
  const { type, queuing } = limitResponse ?? {};
  const at = `${path}.limitResponse`;
  if (type === 'Reject') {
    if (queuing) errors.push(forbidden(`${at}.queuing`, 'must be nil if limited.limitResponse.type is not Queue'));
  } else if (type === 'Queue') {
    if (!queuing) {
      errors.push(required(`${at}.queuing`, 'must not be empty if limited.limitResponse.type is Queue'));
      return;
    }
    const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing;
    const positive = (field: keyof Queuing, value: number): void => {
      if (value <= 0) errors.push(invalid(`${at}.queuing.${field}`, value, 'must be positive'));
    };
    positive('queueLengthLimit', queueLengthLimit);
    positive('queues', queues);
    if (queues > MAX_QUEUES)
      errors.push(invalid(`${at}.queuing.queues`, queues, `must not be greater than ${MAX_QUEUES}`));
    positive('handSize', handSize);
    if (handSize > queues)
      errors.push(invalid(`${at}.queuing.handSize`, handSize, `should not be greater than queues (${queues})`));
  } else if (!type) errors.push(required(`${at}.type`, 'must specify one of Queue, Reject'));
  else errors.push(notSupported(`${at}.type`, type, ['Queue', 'Reject']));
}

function checkLevel({ metadata, spec }: PriorityLevelConfiguration): Errors {
  const errors: Errors = [];
  if ((metadata.name === 'exempt') !== (spec.type === 'Exempt'))
    errors.push(invalid('spec.type', spec.type, "type must be 'Exempt' if and only if `name` is one of exempt"));
  checkOneOf(spec.type, ['Exempt', 'Limited'], 'spec.type', errors);
  if (spec.type === 'Exempt' && spec.limited)
    errors.push(forbidden('spec.limited', 'must be nil if the type is not Limited'));
  if (spec.type === 'Limited') {
    if (spec.exempt) errors.push(forbidden('spec.exempt', 'must be nil if the type is Limited'));
    if (!spec.limited) errors.push(required('spec.limited', 'must not be empty when type is Limited'));
    else checkLimited(spec.limited, 'spec.limited', errors);
  }
  return errors;
}

const queuing = (name: string, field: keyof Queuing): Column<PriorityLevelConfiguration> =>
  column(name, ({ spec }) => String(spec.limited?.limitResponse?.queuing?.[field] ?? '<none>'));

/** PriorityLevelConfigurations: how much of the API server's time a sort of requests gets. */
export const PriorityLevelConfigurationKind: Kind<PriorityLevelConfiguration> = defineKind<PriorityLevelConfiguration>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  resource: 'prioritylevelconfigurations',
  singular: 'prioritylevelconfiguration',
  namespaced: false,
  schema: 'io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration',
  hasStatus: true,
  hasGeneration: true,
  defaults(draft) {
    const { spec } = draft;
    if (spec?.type === 'Exempt') spec.exempt = { nominalConcurrencyShares: 0, lendablePercent: 0, ...spec.exempt };
    if (!spec?.limited) return;
    spec.limited = { nominalConcurrencyShares: SHARES, lendablePercent: 0, ...spec.limited };
    const response = spec.limited.limitResponse;
    if (response?.queuing) spec.limited.limitResponse = { ...response, queuing: { ...QUEUING, ...response.queuing } };
  },
  prepareForCreate(draft) {
    draft.status = {};
  },
  validate: checkLevel,
  columns: [
    nameColumn,
    column('Type', ({ spec }) => spec.type),
    column('NominalConcurrencyShares', ({ spec }) => String(spec.limited?.nominalConcurrencyShares ?? '<none>')),
    queuing('Queues', 'queues'),
    queuing('HandSize', 'handSize'),
    queuing('QueueLengthLimit', 'queueLengthLimit'),
    ageColumn,
  ],
});
