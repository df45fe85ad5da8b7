/** Requests and limits of containers. */
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../field-error.ts';
import { checkDnsLabel, checkQualifiedName } from '../names.ts';
import { parseQuantity, type Quantity } from '../quantity.ts';
import type { Container, PodSpec } from '../types.ts';
import { refuse, type Errors } from './common-checks.ts';
import { containerTotals } from './pod-totals.ts';

type Resources = NonNullable<Container['resources']>;

interface ResourceClaim {
  readonly name: string;
  readonly request?: string;
}

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

export function checkResourceName(name: string, path: string, errors: Errors): void {
  const messages = checkQualifiedName(name);
  refuse(path, name, messages, errors);
  if (messages.length > 0) return;
  if (!name.includes('/') && name !== 'storage' && !isQuotaResource(name))
    errors.push(invalid(path, name, 'must be a standard resource type or fully qualified'));
}

export function checkContainerResourceName(name: string, path: string, errors: Errors): void {
  checkResourceName(name, path, errors);
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

/** The bytes of a page of huge memory: `hugepages-2Mi`. */
const pageSize = (name: string): Quantity | undefined => {
  try {
    return parseQuantity(name.slice('hugepages-'.length));
  } catch {
    return undefined;
  }
};

function checkHugePages(name: string, text: string | number, path: string, errors: Errors): void {
  const size = pageSize(name);
  const quantity = parseQuantity(text);
  const divisible = size && size.nano > 0n && quantity.nano % size.nano === 0n;
  if (!divisible)
    errors.push(invalid(path, quantity.toString(), `${quantity} is not positive integer multiple of ${name}`));
}

/** Claims of devices that a container names: those of its Pod. */
function checkClaims(claims: readonly ResourceClaim[], pod: PodSpec, path: string, errors: Errors): void {
  const known = new Set((pod.resourceClaims ?? []).map(({ name }) => name).filter(Boolean));
  const taken = new Set<string>();
  claims.forEach(({ name, request }, i) => {
    const at = `${path}[${i}]`;
    if (!name) {
      errors.push(required(at));
      return;
    }
    if (taken.has(name)) errors.push(duplicate(at, name));
    else {
      if (request) refuse(`${at}.request`, request, checkDnsLabel(request), errors);
      const key = request ? `${name}/${request}` : name;
      if (taken.has(key)) errors.push(duplicate(at, key));
      else if (!request) for (const other of taken) if (other.startsWith(`${name}/`)) errors.push(duplicate(at, name));
      taken.add(key);
    }
    if (known.has(name)) return;
    const error = notFound(at, name);
    const rest = known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`;
    errors.push({ ...error, detail: `${error.detail}: must be one of the names in pod.spec.resourceClaims${rest}` });
  });
}

export function checkResources(resources: Resources, pod: PodSpec, path: string, errors: Errors): void {
  checkRequirements(resources, checkContainerResourceName, path, errors);
  if (resources.claims) checkClaims(resources.claims, pod, `${path}.claims`, errors);
}

/** Resources of which a Pod as a whole may have some (KEP-2837). */
export const isPodLevelResource = (name: string): boolean => isCompute(name) || isHugePages(name);

function checkPodResourceName(name: string, path: string, errors: Errors): void {
  const before = errors.length;
  checkResourceName(name, path, errors);
  if (errors.length === before && !isPodLevelResource(name)) errors.push(notSupported(path, name, ['cpu', 'memory']));
}

/** Requests and limits of a Pod as a whole: no less than its containers ask for together. */
export function checkPodResources(spec: PodSpec, path: string, errors: Errors): void {
  const resources = spec.resources;
  if (!resources) return;
  if (resources.claims) errors.push(forbidden(`${path}.claims`, 'claims cannot be set for Resources at pod-level'));
  checkRequirements(resources, checkPodResourceName, path, errors);
  const totals = containerTotals(spec, 'requests');
  for (const name of sortedKeys(totals)) {
    const own = parseQuantity(resources.requests?.[name] ?? '0');
    if (totals[name]!.compare(own) > 0)
      errors.push(
        invalid(
          `${path}.requests[${name}]`,
          own.toString(),
          `must be greater than or equal to aggregate container requests of ${totals[name]}`,
        ),
      );
  }
  spec.containers?.forEach((container, i) => {
    const limits: ResourceList = container.resources?.limits ?? {};
    for (const name of sortedKeys(limits)) {
      const whole = resources.limits?.[name];
      if (whole === undefined || parseQuantity(limits[name]!).compare(parseQuantity(whole)) <= 0) continue;
      errors.push(
        invalid(
          `${path}.containers[${i}][${name}].limits`,
          String(limits[name]),
          `must be less than or equal to pod limits of ${whole}`,
        ),
      );
    }
  });
}

type NameCheck = (name: string, path: string, errors: Errors) => void;

export function checkRequirements(resources: Resources, checkName: NameCheck, path: string, errors: Errors): void {
  const limits: ResourceList = resources.limits ?? {};
  const requests: ResourceList = resources.requests ?? {};
  let compute = false;
  let hugePages = false;
  const look = (list: ResourceList, field: string, name: string): void => {
    const at = `${path}.${field}[${name}]`;
    checkName(name, at, errors);
    checkResourceAmount(name, list[name]!, at, errors);
    compute ||= isCompute(name);
    hugePages ||= isHugePages(name);
  };
  for (const name of sortedKeys(limits)) {
    look(limits, 'limits', name);
    if (isHugePages(name)) checkHugePages(name, limits[name]!, `${path}.limits[${name}]`, errors);
  }
  for (const name of sortedKeys(requests)) {
    look(requests, 'requests', name);
    checkAgainstLimit(name, requests, limits, path, errors);
    if (isHugePages(name)) checkHugePages(name, requests[name]!, `${path}.requests[${name}]`, errors);
  }
  if (hugePages && !compute) errors.push(forbidden(path, 'HugePages require cpu or memory'));
}

function checkAgainstLimit(
  name: string,
  requests: ResourceList,
  limits: ResourceList,
  path: string,
  errors: Errors,
): void {
  const limit = limits[name];
  if (limit === undefined) {
    if (!allowsOvercommit(name))
      errors.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'));
    return;
  }
  if (limit === requests[name]) return;
  const order = parseQuantity(requests[name]!).compare(parseQuantity(limit));
  if (order !== 0 && !allowsOvercommit(name))
    errors.push(invalid(`${path}.requests`, String(requests[name]), `must be equal to ${name} limit of ${limit}`));
  else if (order > 0)
    errors.push(
      invalid(`${path}.requests`, String(requests[name]), `must be less than or equal to ${name} limit of ${limit}`),
    );
}

/** Kubernetes walks maps in any order; ours is one that can be relied on. */
export const sortedKeys = (map: object): string[] => Object.keys(map).sort();
