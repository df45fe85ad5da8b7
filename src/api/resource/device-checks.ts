/** Requests for devices, as claims and their templates make them. */
import { checkOneOf, refuse, type Errors } from '../core/common-checks.ts';
import { duplicate, invalid, notSupported, required, tooLong, tooMany } from '../field-error.ts';
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from '../names.ts';
import { checkDriverName } from '../storage/driver-name.ts';
import type { DeviceClass, ResourceClaim } from '../types.ts';
import { deviceExpressionProblem } from './device-expressions.ts';
import { checkFullFieldName } from './resource-names.ts';

type Devices = NonNullable<ResourceClaim['spec']['devices']>;
type Request = NonNullable<Devices['requests']>[number];
type Exact = NonNullable<Request['exactly']>;
type Toleration = NonNullable<Exact['tolerations']>[number];
type Opaque = NonNullable<NonNullable<Devices['config']>[number]['opaque']>;
type Selector = NonNullable<DeviceClass['spec']['selectors']>[number];

const MAX_REQUESTS = 32;
const MAX_SELECTORS = 32;
const MAX_CONSTRAINTS = 32;
export const MAX_CONFIGS = 32;
const MAX_ALTERNATIVES = 8;
const MODES = ['All', 'ExactCount'];

type Defaulted = Pick<Exact, 'allocationMode' | 'count' | 'tolerations'>;

const tolerationsWithDefaults = (tolerations: readonly Toleration[]): Toleration[] =>
  tolerations.map((toleration) => (toleration.operator ? toleration : { ...toleration, operator: 'Equal' }));

/** Requests that do not say how many devices want one; counted unless told otherwise. */
export function devicesWithDefaults(devices: Devices): Devices {
  if (!devices.requests) return devices;
  const counted = <T extends Defaulted>(request: T): T => {
    const allocationMode = request.allocationMode || 'ExactCount';
    const { tolerations } = request;
    return {
      ...request,
      allocationMode,
      ...(allocationMode === 'ExactCount' && !request.count ? { count: 1 } : {}),
      ...(tolerations ? { tolerations: tolerationsWithDefaults(tolerations) } : {}),
    };
  };
  return {
    ...devices,
    requests: devices.requests.map((request) => ({
      ...request,
      ...(request.exactly ? { exactly: counted(request.exactly) } : {}),
      ...(request.firstAvailable ? { firstAvailable: request.firstAvailable.map(counted) } : {}),
    })),
  };
}

const MAX_EXPRESSION = 10 * 1024;

export function checkSelectors(selectors: readonly Selector[] = [], path: string, errors: Errors): void {
  if (selectors.length > MAX_SELECTORS) {
    errors.push(tooMany(path, selectors.length, MAX_SELECTORS));
    return;
  }
  selectors.forEach(({ cel }, i) => {
    if (!cel) {
      errors.push(required(`${path}[${i}].cel`));
      return;
    }
    const at = `${path}[${i}].cel.expression`;
    const expression = cel.expression ?? '';
    if (expression.length > MAX_EXPRESSION) {
      errors.push(tooLong(at, MAX_EXPRESSION));
      return;
    }
    const problem = deviceExpressionProblem(expression);
    if (problem) errors.push(invalid(at, expression, problem));
  });
}

const EFFECTS = ['NoExecute', 'NoSchedule', 'None'];

function checkToleration(toleration: Toleration, path: string, errors: Errors): void {
  const { key, operator, value = '', effect } = toleration;
  if (key) refuse(`${path}.key`, key, checkQualifiedName(key), errors);
  if (operator === 'Exists') {
    if (value) errors.push(invalid(`${path}.value`, value, 'must be empty for operator `Exists`'));
  } else if (operator === 'Equal') refuse(`${path}.value`, value, checkLabelValue(value), errors);
  else if (!operator) errors.push(required(`${path}.operator`));
  else errors.push(notSupported(`${path}.operator`, operator, ['Equal', 'Exists']));
  if (effect) checkOneOf(effect, EFFECTS, `${path}.effect`, errors);
}

function checkExact(
  request: Pick<Exact, 'deviceClassName' | 'selectors' | 'allocationMode' | 'count' | 'tolerations'>,
  path: string,
  errors: Errors,
): void {
  const { deviceClassName, allocationMode, count = 0 } = request;
  if (!deviceClassName) errors.push(required(`${path}.deviceClassName`));
  else refuse(`${path}.deviceClassName`, deviceClassName, checkDnsSubdomain(deviceClassName), errors);
  checkSelectors(request.selectors, `${path}.selectors`, errors);
  if (allocationMode === 'ExactCount') {
    if (count <= 0) errors.push(invalid(`${path}.count`, count, 'must be greater than zero'));
  } else if (allocationMode === 'All') {
    if (count !== 0) errors.push(invalid(`${path}.count`, count, "must not be specified when allocationMode is 'All'"));
  } else checkOneOf(allocationMode, MODES, `${path}.allocationMode`, errors);
  request.tolerations?.forEach((toleration, i) => checkToleration(toleration, `${path}.tolerations[${i}]`, errors));
}

