import { usageOf, concerns, type Usage } from '../../api/quota/usage.ts';
import { inScope } from '../../api/quota/scopes.ts';
import { parseQuantity, type Quantity } from '../../api/quantity.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { Container, Pod, ResourceQuota } from '../../api/types.ts';
import { refuse, type AdmissionContext, type AdmissionRequest, type ValidatingPlugin } from './admission.ts';

type Amounts = Readonly<Record<string, string | number>>;

/** Kinds whose use may change with an update. */
const CHANGING: ReadonlySet<string> = new Set(['services', 'persistentvolumeclaims']);

/** Resources that, once a quota limits them, every container has to speak of. */
const MUST_BE_SPECIFIED: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);

const counts = ({ kind, operation, subresource, object }: AdmissionRequest): boolean =>
  object !== undefined &&
  kind.namespaced &&
  (operation === 'CREATE'
    ? !subresource
    : operation === 'UPDATE' &&
      kind.group === '' &&
      ((CHANGING.has(kind.resource) && !subresource) || (kind.resource === 'pods' && subresource === 'resize')));

/** `cpu=1,pods=2`, by name. */
const shown = (names: readonly string[], amounts: Readonly<Record<string, Quantity | string | number>>): string =>
  names.map((name) => `${name}=${String(amounts[name])}`).join(',');

const speaksOf = ({ resources }: Container, name: string): boolean => {
  if (name.startsWith('limits.')) return resources?.limits?.[name.slice('limits.'.length)] !== undefined;
  return resources?.requests?.[name.replace(/^requests\./, '')] !== undefined;
};

/** `limits.cpu for: a,b; requests.cpu for: a`: what containers leave out that a quota needs; undefined when nothing. */
function unspecified({ spec }: Pod, names: readonly string[]): string | undefined {
  const own = spec.resources as { requests?: Amounts; limits?: Amounts } | undefined;
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const missing = names
    .filter((name) => MUST_BE_SPECIFIED.has(name) && !speaksOf({ name: '', resources: own ?? {} }, name))
    .map((name) => [name, containers.filter((container) => !speaksOf(container, name))] as const)
    .filter(([, silent]) => silent.length > 0)
    .map(([name, silent]) => `${name} for: ${[...new Set(silent.map((one) => one.name))].sort().join(',')}`);
  return missing.length > 0 ? `must specify ${missing.join('; ')}` : undefined;
}

/** What a request adds to the use of its kind's resources; only what grows or shrinks. */
function difference({ kind, object, old, operation }: AdmissionRequest, now: number): Record<string, Quantity> {
  const usage = usageOf(kind, object!, now);
  const before: Usage = operation === 'UPDATE' && old ? usageOf(kind, old, now) : {};
  const delta: Record<string, Quantity> = {};
  for (const name of new Set([...Object.keys(usage), ...Object.keys(before)])) {
    const is = usage[name];
    const was = before[name];
    const change = is && was ? is.sub(was) : (is ?? parseQuantity('0').sub(was!));
    if (change.nano !== 0n) delta[name] = change;
  }
  return delta;
}

/** What a quota limits of the kind of a request that counts for it. Throws when that cannot be counted. */
function limitedBy(request: AdmissionRequest, quota: ResourceQuota): readonly string[] {
  const { kind, object } = request;
  const { name } = quota.metadata;
  const limited = Object.keys(quota.status?.hard ?? {})
    .filter((resource) => concerns(kind, resource))
    .sort();
  if (limited.length === 0 || !inScope(quota, kind, object!)) return [];
  const missing = kind.group === '' && kind.resource === 'pods' && unspecified(object as unknown as Pod, limited);
  if (missing) throw refuse(request, `failed quota: ${name}: ${missing}`);
  if (limited.some((resource) => quota.status?.used?.[resource] === undefined))
    throw refuse(request, `status unknown for quota: ${name}, resources: ${limited.join(',')}`);
  return limited;
}

/** The quota with what it will have used, or undefined if nothing changes. Throws when it is exceeded. */
function charged(
  request: AdmissionRequest,
  quota: ResourceQuota,
  limited: readonly string[],
  delta: Readonly<Record<string, Quantity>>,
): ResourceQuota | undefined {
  const hard: Amounts = quota.status?.hard ?? {};
  const used: Amounts = quota.status?.used ?? {};
  const { name } = quota.metadata;
  const requested = limited.filter((resource) => delta[resource]);
  if (requested.length === 0) return undefined;
  const next = new Map(requested.map((resource) => [resource, parseQuantity(used[resource]!).add(delta[resource]!)]));
  const exceeded = requested.filter(
    (resource) => delta[resource]!.nano > 0n && next.get(resource)!.compare(parseQuantity(hard[resource]!)) > 0,
  );
  if (exceeded.length > 0)
    throw refuse(
      request,
      `exceeded quota: ${name}, requested: ${shown(exceeded, delta)}, used: ${shown(exceeded, used)}, limited: ${shown(exceeded, hard)}`,
    );
  const after = Object.fromEntries([...next].map(([resource, amount]) => [resource, amount.toString()]));
  return { ...quota, metadata: { ...quota.metadata }, status: { ...quota.status, used: { ...used, ...after } } };
}

/**
 * ResourceQuota, the last of the plugins: refuses what would use more than a namespace may, and notes what the
 * request will use before it is stored. The controller puts right what came of requests that failed later.
 */
export const resourceQuota: ValidatingPlugin = {
  name: 'ResourceQuota',
  validate(request, context: AdmissionContext) {
    if (!counts(request)) return;
    const quotas = context.list('', 'resourcequotas', request.namespace);
    if (quotas.length === 0) return;
    // What has to be said for any of them is asked for before the first is charged.
    const counting = quotas
      .map((quota) => ({ quota, limited: limitedBy(request, quota as unknown as ResourceQuota) }))
      .filter(({ limited }) => limited.length > 0);
    if (counting.length === 0) return;
    const delta = difference(request, context.kernel.now);
    const changes: [UntypedObject, UntypedObject][] = [];
    for (const { quota, limited } of counting) {
      const after = charged(request, quota as unknown as ResourceQuota, limited, delta);
      if (after) changes.push([after as unknown as UntypedObject, quota]);
    }
    if (request.dryRun) return;
    for (const [after, quota] of changes) context.write('', 'resourcequotas', after, quota);
  },
};
