import { parseQuantity, type Quantity } from '../../api/quantity.ts';
import type { LimitRange, PersistentVolumeClaim, Pod } from '../../api/types.ts';
import { podTotals } from '../../api/core/pod-totals.ts';

type Item = NonNullable<LimitRange['spec']>['limits'][number];
type Amounts = Readonly<Record<string, string | number>>;

/** What is asked for and what is the limit, by resource. */
interface Use {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

const sorted = (amounts: Amounts | undefined): [string, Quantity][] =>
  Object.entries(amounts ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, amount]) => [name, parseQuantity(amount)]);

const amountOf = (amounts: Amounts, name: string): Quantity | undefined =>
  amounts[name] === undefined ? undefined : parseQuantity(amounts[name]);

function minimum(type: string, name: string, bound: Quantity, { requests, limits }: Use): string | undefined {
  const request = amountOf(requests, name);
  const limit = amountOf(limits, name);
  const says = `minimum ${name} usage per ${type} is ${bound}`;
  if (!request) return `${says}.  No request is specified`;
  if (request.compare(bound) < 0) return `${says}, but request is ${request}`;
  if (limit && limit.compare(bound) < 0) return `${says}, but limit is ${limit}`;
  return undefined;
}

function maximum(type: string, name: string, bound: Quantity, { requests, limits }: Use): string | undefined {
  const request = amountOf(requests, name);
  const limit = amountOf(limits, name);
  const says = `maximum ${name} usage per ${type} is ${bound}`;
  if (!limit) return `${says}.  No limit is specified`;
  if (limit.compare(bound) > 0) return `${says}, but limit is ${limit}`;
  if (request && request.compare(bound) > 0) return `${says}, but request is ${request}`;
  return undefined;
}

function maximumRequest(type: string, name: string, bound: Quantity, { requests }: Use): string | undefined {
  const request = amountOf(requests, name);
  const says = `maximum ${name} usage per ${type} is ${bound}`;
  if (!request) return `${says}.  No request is specified`;
  return request.compare(bound) > 0 ? `${says}, but request is ${request}` : undefined;
}

function ratio(type: string, name: string, bound: Quantity, { requests, limits }: Use): string | undefined {
  const request = amountOf(requests, name)?.asNumber() ?? 0;
  const limit = amountOf(limits, name)?.asNumber() ?? 0;
  const says = `${name} max limit to request ratio per ${type} is ${bound}`;
  if (request === 0) return `${says}, but no request is specified or request is 0`;
  if (limit === 0) return `${says}, but no limit is specified or limit is 0`;
  return limit / request > bound.asNumber()
    ? `${says}, but provided ratio is ${(limit / request).toFixed(6)}`
    : undefined;
}

function checkUse(item: Item, use: Use): string[] {
  const { type, min, max, maxLimitRequestRatio } = item;
  return [
    ...sorted(min).map(([name, bound]) => minimum(type, name, bound, use)),
    ...sorted(max).map(([name, bound]) => maximum(type, name, bound, use)),
    ...sorted(maxLimitRequestRatio).map(([name, bound]) => ratio(type, name, bound, use)),
  ].filter((error) => error !== undefined);
}

/** What a Pod, or one of its containers, has too little or too much of. */
export function checkPod(pod: Pod, items: readonly Item[]): string[] {
  const errors: string[] = [];
  for (const item of items) {
    if (item.type === 'Container')
      for (const { resources } of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])])
        errors.push(...checkUse(item, { requests: resources?.requests ?? {}, limits: resources?.limits ?? {} }));
    if (item.type === 'Pod')
      errors.push(...checkUse(item, { requests: shared(pod, 'requests'), limits: shared(pod, 'limits') }));
  }
  return errors;
}

/** The totals of a Pod, of resources that all its containers speak of. */
function shared(pod: Pod, list: 'requests' | 'limits'): Amounts {
  const everywhere = (name: string): boolean =>
    pod.spec.containers.every(({ resources }) => resources?.[list]?.[name] !== undefined);
  const totals = Object.entries(podTotals(pod, list)).filter(([name]) => everywhere(name));
  return Object.fromEntries(totals.map(([name, total]) => [name, total.toString()]));
}

/** What a claim asks too little or too much of. */
export function checkClaim(claim: PersistentVolumeClaim, items: readonly Item[]): string[] {
  const errors: (string | undefined)[] = [];
  const use: Use = { requests: claim.spec?.resources?.requests ?? {}, limits: {} };
  for (const { type, min, max } of items) {
    if (type !== 'PersistentVolumeClaim') continue;
    for (const [name, bound] of sorted(min)) errors.push(minimum(type, name, bound, use));
    for (const [name, bound] of sorted(max)) errors.push(maximumRequest(type, name, bound, use));
  }
  return errors.filter((error) => error !== undefined);
}
