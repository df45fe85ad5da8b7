import { defineKind } from '../define-kind.ts';
import { mapShared } from '../draft.ts';
import { duplicate, forbidden, invalid, required } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { checkQualifiedName } from '../names.ts';
import { parseQuantity, type Quantity } from '../quantity.ts';
import type { LimitRange } from '../types.ts';
import { refuse, type Errors } from './common-checks.ts';
import { roundedUp } from './pod-defaults.ts';
import { allowsOvercommit, checkContainerResourceName, checkResourceName, sortedKeys } from './resource-checks.ts';

type Item = NonNullable<LimitRange['spec']>['limits'][number];
type Amounts = Record<string, string | number>;

const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

/** What one says of a container's limits says something of those left out: maximum → default → request ← minimum. */
function itemWithDefaults(item: Item): Item {
  let out: Item = item;
  for (const list of LISTS) if (out[list]) out = { ...out, [list]: roundedUp(out[list]) };
  if (out.type !== 'Container') return out;
  const limits: Amounts = { ...out.max, ...out.default };
  const requests: Amounts = { ...out.min, ...limits, ...out.defaultRequest };
  out = { ...out };
  if (Object.keys(limits).length > 0) out.default = limits;
  if (Object.keys(requests).length > 0) out.defaultRequest = requests;
  return out;
}

const TYPES = new Set(['Pod', 'Container', 'PersistentVolumeClaim']);

function checkNames(type: string, list: Amounts | undefined, path: string, errors: Errors): void {
  for (const name of sortedKeys(list ?? {})) {
    const at = `${path}[${name}]`;
    if (type === 'Pod' || type === 'Container') checkContainerResourceName(name, at, errors);
    else checkResourceName(name, at, errors);
  }
}

/** How the amounts for one resource relate: each with its predecessor in min ≤ request ≤ default ≤ max. */
function checkOrder(item: Item, name: string, path: string, errors: Errors): void {
  const amount = (list: (typeof LISTS)[number]): Quantity | undefined => {
    // What a Pod as a whole has by default is refused, and not looked at further.
    const text = item.type === 'Pod' && list.startsWith('default') ? undefined : item[list]?.[name];
    return text === undefined ? undefined : parseQuantity(text);
  };
  const [max, min, limit, request, ratio] = LISTS.map(amount);
  const exceeds = (a: Quantity | undefined, b: Quantity | undefined): boolean => !!a && !!b && a.compare(b) > 0;
  const say = (list: string, shown: Quantity, message: string): void =>
    void errors.push(invalid(`${path}.${list}[${name}]`, shown.toString(), message));
  if (exceeds(min, max)) say('min', min!, `min value ${min} is greater than max value ${max}`);
  if (exceeds(min, request))
    say('defaultRequest', request!, `min value ${min} is greater than default request value ${request}`);
  if (exceeds(request, max))
    say('defaultRequest', request!, `default request value ${request} is greater than max value ${max}`);
  if (exceeds(request, limit))
    say('defaultRequest', request!, `default request value ${request} is greater than default limit value ${limit}`);
  if (exceeds(min, limit)) say('default', min!, `min value ${min} is greater than default value ${limit}`);
  if (exceeds(limit, max)) say('default', max!, `default value ${limit} is greater than max value ${max}`);
  if (ratio) {
    if (ratio.compare(parseQuantity('1')) < 0) say('maxLimitRequestRatio', ratio, `ratio ${ratio} is less than 1`);
    if (min && max) {
      const most = max.asNumber() / min.asNumber();
      if (ratio.asNumber() > most)
        say('maxLimitRequestRatio', ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`);
    }
  }
  if (!allowsOvercommit(name) && limit && request && limit.compare(request) !== 0)
    say('defaultRequest', request, `default value ${limit} must equal to defaultRequest value ${request} in ${name}`);
}

function checkItem(item: Item, path: string, errors: Errors): void {
  const { type } = item;
  for (const list of ['max', 'min'] as const) checkNames(type, item[list], `${path}.${list}`, errors);
  for (const list of ['default', 'defaultRequest'] as const) {
    if (type !== 'Pod') checkNames(type, item[list], `${path}.${list}`, errors);
    else if (Object.keys(item[list] ?? {}).length > 0)
      errors.push(forbidden(`${path}.${list}`, "may not be specified when `type` is 'Pod'"));
  }
  if (type === 'PersistentVolumeClaim' && item.min?.['storage'] === undefined && item.max?.['storage'] === undefined)
    errors.push(
      required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'),
    );
  checkNames(type, item.maxLimitRequestRatio, `${path}.maxLimitRequestRatio`, errors);
  const names = new Set(LISTS.flatMap((list) => Object.keys(item[list] ?? {})));
  for (const name of [...names].sort()) checkOrder(item, name, path, errors);
}

function checkLimitRange({ spec }: LimitRange): Errors {
  const errors: Errors = [];
  const types = new Set<string>();
  spec?.limits?.forEach((item, i) => {
    const path = `spec.limits[${i}]`;
    const type = item.type ?? '';
    const messages = checkQualifiedName(type);
    refuse(`${path}.type`, type, messages, errors);
    if (messages.length === 0 && !type.includes('/') && !TYPES.has(type))
      errors.push(invalid(`${path}.type`, type, 'must be a standard limit type or fully qualified'));
    if (types.has(type)) errors.push(duplicate(`${path}.type`, type));
    types.add(type);
    checkItem(item, path, errors);
  });
  return errors;
}

/** LimitRanges: bounds and defaults for the resources of a namespace's Pods and claims. */
export const LimitRangeKind: Kind<LimitRange> = defineKind<LimitRange>({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  resource: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.LimitRange',
  defaults(draft) {
    if (draft.spec?.limits) draft.spec.limits = mapShared(draft.spec.limits, itemWithDefaults);
  },
  validate: checkLimitRange,
});
