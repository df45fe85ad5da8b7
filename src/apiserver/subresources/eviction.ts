import { badRequest, conflict, notFound, OPTIMISTIC_LOCK } from '../../api/errors.ts';
import { formatTime } from '../../api/meta.ts';
import type { ObjectMeta, UntypedObject } from '../../api/object.ts';
import { EVICTION } from '../../api/schema/decode.ts';
import type { Pod, PodCondition } from '../../api/types.ts';
import type { Endpoint } from '../endpoint.ts';
import { decodeAs } from '../registry/decode-body.ts';
import { deleteObject } from '../registry/delete.ts';
import type { Scope } from '../registry/scope.ts';
import { admitBody } from './admit-body.ts';
import type { RequestOptions } from '../request.ts';
import { spendDisruption } from './disruption-budget.ts';
import { created, type Subresource } from './subresource.ts';

interface Eviction {
  readonly metadata?: Partial<ObjectMeta>;
  readonly deleteOptions?: Pick<
    RequestOptions,
    'dryRun' | 'gracePeriodSeconds' | 'propagationPolicy' | 'preconditions' | 'orphanDependents'
  >;
}

/** What comes of a Pod that several budgets are about: no refusal, but an answer that tells of a failure. */
const SEVERAL_BUDGETS = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  code: 500,
} as unknown as UntypedObject;

/** pods/eviction: a delete that budgets may refuse and that says why, as a DisruptionTarget condition on the Pod. */
export const eviction = (budgets: () => Endpoint | undefined): Subresource => ({
  name: 'eviction',
  verbs: ['create'],
  kind: EVICTION,
  serve: (registry, scope) => {
    const { endpoint, request } = scope;
    const { kind, store } = endpoint;
    const name = request.name!;
    const sent = decodeAs<Eviction>(scope, EVICTION, request.body);
    if (sent.metadata?.name !== name) throw badRequest('name in URL does not match name in Eviction object');
    const body = admitBody(registry, scope, EVICTION, sent);
    const stored = store.get(request.namespace, name);
    if (!stored) throw notFound(kind, name);
    const options: RequestOptions = { ...request.options, ...body.deleteOptions };
    const dryRun = options.dryRun?.includes('All') ?? false;
    const budgetStore = budgets();
    if (budgetStore && !spendDisruption(registry, budgetStore, stored as unknown as Pod, dryRun))
      return { code: 201, object: SEVERAL_BUDGETS, warnings: scope.warnings };
    if (!dryRun && !stored.metadata.deletionTimestamp) {
      const marked = { ...stored, metadata: { ...stored.metadata }, status: disrupted(stored, registry.kernel.now) };
      if (!store.write(marked, stored)) throw conflict(kind, name, OPTIMISTIC_LOCK);
    }
    const deletion: Scope = {
      ...scope,
      admitted: true,
      dryRun,
      request: { ...request, verb: 'delete', subresource: undefined, options },
    };
    deleteObject(registry, deletion, name);
    return created(scope.warnings);
  },
});

function disrupted(stored: UntypedObject, now: number): Pod['status'] {
  const { status } = stored as unknown as Pod;
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget');
  const condition: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null!,
    lastTransitionTime: formatTime(now),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  return { ...status, conditions: [...others, condition] };
}