/** Each item by `check`, then that no two have the same key. More than `max` are refused without a look at them. */
export function checkEach<T>(
  items: readonly T[] = [],
  max: number,
  path: string,
  errors: Errors,
  check: (item: T, at: string) => void,
  key?: (item: T) => string,
): void {
  if (items.length > max) {
    errors.push(tooMany(path, items.length, max));
    return;
  }
  items.forEach((item, i) => check(item, `${path}[${i}]`));
  if (!key) return;
  const seen = new Set<string>();
  items.forEach((item, i) => {
    if (seen.has(key(item))) errors.push(duplicate(`${path}[${i}]`, key(item)));
    seen.add(key(item));
  });
}

const requestName = (name: string | undefined, path: string, errors: Errors): void =>
  refuse(path, name ?? '', checkDnsLabel(name ?? ''), errors);

function checkRequest(request: Request, path: string, errors: Errors): void {
  requestName(request.name, `${path}.name`, errors);
  const { exactly, firstAvailable = [] } = request;
  const one = 'exactly one of `exactly` or `firstAvailable` is required';
  if (exactly && firstAvailable.length > 0)
    errors.push(invalid(path, undefined, `${one}, but multiple fields are set`));
  else if (exactly) checkExact(exactly, `${path}.exactly`, errors);
  else if (firstAvailable.length > 0)
    checkEach(
      firstAvailable,
      MAX_ALTERNATIVES,
      `${path}.firstAvailable`,
      errors,
      (alternative, at) => {
        requestName(alternative.name, `${at}.name`, errors);
        checkExact(alternative, at, errors);
      },
      ({ name }) => name,
    );
  else errors.push(required(path, one));
}

const MAX_PARAMETERS_BYTES = 10 * 1024;

/** What only the driver of a device understands. */
export function checkOpaque(opaque: Opaque | undefined, path: string, errors: Errors): void {
  if (!opaque) {
    errors.push(required(path));
    return;
  }
  checkDriverName(opaque.driver, `${path}.driver`, errors);
  const parameters = opaque.parameters as unknown;
  const at = `${path}.parameters`;
  if (parameters === undefined || parameters === null) errors.push(required(at));
  else if (JSON.stringify(parameters).length > MAX_PARAMETERS_BYTES) errors.push(tooLong(at, MAX_PARAMETERS_BYTES));
  else if (typeof parameters !== 'object' || Array.isArray(parameters))
    errors.push(invalid(at, '<value omitted>', 'must be a valid JSON object'));
}

const NO_SUCH_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

export function checkDevices(devices: Devices, path: string, errors: Errors): void {
  const { requests = [], constraints, config } = devices;
  const names = new Set(
    requests.flatMap(({ name, firstAvailable = [] }) => [name, ...firstAvailable.map((one) => `${name}/${one.name}`)]),
  );
  checkEach(
    requests,
    MAX_REQUESTS,
    `${path}.requests`,
    errors,
    (request, at) => checkRequest(request, at, errors),
    ({ name }) => name,
  );
  const known = (list: readonly string[] | undefined, at: string): void =>
    checkEach(
      list,
      MAX_REQUESTS,
      at,
      errors,
      (name, here) => {
        const parts = name.split('/');
        if (parts.length <= 2) for (const part of parts) requestName(part, here, errors);
        if (!names.has(name)) errors.push(invalid(here, name, NO_SUCH_REQUEST));
      },
      (name) => name,
    );
  checkEach(constraints, MAX_CONSTRAINTS, `${path}.constraints`, errors, (constraint, at) => {
    const { matchAttribute, distinctAttribute } = constraint;
    known(constraint.requests, `${at}.requests`);
    if (matchAttribute !== undefined) checkFullFieldName(matchAttribute, `${at}.matchAttribute`, errors);
    else if (distinctAttribute !== undefined) checkFullFieldName(distinctAttribute, `${at}.distinctAttribute`, errors);
    else
      errors.push(
        required(at, 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'),
      );
  });
  checkEach(config, MAX_CONFIGS, `${path}.config`, errors, ({ requests: of, opaque }, at) => {
    known(of, `${at}.requests`);
    checkOpaque(opaque, `${at}.opaque`, errors);
  });
}
