import { equal } from '../api/draft.ts';
import { ClusterRoleKind } from '../api/rbac/cluster-role.ts';
import { matcherOf } from '../api/selector.ts';
import type { ClusterRole, PolicyRule } from '../api/types.ts';
import type { Controller, ControllerContext } from './context.ts';
import { ControlLoop } from './control-loop.ts';

/** Gives ClusterRoles with an aggregation rule the rules of all that its selectors match, in the order of their names. */
export function startClusterRoleAggregation(context: ControllerContext): Controller {
  const roles = context.informers.for(ClusterRoleKind);
  const gathered = (role: ClusterRole): PolicyRule[] => {
    const rules: PolicyRule[] = [];
    const sorted = [...roles.list()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
      const matcher = matcherOf(selector);
      for (const { metadata, rules: own } of sorted) {
        if (metadata.name === role.metadata.name || !matcher.matches(metadata.labels ?? {})) continue;
        for (const rule of own ?? []) if (!rules.some((known) => equal(known, rule))) rules.push(rule);
      }
    }
    return rules;
  };
  const loop = new ControlLoop({
    context,
    name: 'clusterrole-aggregation-controller',
    reconcile: (name) => {
      const role = roles.getByKey(name);
      if (!role?.aggregationRule) return;
      const rules = gathered(role);
      if (!equal(role.rules ?? [], rules)) loop.client.resource(ClusterRoleKind).update({ ...role, rules });
    },
  });
  /** Any role may be part of any aggregate. */
  const enqueue = (): void => {
    for (const { aggregationRule, metadata } of roles.list()) if (aggregationRule) loop.queue.add(metadata.name);
  };
  loop.on(roles, { add: enqueue, update: enqueue, delete: enqueue });
  return loop;
}
