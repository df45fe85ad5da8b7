/** How much of a request the log tells. */
export type AuditLevel = 'None' | 'Metadata' | 'Request' | 'RequestResponse';

/** When in the life of a request an event is written. */
export type AuditStage = 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic';

interface GroupResources {
  readonly group?: string;
  /** `pods`, `pods/log`, `*` or `pods/*`; all of the group when empty. */
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface PolicyRule {
  readonly level: AuditLevel;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly GroupResources[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

/** audit.k8s.io/v1 Policy, the file of --audit-policy-file. */
export interface AuditPolicy {
  readonly rules: readonly PolicyRule[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

/** What the rules of a policy look at. */
export interface AuditAttributes {
  readonly username: string;
  readonly groups: readonly string[];
  readonly verb: string;
  /** Absent for paths that are no resources. */
  readonly resource?: {
    readonly group: string;
    readonly resource: string;
    readonly subresource?: string | undefined;
    readonly namespace?: string | undefined;
    readonly name?: string | undefined;
  };
  readonly path: string;
}

/** What a policy wants to be told of a request. */
export interface AuditDecision {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

/** A policy that cannot be followed; the message says what to change in it. */
export class AuditPolicyError extends Error {}

const LEVELS: readonly string[] = ['None', 'Metadata', 'Request', 'RequestResponse'];
const STAGES: readonly string[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];
const NOTHING: AuditDecision = { level: 'None', omitStages: new Set(), omitManagedFields: false };

const isEmpty = (list: readonly unknown[] | undefined): boolean => !list?.length;

function coversResource({ namespaces, resources }: PolicyRule, { resource: asked }: AuditAttributes): boolean {
  if (!asked) return false;
  if (!isEmpty(namespaces) && !namespaces!.includes(asked.namespace ?? '')) return false;
  if (isEmpty(resources)) return true;
  const combined = asked.subresource ? `${asked.resource}/${asked.subresource}` : asked.resource;
  const covers = (pattern: string): boolean =>
    pattern === '*' ||
    pattern === combined ||
    (asked.subresource !== undefined && pattern === `*/${asked.subresource}`) ||
    pattern === `${asked.resource}/*`;
  return resources!.some(
    ({ group = '', resources: patterns, resourceNames }) =>
      group === asked.group &&
      (isEmpty(patterns) ||
        ((isEmpty(resourceNames) || resourceNames!.includes(asked.name ?? '')) && patterns!.some(covers))),
  );
}

const coversPath = (patterns: readonly string[], path: string): boolean =>
  patterns.some(
    (pattern) =>
      pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1))),
  );

function covers(rule: PolicyRule, attributes: AuditAttributes): boolean {
  const { users, userGroups, verbs, namespaces, resources, nonResourceURLs } = rule;
  if (!isEmpty(users) && !users!.includes(attributes.username)) return false;
  if (!isEmpty(userGroups) && !attributes.groups.some((group) => userGroups!.includes(group))) return false;
  if (!isEmpty(verbs) && !verbs!.includes(attributes.verb)) return false;
  if (!isEmpty(namespaces) || !isEmpty(resources)) return coversResource(rule, attributes);
  if (!isEmpty(nonResourceURLs)) return !attributes.resource && coversPath(nonResourceURLs!, attributes.path);
  return true;
}

/** What the first rule that covers a request says of it; nothing where no rule does. */
export function decideAudit(policy: AuditPolicy, attributes: AuditAttributes): AuditDecision {
  const rule = policy.rules.find((candidate) => covers(candidate, attributes));
  if (!rule) return NOTHING;
  return {
    level: rule.level,
    omitStages: new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]),
    omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
  };
}

function checkStages(where: string, stages: readonly string[] | undefined): void {
  for (const stage of stages ?? [])
    if (!STAGES.includes(stage))
      throw new AuditPolicyError(`${where}.omitStages: there is no stage "${stage}"; there are ${STAGES.join(', ')}.`);
}

/** Reads a policy as it was written. Throws AuditPolicyError. */
export function readAuditPolicy(written: unknown): AuditPolicy {
  const policy = written as (Partial<AuditPolicy> & { apiVersion?: string; kind?: string }) | null | undefined;
  if (policy?.kind !== 'Policy' || policy.apiVersion !== 'audit.k8s.io/v1')
    throw new AuditPolicyError('An audit policy is of apiVersion audit.k8s.io/v1 and kind Policy.');
  const { rules = [] } = policy;
  if (rules.length === 0) throw new AuditPolicyError('An audit policy without rules logs nothing: give it rules.');
  checkStages('policy', policy.omitStages);
  rules.forEach((rule, i) => {
    const where = `rules[${i}]`;
    if (!LEVELS.includes(rule.level))
      throw new AuditPolicyError(`${where}.level: it is "${rule.level ?? ''}", and not one of ${LEVELS.join(', ')}.`);
    if (!isEmpty(rule.nonResourceURLs) && (!isEmpty(rule.resources) || !isEmpty(rule.namespaces)))
      throw new AuditPolicyError(`${where}: a rule is about resources or about nonResourceURLs, not about both.`);
    checkStages(where, rule.omitStages);
  });
  return { ...policy, rules };
}
