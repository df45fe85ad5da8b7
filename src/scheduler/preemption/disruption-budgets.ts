import { matcherOf } from '../../api/selector.ts';
import type { PodDisruptionBudget } from '../../api/types.ts';
import type { PodInfo } from '../cache/pod-info.ts';

/** Victims that their budgets do not allow to lose, and the others. */
export interface ByBudget {
  readonly violating: readonly PodInfo[];
  readonly others: readonly PodInfo[];
}

/**
 * Spends the budgets' allowed disruptions on the Pods, in their order; who comes too late violates a budget. A
 * Pod that a budget counts as disrupted already costs it nothing.
 */
export function splitByBudget(pods: readonly PodInfo[], budgets: readonly PodDisruptionBudget[]): ByBudget {
  if (budgets.length === 0) return { violating: [], others: pods };
  const left = budgets.map(({ status }) => status?.disruptionsAllowed ?? 0);
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const info of pods) {
    const { name, namespace, labels } = info.pod.metadata;
    let violates = false;
    budgets.forEach(({ metadata, spec, status }, i) => {
      if (metadata.namespace !== namespace || !labels || Object.keys(labels).length === 0) return;
      const matcher = matcherOf(spec?.selector);
      if (matcher.everything || !matcher.matches(labels) || status?.disruptedPods?.[name] !== undefined) return;
      left[i]!--;
      if (left[i]! < 0) violates = true;
    });
    (violates ? violating : others).push(info);
  }
  return { violating, others };
}
