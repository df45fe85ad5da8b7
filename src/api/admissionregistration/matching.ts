/** What admission policies and webhooks have in common: the requests that they look at. */
import { BOOL, DYN, type CelType } from '../cel/types.ts';
import { checkOneOf, refuse, type Errors } from '../core/common-checks.ts';
import { fillIn, mapShared } from '../draft.ts';
import { duplicate, forbidden, invalid, notSupported, required, tooMany } from '../field-error.ts';
import { ExpressionProblem, PolicyExpressions, type Sight } from './expressions.ts';
import { checkDns1035Label, checkDnsSubdomain, checkPathSegmentName, checkQualifiedName } from '../names.ts';
import { checkLabelSelector } from '../selector.ts';
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
} from '../types.ts';

export type MatchResources = NonNullable<ValidatingAdmissionPolicy['spec']['matchConstraints']>;
export type Rule = NonNullable<NonNullable<ValidatingWebhookConfiguration['webhooks']>[number]['rules']>[number];
export type MatchCondition = NonNullable<ValidatingAdmissionPolicy['spec']['matchConditions']>[number];
export type ParamRef = NonNullable<ValidatingAdmissionPolicyBinding['spec']['paramRef']>;

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
export const FAILURE_POLICIES = ['Fail', 'Ignore'];
export const MATCH_POLICIES = ['Equivalent', 'Exact'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];

/** Rules are about every scope unless they say which. */
export const rulesWithScope = <T extends { scope?: string }>(rules: T[]): T[] =>
  mapShared(rules, (rule) => (rule.scope === undefined ? { ...rule, scope: '*' } : rule));

export function matchWithDefaults(match: MatchResources): MatchResources {
  const out = fillIn(match, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} });
  const lists: Partial<MatchResources> = {};
  for (const list of ['resourceRules', 'excludeResourceRules'] as const)
    if (out[list]) lists[list] = rulesWithScope(out[list]);
  return { ...out, ...lists };
}

/** The field of bindings, as Kubernetes misspells it in its errors. */
export const MATCH_RESOURCES = 'spec.matchResouces';

/** `*` in a list that names more besides. */
function checkWildcard(list: readonly string[], path: string, what: string, errors: Errors): void {
  if (list.length > 1 && list.includes('*'))
    errors.push(invalid(path, list, `if '*' is present, must not specify other ${what}`));
}

/** Resources and subresources; what an earlier one covers with a wildcard is not to be named again. */
function checkResources(resources: readonly string[], path: string, errors: Errors): void {
  if (resources.length === 0) errors.push(required(path));
  const [wholeResources, wholeSubresources] = [new Set<string>(), new Set<string>()];
  resources.forEach((resource, i) => {
    const at = `${path}[${i}]`;
    if (resource === '') errors.push(required(at));
    const slash = resource.indexOf('/');
    if (slash < 0) return;
    const [name, sub] = [resource.slice(0, slash), resource.slice(slash + 1)];
    const covered = (by: string): void =>
      void errors.push(invalid(at, resource, `if '${by}' is present, must not specify ${resource}`));
    if (wholeResources.has(name)) covered(`${name}/*`);
    if (wholeSubresources.has(sub)) covered(`*/${sub}`);
    if (sub === '*') wholeResources.add(name);
    if (name === '*') wholeSubresources.add(sub);
  });
  if (resources.length > 1 && resources.includes('*/*'))
    errors.push(invalid(path, resources, "if '*/*' is present, must not specify other resources"));
  // As Kubernetes has it, only the last one without a subresource counts.
  const last = resources.findLast((resource) => resource !== '' && !resource.includes('/'));
  if (resources.includes('*') && last !== undefined && last !== '*')
    errors.push(invalid(path, resources, "if '*' is present, must not specify other resources without subresources"));
}

/** One rule of either sort; what it is missing is said first. */
export function checkRule(rule: Rule, path: string, errors: Errors): void {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  const early = operations.length === 0;
  if (early) errors.push(required(`${path}.operations`));
  checkWildcard(operations, `${path}.operations`, 'operations', errors);
  operations.forEach((operation, i) => checkOneOf(operation, OPERATIONS, `${path}.operations[${i}]`, errors));
  if (apiGroups.length === 0) errors.push(required(`${path}.apiGroups`));
  checkWildcard(apiGroups, `${path}.apiGroups`, 'API groups', errors);
  if (apiVersions.length === 0) errors.push(required(`${path}.apiVersions`));
  checkWildcard(apiVersions, `${path}.apiVersions`, 'API versions', errors);
  apiVersions.forEach((version, i) => {
    if (version === '') errors.push(required(`${path}.apiVersions[${i}]`));
  });
  checkResources(resources, `${path}.resources`, errors);
  checkOneOf(scope, SCOPES, `${path}.scope`, errors, true);
}

