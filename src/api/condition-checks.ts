/** Conditions as newer kinds have them (metav1.Condition). */
import { duplicate, invalid, notSupported, required, tooLong } from './field-error.ts';
import type { FieldError } from './kind.ts';
import { checkQualifiedName, regexMessage } from './names.ts';

interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string | null;
  readonly reason?: string;
  readonly message?: string;
}

const STATUSES = ['False', 'True', 'Unknown'];
const MAX_REASON = 1024;
const MAX_MESSAGE = 32 * 1024;
const REASON_FORMAT = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const REASON = new RegExp(`^${REASON_FORMAT}$`);
const REASON_MESSAGE = regexMessage(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  REASON_FORMAT,
  'my_name',
  'MY_NAME',
  'MyName',
  'ReasonA,ReasonB',
  'ReasonA:ReasonB',
);

function checkCondition(condition: Condition, path: string, errors: FieldError[]): void {
  const { type = '', status = '', observedGeneration = 0, lastTransitionTime, reason, message = '' } = condition;
  for (const problem of checkQualifiedName(type)) errors.push(invalid(`${path}.type`, type, problem));
  if (!STATUSES.includes(status)) errors.push(notSupported(`${path}.status`, status, STATUSES));
  if (observedGeneration < 0)
    errors.push(invalid(`${path}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero'));
  if (!lastTransitionTime) errors.push(required(`${path}.lastTransitionTime`));
  if (!reason) errors.push(required(`${path}.reason`));
  else {
    if (!REASON.test(reason)) errors.push(invalid(`${path}.reason`, reason, REASON_MESSAGE));
    if (reason.length > MAX_REASON) errors.push(tooLong(`${path}.reason`, MAX_REASON));
  }
  if (message.length > MAX_MESSAGE) errors.push(tooLong(`${path}.message`, MAX_MESSAGE));
}

/** Each condition, and that there is one of a type; `path` is that of the list. */
export function checkConditions(conditions: readonly Condition[] = [], path: string, errors: FieldError[]): void {
  conditions.forEach((condition, i) => {
    const first = conditions.findIndex(({ type }) => type === condition.type);
    if (first < i) errors.push(duplicate(`${path}[${i}].type`, condition.type ?? ''));
    checkCondition(condition, `${path}[${i}]`, errors);
  });
}
