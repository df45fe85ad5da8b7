import { conflict, forbidden, OPTIMISTIC_LOCK, tooManyRequests } from '../../api/errors.ts';
import { formatTime } from '../../api/meta.ts';
import type { UntypedObject } from '../../api/object.ts';
import { matcherOf } from '../../api/selector.ts';
import { ApiError } from '../../api/status.ts';
import type { Pod, PodDisruptionBudget } from '../../api/types.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Registry } from '../registry/registry.ts';
import { selected } from '../registry/read.ts';

const MANY_DISRUPTED = 2000;
const RETRY_SECONDS = 10;
const ALLOWED = 'DisruptionAllowed';
/** As refusals name the resource. */
const SINGULAR = { group: 'policy', resource: 'poddisruptionbudget' };

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;

/** Pods that serve nobody, or are going already, are evicted whatever a budget says. */
const isExempt = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined || ['Pending', 'Succeeded', 'Failed'].includes(status?.phase ?? '');

function refusal(message: string): ApiError {
  const text = "Cannot evict pod as it would violate the pod's disruption budget.";
  const { status } = tooManyRequests(text, 0);
  return new ApiError(status.code, 'TooManyRequests', text, { causes: [{ reason: 'DisruptionBudget', message }] });
}

/** Whether an unready Pod may go although the budget is used up: it is not what the budget counts on. */
function mayGoUnready(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (isReady(pod)) return false;
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

/** Takes an eviction from the budget of a Pod; false when there are several. Throws when the budget does not allow it. */
export function spendDisruption(registry: Registry, budgets: Endpoint, pod: Pod, dryRun: boolean): boolean {
  if (isExempt(pod)) return true;
  const { name, namespace, labels } = pod.metadata;
  const all = selected(registry.etcd, budgets, { namespace }) as unknown as readonly PodDisruptionBudget[];
  const matching = all.filter(({ spec }) => matcherOf(spec.selector).matches(labels));
  const [budget] = matching;
  if (!budget) return true;
  if (matching.length > 1) return false;
  if (mayGoUnready(pod, budget)) return true;
  const { kind, store } = budgets;
  const {
    disruptionsAllowed = 0,
    disruptedPods = {},
    desiredHealthy = 0,
    currentHealthy = 0,
    conditions = [],
    ...rest
  } = budget.status ?? {};
  const own = budget.metadata.name;
  if ((budget.status?.observedGeneration ?? 0) < (budget.metadata.generation ?? 0)) {
    const text = "Cannot evict pod as it would violate the pod's disruption budget.";
    const message = `The disruption budget ${own} is still being processed by the server.`;
    const causes = [{ reason: 'DisruptionBudget', message }];
    throw new ApiError(429, 'TooManyRequests', text, { causes, retryAfterSeconds: RETRY_SECONDS });
  }
  if (disruptionsAllowed < 0) throw forbidden(SINGULAR, own, 'pdb disruptions allowed is negative');
  if (Object.keys(disruptedPods).length > MANY_DISRUPTED) {
    throw forbidden(SINGULAR, own, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  }
  if (disruptionsAllowed === 0) {
    const failed = conditions.find(
      ({ type, status, reason }) => type === ALLOWED && status === 'False' && reason === 'SyncFailed',
    );
    throw refusal(
      failed
        ? `The disruption budget ${own} does not allow evicting pods currently because it failed sync: ${failed.message}`
        : `The disruption budget ${own} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    );
  }
  if (dryRun) return true;
  const now = formatTime(registry.kernel.now);
  const left = disruptionsAllowed - 1;
  const spent = {
    ...budget,
    metadata: { ...budget.metadata },
    status: {
      ...rest,
      currentHealthy,
      desiredHealthy,
      disruptionsAllowed: left,
      disruptedPods: { ...disruptedPods, [name]: now },
      conditions:
        left > 0
          ? conditions
          : conditions.map((condition) =>
              condition.type === ALLOWED
                ? { ...condition, status: 'False', reason: 'InsufficientPods', lastTransitionTime: now }
                : condition,
            ),
    },
  };
  if (!store.write(spent as unknown as UntypedObject, budget as unknown as UntypedObject)) {
    throw conflict(kind, own, OPTIMISTIC_LOCK);
  }
  return true;
}
