/** Validation of ResourceSlices, in Kubernetes' order. */
import { checkNodeTerms } from '../core/affinity-checks.ts';
import { checkImmutable, checkOneOf, refuse, type Errors } from '../core/common-checks.ts';
import { semanticallyEqual } from '../draft.ts';
import { duplicate, forbidden, invalid, required, tooLong, tooMany } from '../field-error.ts';
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from '../names.ts';
import { checkDriverName } from '../storage/driver-name.ts';
import type { ResourceSlice } from '../types.ts';
import { checkEach } from './device-checks.ts';
import { checkDeviceFieldName, checkPoolName, shownKey } from './resource-names.ts';

type Spec = ResourceSlice['spec'];
type Device = NonNullable<Spec['devices']>[number];
type Attribute = NonNullable<Device['attributes']>[string];
type Counters = Readonly<Record<string, unknown>>;

const MAX_DEVICES = 128;
/** Devices that can be tainted, or that share counters, are more work. */
const MAX_ELABORATE_DEVICES = 64;
const MAX_FIELDS = 32;
const MAX_VALUE = 64;
const MAX_TAINTS = 16;
const MAX_COUNTER_SETS = 8;
const MAX_COUNTERS = 32;
const MAX_CONSUMPTIONS = 2;
const MAX_CONDITIONS = 4;

const VERSION_PART = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const SEMVER = new RegExp(
  `^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(-${VERSION_PART}(\\.${VERSION_PART})*)?(\\+[0-9a-zA-Z-]+(\\.[0-9a-zA-Z-]+)*)?$`,
);

function checkAttribute(attribute: Attribute, path: string, errors: Errors): void {
  const { string, version } = attribute;
  if (string !== undefined && string.length > MAX_VALUE) errors.push(tooLong(`${path}.string`, MAX_VALUE));
  if (version !== undefined) {
    if (!SEMVER.test(version))
      errors.push(invalid(`${path}.version`, version, 'must be a string compatible with semver.org spec 2.0.0'));
    if (version.length > MAX_VALUE) errors.push(tooLong(`${path}.version`, MAX_VALUE));
  }
  const count = Object.keys(attribute).length;
  if (count !== 1) errors.push(invalid(path, count === 0 ? '' : attribute, 'exactly one value must be specified'));
}

function checkCounters(counters: Counters | undefined, path: string, errors: Errors): void {
  const names = Object.keys(counters ?? {}).sort();
  if (names.length === 0) errors.push(required(path));
  else if (names.length > MAX_COUNTERS) errors.push(tooMany(path, names.length, MAX_COUNTERS));
  else for (const name of names) refuse(`${path}[${shownKey(name)}]`, name, checkDnsLabel(name), errors);
}

function checkCounterSetName(name: string | undefined, path: string, errors: Errors): void {
  if (!name) errors.push(required(path));
  else refuse(path, name, checkDnsLabel(name), errors);
}

/** Where something is to be found: the ways that were said, and what is wrong with each. */
function placesOf(
  at: Pick<Spec, 'nodeName' | 'nodeSelector' | 'allNodes'>,
  path: string,
  noName: string,
  errors: Errors,
): string[] {
  const places: string[] = [];
  if (at.nodeName) {
    places.push('`nodeName`');
    refuse(`${path}.nodeName`, at.nodeName, checkDnsSubdomain(at.nodeName), errors);
  } else if (at.nodeName === '') errors.push(invalid(`${path}.nodeName`, '', noName));
  if (at.nodeSelector) {
    places.push('`nodeSelector`');
    checkNodeTerms(at.nodeSelector.nodeSelectorTerms, `${path}.nodeSelector.nodeSelectorTerms`, errors);
  }
  if (at.allNodes) places.push('`allNodes`');
  else if (at.allNodes === false)
    errors.push(invalid(`${path}.allNodes`, false, 'must be either unset or set to true'));
  return places;
}

function checkDevicePlace(device: Device, each: boolean, path: string, errors: Errors): void {
  const { nodeName, nodeSelector, allNodes } = device;
  if (!each) {
    if (nodeName !== undefined || nodeSelector || allNodes !== undefined)
      errors.push(
        invalid(
          path,
          undefined,
          '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
        ),
      );
    return;
  }
  const message =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  const places = placesOf(device, path, 'must not be empty', errors);
  if (places.length === 0) errors.push(required(path, message));
  else if (places.length > 1) errors.push(invalid(path, `{${places.join(', ')}}`, message));
}

function checkTaints(taints: Device['taints'], path: string, errors: Errors): void {
  checkEach(taints, MAX_TAINTS, path, errors, ({ key, value, effect }, at) => {
    refuse(`${at}.key`, key, checkQualifiedName(key), errors);
    if (value) refuse(`${at}.value`, value, checkLabelValue(value), errors);
    if (!effect) errors.push(required(`${at}.effect`));
    else checkOneOf(effect, ['NoExecute', 'NoSchedule', 'None'], `${at}.effect`, errors);
  });
}

