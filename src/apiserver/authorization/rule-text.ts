import type { PolicyRule } from '../../api/types.ts';

const list = (text: string): string[] => text.split(',');

/**
 * A rule in one line: verbs, resources, API groups (`core` is the group without a name) and, where the rule is for
 * some objects only, their names; lists by comma. Paths that are no resources have no group: `get /api,/api/*`.
 */
export function parseRule(line: string): PolicyRule {
  const [verbs = '', what = '', groups, names] = line.split(' ');
  if (groups === undefined) return { nonResourceURLs: list(what), verbs: list(verbs) };
  return {
    apiGroups: list(groups).map((group) => (group === 'core' ? '' : group)),
    ...(names ? { resourceNames: list(names) } : {}),
    resources: list(what),
    verbs: list(verbs),
  };
}
