/** When a Job's Pods fail it, and when some of its indexes are enough. */
import { checkNonNegative, checkOneOf, refuse, type Errors } from '../core/common-checks.ts';
import { duplicate, invalid, invalidAsWhole, required, tooLong, tooMany } from '../field-error.ts';
import { checkQualifiedName } from '../names.ts';
import type { Job } from '../types.ts';

type Spec = Job['spec'];
type FailureRule = NonNullable<NonNullable<Spec['podFailurePolicy']>['rules']>[number];
type ExitCodes = NonNullable<FailureRule['onExitCodes']>;
type SuccessRule = NonNullable<NonNullable<Spec['successPolicy']>['rules']>[number];

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const STATUSES = ['False', 'True', 'Unknown'];
const MAX_RULES = 20;
const MAX_CODES = 255;
const MAX_INDEXES_BYTES = 64 * 1024;

const valid = (values: readonly string[]): string =>
  `valid values: [${values.map((value) => JSON.stringify(value)).join(' ')}]`;

function checkExitCodes(codes: ExitCodes, containers: ReadonlySet<string>, path: string, errors: Errors): void {
  const { operator, containerName, values } = codes;
  if (!operator) errors.push(required(`${path}.operator`, valid(OPERATORS)));
  else checkOneOf(operator, OPERATORS, `${path}.operator`, errors);
  if (containerName !== undefined && !containers.has(containerName))
    errors.push(
      invalid(
        `${path}.containerName`,
        containerName,
        'must be one of the container or initContainer names in the pod template',
      ),
    );
  const at = `${path}.values`;
  if (!values?.length) errors.push(invalid(at, values, 'at least one value is required'));
  else if (values.length > MAX_CODES) errors.push(tooMany(at, values.length, MAX_CODES));
  const seen = new Set<number>();
  let ordered = true;
  values?.forEach((value, i) => {
    if (operator === 'In' && value === 0)
      errors.push(invalid(`${at}[${i}]`, value, 'must not be 0 for the In operator'));
    if (seen.has(value)) errors.push(duplicate(`${at}[${i}]`, value));
    seen.add(value);
    if (i > 0 && values[i - 1]! > value) ordered = false;
  });
  if (!ordered) errors.push(invalid(at, values, 'must be ordered'));
}

function checkFailureRule(
  rule: FailureRule,
  spec: Spec,
  containers: ReadonlySet<string>,
  path: string,
  errors: Errors,
): void {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  if (!action) errors.push(required(`${path}.action`, valid(ACTIONS)));
  else if (action === 'FailIndex') {
    if (spec.backoffLimitPerIndex === undefined)
      errors.push(invalid(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'));
  } else checkOneOf(action, ACTIONS, `${path}.action`, errors);
  if (onExitCodes) checkExitCodes(onExitCodes, containers, `${path}.onExitCodes`, errors);
  if (onPodConditions.length > MAX_RULES)
    errors.push(tooMany(`${path}.onPodConditions`, onPodConditions.length, MAX_RULES));
  onPodConditions.forEach((pattern, i) => {
    const at = `${path}.onPodConditions[${i}]`;
    refuse(`${at}.type`, pattern.type, checkQualifiedName(pattern.type), errors);
    if (!pattern.status) errors.push(required(`${at}.status`, valid(STATUSES)));
    else checkOneOf(pattern.status, STATUSES, `${at}.status`, errors);
  });
  if (onExitCodes && onPodConditions.length > 0)
    errors.push(invalidAsWhole(path, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!onExitCodes && onPodConditions.length === 0)
    errors.push(invalidAsWhole(path, 'specifying one of OnExitCodes and OnPodConditions is required'));
}

export function checkPodFailurePolicy(spec: Spec, path: string, errors: Errors): void {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const template = spec.template.spec;
  const containers = new Set(
    [...(template?.initContainers ?? []), ...(template?.containers ?? [])].map(({ name }) => name),
  );
  if (rules.length > MAX_RULES) errors.push(tooMany(path, rules.length, MAX_RULES));
  rules.forEach((rule, i) => checkFailureRule(rule, spec, containers, `${path}[${i}]`, errors));
}

type Interval = readonly [first: number, last: number];

const nonIncreasing = (previous: number, current: number): string =>
  `non-increasing order, previous: ${previous}, current: ${current}`;

/** Reads `2` or `2-4`; a text says what is wrong with it. */
function readInterval(text: string, completions: number): Interval | string {
  const limits = text.split('-');
  if (limits.length > 2)
    return `the fragment ${JSON.stringify(text)} violates the requirement that an index interval can have at most two parts separated by '-'`;
  for (const limit of limits) {
    if (!/^[+-]?\d+$/.test(limit)) return `cannot convert string to integer for index: ${JSON.stringify(limit)}`;
    if (Number(limit) >= completions) return `too large index: ${JSON.stringify(limit)}`;
  }
  const first = Number(limits[0]);
  const last = Number(limits.at(-1));
  return limits.length > 1 && first >= last ? nonIncreasing(first, last) : [first, last];
}

/** The intervals of `0,2-4`, but for those that cannot be read. */
export const indexIntervals = (text: string, completions: number): Interval[] =>
  text
    .split(',')
    .map((part) => readInterval(part, completions))
    .filter((interval) => typeof interval !== 'string');

/** Counts the indexes in `0,2-4`; a text says what is wrong with them. */
export function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let total = 0;
  let previous = -1;
  for (const part of text.split(',')) {
    const interval = readInterval(part, completions);
    if (typeof interval === 'string') return interval;
    const [first, last] = interval;
    if (previous >= first) return nonIncreasing(previous, first);
    total += last - first + 1;
    previous = last;
  }
  return total;
}

function checkSuccessRule(rule: SuccessRule, completions: number, path: string, errors: Errors): void {
  const { succeededCount, succeededIndexes } = rule;
  if (succeededCount === undefined && succeededIndexes === undefined)
    errors.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
  let listed = 0;
  if (succeededIndexes !== undefined) {
    const at = `${path}.succeededIndexes`;
    if (succeededIndexes.length > MAX_INDEXES_BYTES) errors.push(tooLong(at, MAX_INDEXES_BYTES));
    const counted = countIndexes(succeededIndexes, completions);
    if (typeof counted === 'string')
      errors.push(invalid(at, succeededIndexes, `error parsing succeededIndexes: ${counted}`));
    else listed = counted;
  }
  if (succeededCount === undefined) return;
  const at = `${path}.succeededCount`;
  checkNonNegative(succeededCount, at, errors);
  if (succeededCount > completions)
    errors.push(
      invalid(at, succeededCount, `must be less than or equal to ${completions} (the number of specified completions)`),
    );
  if (succeededIndexes !== undefined && succeededCount > listed)
    errors.push(
      invalid(
        at,
        succeededCount,
        `must be less than or equal to ${listed} (the number of indexes in the specified succeededIndexes field)`,
      ),
    );
}

export function checkSuccessPolicy(spec: Spec, path: string, errors: Errors): void {
  const rules = spec.successPolicy?.rules ?? [];
  if (rules.length === 0)
    errors.push(required(path, 'at least one rules must be specified when the successPolicy is specified'));
  if (rules.length > MAX_RULES) errors.push(tooMany(path, rules.length, MAX_RULES));
  rules.forEach((rule, i) => checkSuccessRule(rule, spec.completions ?? 0, `${path}[${i}]`, errors));
}