function checkBindingConditions(device: Device, path: string, errors: Errors): void {
  const seen = new Set<string>();
  const lists = [
    ['bindingConditions', device.bindingConditions],
    ['bindingFailureConditions', device.bindingFailureConditions],
  ] as const;
  for (const [field, list] of lists)
    checkEach(list, MAX_CONDITIONS, `${path}.${field}`, errors, (condition, at) =>
      refuse(at, condition, checkQualifiedName(condition), errors),
    );
  for (const [field, list = []] of lists)
    list.forEach((condition, i) => {
      if (seen.has(condition)) errors.push(duplicate(`${path}.${field}[${i}]`, condition));
      seen.add(condition);
    });
}

function checkDevice(device: Device, old: Device | undefined, each: boolean, path: string, errors: Errors): void {
  const { name, attributes = {}, capacity = {}, taints, consumesCounters } = device;
  refuse(`${path}.name`, name ?? '', checkDnsLabel(name ?? ''), errors);
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > MAX_FIELDS)
    errors.push(invalid(path, count, `the total number of attributes and capacities must not exceed ${MAX_FIELDS}`));
  for (const key of Object.keys(attributes).sort()) {
    const at = `${path}.attributes[${shownKey(key)}]`;
    checkDeviceFieldName(key, at, errors);
    checkAttribute(attributes[key]!, at, errors);
  }
  for (const key of Object.keys(capacity).sort()) {
    const at = `${path}.capacity[${shownKey(key)}]`;
    checkDeviceFieldName(key, at, errors);
    if (capacity[key]?.requestPolicy && !device.allowMultipleAllocations)
      errors.push(forbidden(`${at}.requestPolicy`, 'allowMultipleAllocations must be true'));
  }
  if (!old || !semanticallyEqual(old.taints, taints)) checkTaints(taints, `${path}.taints`, errors);
  checkEach(
    consumesCounters,
    MAX_CONSUMPTIONS,
    `${path}.consumesCounters`,
    errors,
    ({ counterSet, counters }, at) => {
      checkCounterSetName(counterSet, `${at}.counterSet`, errors);
      checkCounters(counters, `${at}.counters`, errors);
    },
    ({ counterSet }) => counterSet,
  );
  checkDevicePlace(device, each, path, errors);
  checkBindingConditions(device, path, errors);
}

export function checkResourceSlice({ spec }: ResourceSlice, old?: ResourceSlice): Errors {
  const errors: Errors = [];
  const { driver, pool, devices, sharedCounters, perDeviceNodeSelection } = spec;
  checkDriverName(driver, 'spec.driver', errors);
  checkPoolName(pool?.name, 'spec.pool.name', errors);
  if ((pool?.resourceSliceCount ?? 0) <= 0)
    errors.push(invalid('spec.pool.resourceSliceCount', pool?.resourceSliceCount ?? 0, 'must be greater than zero'));
  if ((pool?.generation ?? 0) < 0)
    errors.push(invalid('spec.pool.generation', pool.generation, 'must be greater than or equal to zero'));
  if (old) {
    checkImmutable(pool?.name, old.spec.pool.name, 'spec.pool.name', errors);
    for (const field of ['driver', 'nodeName'] as const)
      checkImmutable(spec[field], old.spec[field], `spec.${field}`, errors);
  }
  const places = placesOf(spec, 'spec', 'must be either unset or set to a non-empty string', errors);
  if (spec.nodeSelector && spec.nodeSelector.nodeSelectorTerms?.length !== 1)
    errors.push(
      invalid(
        'spec.nodeSelector.nodeSelectorTerms',
        spec.nodeSelector.nodeSelectorTerms,
        'must have exactly one node selector term',
      ),
    );
  if (perDeviceNodeSelection) places.push('`perDeviceNodeSelection`');
  else if (perDeviceNodeSelection === false)
    errors.push(invalid('spec.perDeviceNodeSelection', false, 'must be either unset or set to true'));
  const one = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  if (places.length === 0) errors.push(required('spec', one));
  else if (places.length > 1)
    errors.push(invalid('spec', `{${places.join(', ')}}`, `${one}, but multiple fields are set`));
  if (sharedCounters && devices)
    errors.push(invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed'));
  const elaborate = devices?.some(({ taints, consumesCounters }) => taints?.length || consumesCounters?.length);
  checkEach(
    devices,
    elaborate ? MAX_ELABORATE_DEVICES : MAX_DEVICES,
    'spec.devices',
    errors,
    (device, at) =>
      checkDevice(
        device,
        old?.spec.devices?.find(({ name }) => name === device.name),
        perDeviceNodeSelection === true,
        at,
        errors,
      ),
    ({ name }) => name,
  );
  checkEach(
    sharedCounters,
    MAX_COUNTER_SETS,
    'spec.sharedCounters',
    errors,
    ({ name, counters }, at) => {
      checkCounterSetName(name, `${at}.name`, errors);
      checkCounters(counters, `${at}.counters`, errors);
    },
    ({ name }) => name,
  );
  return errors;
}