export function checkMatch(match: MatchResources, needsRules: boolean, path: string, errors: Errors): void {
  if (!match.matchPolicy) errors.push(required(`${path}.matchPolicy`));
  else checkOneOf(match.matchPolicy, MATCH_POLICIES, `${path}.matchPolicy`, errors);
  errors.push(...checkLabelSelector(match.namespaceSelector, `${path}.namespaceSelector`));
  errors.push(...checkLabelSelector(match.objectSelector, `${path}.objectSelector`));
  for (const list of ['resourceRules', 'excludeResourceRules'] as const)
    match[list]?.forEach((rule, i) => {
      const at = `${path}.${list}[${i}]`;
      const names = rule.resourceNames ?? [];
      names.forEach((name, j) => {
        refuse(`${at}.resourceNames[${j}]`, name, checkPathSegmentName(name), errors);
        if (names.indexOf(name) < j) errors.push(duplicate(`${at}.resourceNames[${j}]`, name));
      });
      checkRule(rule as Rule, at, errors);
    });
  if (needsRules && !match.resourceRules?.length) errors.push(required(`${path}.resourceRules`));
}

/** What is deleted is not changed. */
export function checkMutable({ resourceRules }: MatchResources, path: string, errors: Errors): void {
  for (const { operations } of resourceRules ?? [])
    for (const operation of operations ?? [])
      checkOneOf(operation, ['*', 'CONNECT', 'CREATE', 'UPDATE'], `${path}.resourceRules.operations`, errors);
}

const MAX_CONDITIONS = 64;

/** An expression that must compile as it stands, and give one of these types (any, without). */
export function checkExpression(
  expressions: PolicyExpressions,
  expression: string,
  sight: Sight,
  wanted: readonly CelType[],
  path: string,
  errors: Errors,
  shown = expression,
): CelType | undefined {
  try {
    return expressions.compile(expression, sight, ...wanted).type;
  } catch (error) {
    if (!(error instanceof ExpressionProblem)) throw error;
    errors.push(invalid(path, shown, error.message));
    return undefined;
  }
}

/** Conditions in CEL; those of policies may look at parameters. */
export function checkMatchConditions(
  conditions: readonly MatchCondition[] | undefined,
  params: boolean,
  path: string,
  errors: Errors,
): void {
  const expressions = new PolicyExpressions(false);
  if ((conditions?.length ?? 0) > MAX_CONDITIONS) errors.push(tooMany(path, conditions!.length, MAX_CONDITIONS));
  const names = new Set<string>();
  conditions?.forEach(({ name, expression }, i) => {
    const at = `${path}[${i}]`;
    if (!expression?.trim()) errors.push(required(`${at}.expression`));
    else
      checkExpression(expressions, expression.trim(), { params, authorizer: true }, [BOOL], `${at}.expression`, errors);
    if (!name) errors.push(required(`${at}.name`));
    else refuse(`${at}.name`, name, checkQualifiedName(name), errors);
    if (name && names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
  });
}

export function checkParamKind(
  kind: { apiVersion?: string; kind?: string } | undefined,
  path: string,
  errors: Errors,
): void {
  if (!kind) return;
  const { apiVersion } = kind;
  if (!apiVersion) errors.push(required(`${path}.apiVersion`));
  else {
    const [version = '', group, ...more] = apiVersion.split('/').reverse();
    if (more.length > 0)
      errors.push(invalid(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
    else {
      const at = `${path}.apiVersion`;
      const problems = (messages: string[]): string[] => (messages.length > 0 ? [messages.join(',')] : []);
      if (group) refuse(at, group, problems(checkDnsSubdomain(group)), errors);
      if (!version) errors.push(invalid(at, apiVersion, 'version must be specified'));
      else refuse(at, version, problems(checkDns1035Label(version)), errors);
    }
  }
  if (!kind.kind) errors.push(required(`${path}.kind`));
  else {
    const messages = checkDns1035Label(kind.kind.toLowerCase());
    if (messages.length > 0)
      errors.push(
        invalid(`${path}.kind`, kind.kind, `may have mixed case, but should otherwise match: ${messages.join(',')}`),
      );
  }
}

export function checkParamRef(ref: ParamRef | undefined, path: string, errors: Errors): void {
  if (!ref) return;
  const { name, selector, parameterNotFoundAction: action } = ref;
  if (name) refuse(`${path}.name`, name, checkPathSegmentName(name), errors);
  const both = 'name and selector are mutually exclusive';
  if (name && selector) errors.push(forbidden(`${path}.name`, both));
  if (selector) errors.push(...checkLabelSelector(selector, `${path}.selector`));
  if (name && selector) errors.push(forbidden(`${path}.selector`, both));
  if (!name && !selector) errors.push(required(path, 'one of name or selector must be specified'));
  if (!action) errors.push(required(`${path}.parameterNotFoundAction`));
  else if (action !== 'Deny' && action !== 'Allow')
    errors.push(notSupported(`${path}.parameterNotFoundAction`, action, ['Deny', 'Allow']));
}

const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** Variables that later expressions may use, which learn their types. */
export function checkVariables(
  variables: readonly { name: string; expression: string }[] | undefined,
  expressions: PolicyExpressions,
  sight: Sight,
  path: string,
  errors: Errors,
): void {
  variables?.forEach(({ name, expression }, i) => {
    const at = `${path}[${i}]`;
    if (!name?.trim()) errors.push(required(`${at}.name`, 'name is not specified'));
    else if (!IDENTIFIER.test(name) || RESERVED.has(name))
      errors.push(invalid(`${at}.name`, name, 'must be a valid CEL identifier'));
    if (!expression?.trim()) {
      errors.push(required(`${at}.expression`, 'expression is not specified'));
      return;
    }
    const type = checkExpression(expressions, expression, sight, [], `${at}.expression`, errors);
    expressions.declare(name, type ?? DYN);
  });
}
