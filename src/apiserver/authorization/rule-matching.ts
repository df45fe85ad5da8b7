/** What a rule of RBAC allows (k8s.io/kubernetes/pkg/apis/rbac/v1). */
import type { PolicyRule } from '../../api/types.ts';

const ALL = '*';

const names = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes(ALL) || list.includes(value));

/** Whether a rule speaks of a verb on a resource, `pods` or `pods/log`, whatever the object's name. */
export function coversResource(rule: PolicyRule, verb: string, group: string, resource: string): boolean {
  if (!names(rule.verbs, verb) || !names(rule.apiGroups, group)) return false;
  if (names(rule.resources, resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && rule.resources!.includes(`*${resource.slice(slash)}`);
}

const coversUrl = (pattern: string, path: string): boolean =>
  pattern === ALL || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, '')));

/** Whether a rule allows a verb on a path that is no resource. */
export const coversPath = ({ verbs, nonResourceURLs = [] }: PolicyRule, verb: string, path: string): boolean =>
  names(verbs, verb) && nonResourceURLs.some((pattern) => coversUrl(pattern, path));

const hasAll = (owned: readonly string[] = [], asked: readonly string[] = []): boolean =>
  owned.includes(ALL) || asked.every((one) => owned.includes(one));

/** Whether who has one rule has all that another gives, which is broken down to one verb on one resource or path. */
export function includesRule(owned: PolicyRule, asked: PolicyRule): boolean {
  return (
    hasAll(owned.verbs, asked.verbs) &&
    hasAll(owned.apiGroups, asked.apiGroups) &&
    (asked.resources ?? []).every(
      (resource) =>
        names(owned.resources, resource) ||
        (resource.includes('/') && names(owned.resources, `*${resource.slice(resource.indexOf('/'))}`)),
    ) &&
    (asked.nonResourceURLs ?? []).every((path) =>
      (owned.nonResourceURLs ?? []).some((pattern) => coversUrl(pattern, path)),
    ) &&
    (asked.resourceNames?.length
      ? !owned.resourceNames?.length || hasAll(owned.resourceNames, asked.resourceNames)
      : !owned.resourceNames?.length)
  );
}

/** A rule as rules of one verb on one resource, object or path each. */
export function brokenDown(rule: PolicyRule): PolicyRule[] {
  const parts: PolicyRule[] = [];
  for (const group of rule.apiGroups ?? [])
    for (const resource of rule.resources ?? [])
      for (const verb of rule.verbs)
        for (const name of rule.resourceNames?.length ? rule.resourceNames : [undefined])
          parts.push({
            apiGroups: [group],
            resources: [resource],
            ...(name === undefined ? {} : { resourceNames: [name] }),
            verbs: [verb],
          });
  for (const path of rule.nonResourceURLs ?? [])
    for (const verb of rule.verbs) parts.push({ nonResourceURLs: [path], verbs: [verb] });
  return parts;
}

/** Rules on one resource, or one object of it, gathered into one each; others stay as they are. */
export function compacted(rules: readonly PolicyRule[]): PolicyRule[] {
  const others: PolicyRule[] = [];
  const simple = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs } = rule;
    if (apiGroups.length !== 1 || resources.length !== 1 || resourceNames.length > 1 || nonResourceURLs.length > 0) {
      others.push(rule);
      continue;
    }
    const key = JSON.stringify([apiGroups[0], resources[0], resourceNames[0]]);
    const known = simple.get(key);
    simple.set(key, known ? { ...known, verbs: [...new Set([...known.verbs, ...verbs])] } : rule);
  }
  return [...others, ...simple.values()];
}

const quoted = (list: readonly string[]): string => `[${list.map((one) => JSON.stringify(one)).join(' ')}]`;

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`: a rule in error texts. */
export function ruleText({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: PolicyRule): string {
  const parts: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ];
  const shown = parts.filter(([, values]) => values?.length).map(([name, values]) => `${name}:${quoted(values!)}`);
  return `{${shown.join(', ')}}`;
}
