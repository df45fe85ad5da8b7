/** Requests for devices, as claims and their templates make them. */
import { checkOneOf, checkRequiredLabel, refuse, type Errors } from '../core/common-checks.ts';
import { duplicate, invalid, required, tooMany } from '../field-error.ts';
import { checkDnsSubdomain, checkQualifiedName } from '../names.ts';
import type { DeviceClass, ResourceClaim } from '../types.ts';

type Devices = NonNullable<ResourceClaim['spec']['devices']>;
type Request = NonNullable<Devices['requests']>[number];
type Exact = NonNullable<Request['exactly']>;
type Selector = NonNullable<DeviceClass['spec']['selectors']>[number];

const MAX_REQUESTS = 32;
const MAX_SELECTORS = 32;
const MAX_CONSTRAINTS = 32;
const MAX_CONFIGS = 32;
const MAX_ALTERNATIVES = 8;
const MODES = ['All', 'ExactCount'];

/** Requests that do not say how many devices want one; counted unless told otherwise. */
export function devicesWithDefaults(devices: Devices): Devices {
  if (!devices.requests) return devices;
  const counted = <T extends { allocationMode?: string; count?: number }>(request: T): T => {
    const allocationMode = request.allocationMode || 'ExactCount';
    return allocationMode === 'ExactCount' && !request.count
      ? { ...request, allocationMode, count: 1 }
      : { ...request, allocationMode };
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

export function checkSelectors(selectors: readonly Selector[] | undefined, path: string, errors: Errors): void {
  if ((selectors?.length ?? 0) > MAX_SELECTORS) errors.push(tooMany(path, selectors!.length, MAX_SELECTORS));
  selectors?.forEach(({ cel }, i) => {
    if (!cel) errors.push(required(`${path}[${i}].cel`));
    else if (!cel.expression) errors.push(required(`${path}[${i}].cel.expression`));
  });
}

function checkExact(
  request: Pick<Exact, 'deviceClassName' | 'selectors' | 'allocationMode' | 'count'>,
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
}

export function checkDevices(devices: Devices, path: string, errors: Errors): void {
  const { requests = [], constraints = [], config = [] } = devices;
  const names = new Set<string>();
  const limit = (list: readonly unknown[], field: string, max: number): void => {
    if (list.length > max) errors.push(tooMany(`${path}.${field}`, list.length, max));
  };
  limit(requests, 'requests', MAX_REQUESTS);
  requests.forEach((request, i) => {
    const at = `${path}.requests[${i}]`;
    checkRequiredLabel(request.name, `${at}.name`, errors);
    if (names.has(request.name)) errors.push(duplicate(`${at}.name`, request.name));
    names.add(request.name);
    const { exactly, firstAvailable } = request;
    if (exactly && firstAvailable)
      errors.push(
        invalid(at, request, 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set'),
      );
    else if (exactly) checkExact(exactly, `${at}.exactly`, errors);
    else if (firstAvailable) {
      if (firstAvailable.length > MAX_ALTERNATIVES)
        errors.push(tooMany(`${at}.firstAvailable`, firstAvailable.length, MAX_ALTERNATIVES));
      firstAvailable.forEach((alternative, j) => {
        const here = `${at}.firstAvailable[${j}]`;
        checkRequiredLabel(alternative.name, `${here}.name`, errors);
        names.add(`${request.name}/${alternative.name}`);
        checkExact(alternative, here, errors);
      });
    } else errors.push(required(at, 'exactly one of `exactly` or `firstAvailable` is required'));
  });
  const known = (list: readonly string[] | undefined, at: string): void =>
    list?.forEach((name, i) => {
      if (!names.has(name))
        errors.push(
          invalid(
            `${at}[${i}]`,
            name,
            "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
          ),
        );
    });
  limit(constraints, 'constraints', MAX_CONSTRAINTS);
  constraints.forEach(({ requests: of, matchAttribute }, i) => {
    known(of, `${path}.constraints[${i}].requests`);
    if (!matchAttribute) errors.push(required(`${path}.constraints[${i}].matchAttribute`));
    else refuse(`${path}.constraints[${i}].matchAttribute`, matchAttribute, checkQualifiedName(matchAttribute), errors);
  });
  limit(config, 'config', MAX_CONFIGS);
  config.forEach(({ requests: of, opaque }, i) => {
    known(of, `${path}.config[${i}].requests`);
    if (!opaque) errors.push(required(`${path}.config[${i}].opaque`));
    else if (!opaque.driver) errors.push(required(`${path}.config[${i}].opaque.driver`));
  });
}
