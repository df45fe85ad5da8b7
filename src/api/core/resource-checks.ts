/** Requests and limits of containers. */
import { forbidden, invalid, required } from '../field-error.ts';
import { checkQualifiedName } from '../names.ts';
import { parseQuantity } from '../quantity.ts';
import type { Container } from '../types.ts';
import { refuse, type Errors } from './common-checks.ts';

type ResourceList = Readonly<Record<string, string | number>>;

const CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage']);
/** Resources that are numbers of objects. */
const COUNTED_RESOURCES = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
];
const QUOTA_RESOURCES = new Set([
  ...CONTAINER_RESOURCES,
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  ...COUNTED_RESOURCES,
]);
const WHOLE_RESOURCES = new Set(COUNTED_RESOURCES);

const isQuotaHugePages = (name: string): boolean => /^(requests\.)?hugepages-/.test(name);

/** Resources that a quota may limit without naming a group. */
export const isQuotaResource = (name: string): boolean => QUOTA_RESOURCES.has(name) || isQuotaHugePages(name);

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');

/** Resources of Kubernetes itself. */
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

/** Resources that others announce: `example.com/gpu`. Whole numbers, never overcommitted. */
export const isExtendedResource = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && checkQualifiedName(`requests.${name}`).length === 0;

export const allowsOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name);

export function checkResourceName(name: string, path: string, errors: Errors): boolean {
  const messages = checkQualifiedName(name);
  refuse(path, name, messages, errors);
  if (messages.length > 0) return false;
  if (!name.includes('/') && name !== 'storage' && !isQuotaResource(name))
    errors.push(invalid(path, name, 'must be a standard resource type or fully qualified'));
  return true;
}

export function checkContainerResourceName(name: string, path: string, errors: Errors): void {
  if (!checkResourceName(name, path, errors)) return;
  if (!name.includes('/')) {
    if (!CONTAINER_RESOURCES.has(name) && !isHugePages(name))
      errors.push(invalid(path, name, 'must be a standard resource for containers'));
  } else if (!isNative(name) && !isExtendedResource(name)) {
    errors.push(invalid(path, name, "doesn't follow extended resource name standard"));
  }
}

const WHOLE = 10n ** 9n;

/** Amounts are not negative, and whole where the resource is counted. */
export function checkResourceAmount(name: string, text: string | number, path: string, errors: Errors): void {
  const quantity = parseQuantity(text);
  if (quantity.nano < 0n) errors.push(invalid(path, quantity.toString(), 'must be greater than or equal to 0'));
  if ((WHOLE_RESOURCES.has(name) || isExtendedResource(name)) && quantity.nano % WHOLE !== 0n)
    errors.push(invalid(path, quantity.toString(), 'must be an integer'));
}

/** Every resource of a list, by name, is known and its amount is good. */
export function checkResourceList(list: ResourceList | undefined, path: string, errors: Errors): void {
  for (const name of sortedKeys(list ?? {})) {
    checkResourceName(name, `${path}[${name}]`, errors);
    checkResourceAmount(name, list![name]!, `${path}[${name}]`, errors);
  }
}

const isCompute = (name: string): boolean => name === 'cpu' || name === 'memory';

export function checkResources(resources: NonNullable<Container['resources']>, path: string, errors: Errors): void {
  const limits: ResourceList = resources.limits ?? {};
  const requests: ResourceList = resources.requests ?? {};
  let compute = false;
  let hugePages = false;
  const look = (list: ResourceList, field: string, name: string): void => {
    const at = `${path}.${field}[${name}]`;
    checkContainerResourceName(name, at, errors);
    checkResourceAmount(name, list[name]!, at, errors);
    compute ||= isCompute(name);
    hugePages ||= isHugePages(name);
  };
  for (const name of sortedKeys(limits)) look(limits, 'limits', name);
  for (const name of sortedKeys(requests)) {
    look(requests, 'requests', name);
    const limit = limits[name];
    if (limit === undefined) {
      if (!allowsOvercommit(name))
        errors.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'));
      continue;
    }
    if (limit === requests[name]) continue;
    const order = parseQuantity(requests[name]!).compare(parseQuantity(limit));
    if (order !== 0 && !allowsOvercommit(name))
      errors.push(invalid(`${path}.requests`, String(requests[name]), `must be equal to ${name} limit of ${limit}`));
    else if (order > 0)
      errors.push(
        invalid(`${path}.requests`, String(requests[name]), `must be less than or equal to ${name} limit of ${limit}`),
      );
  }
  if (hugePages && !compute) errors.push(forbidden(path, 'HugePages require cpu or memory'));
}

/** Kubernetes walks maps in any order; ours is one that can be relied on. */
export const sortedKeys = (map: object): string[] => Object.keys(map).sort();
