/** Which requests a policy or a webhook is about (apiserver's admission/plugin/policy/matching, webhook/predicates). */
import type { MatchResources, Rule } from '../../../api/admissionregistration/matching.ts';
import { internalError } from '../../../api/errors.ts';
import type { Kind } from '../../../api/kind.ts';
import type { UntypedObject } from '../../../api/object.ts';
import { matcherOf } from '../../../api/selector.ts';
import type { AdmissionContext, AdmissionRequest } from '../admission.ts';
import type { Equivalents } from './equivalents.ts';

const CONFIGURATION = /^(?:validating|mutating)(?:webhookconfigurations|admissionpolicies|admissionpolicybindings)$/;

const REVIEWS: ReadonlySet<string> = new Set([
  'tokenreviews',
  'localsubjectaccessreviews',
  'selfsubjectaccessreviews',
  'selfsubjectrulesreviews',
  'selfsubjectreviews',
  'subjectaccessreviews',
]);

/** What configures admission is exempt from it, and so are questions that nobody keeps. */
export const isExempt = ({ kind: { group, resource } }: AdmissionRequest): boolean =>
  group === 'admissionregistration.k8s.io'
    ? CONFIGURATION.test(resource)
    : REVIEWS.has(resource) && (group === 'authentication.k8s.io' || group === 'authorization.k8s.io');

/** What has been changed already, as a Scale: the object that is scaled. */
export const isFixed = ({ subresource, objectKind }: AdmissionRequest): boolean =>
  subresource === 'scale' && !objectKind;

const isNamespace = ({ kind }: AdmissionRequest): boolean => kind.group === '' && kind.resource === 'namespaces';

const oneOf = (wanted: readonly string[] | undefined, value: string): boolean =>
  wanted?.some((one) => one === '*' || one === value) ?? false;

function matchesResource(patterns: readonly string[] | undefined, resource: string, subresource: string): boolean {
  return (patterns ?? []).some((pattern) => {
    const [name = '', sub = ''] = pattern.split('/');
    return (name === '*' || name === resource) && (sub === '*' || sub === subresource);
  });
}

function matchesScope(scope: string | undefined, request: AdmissionRequest): boolean {
  if (scope === undefined || scope === '*') return true;
  const namespaced = !isNamespace(request) && request.namespace !== '';
  return namespaced === (scope === 'Namespaced');
}

interface NamedRule extends Rule {
  readonly resourceNames?: readonly string[];
}

/** Whether a rule is about a request, were it one for this kind. */
function matchesRule(rule: NamedRule, request: AdmissionRequest, kind: Kind): boolean {
  const { resourceNames = [] } = rule;
  return (
    matchesScope(rule.scope, request) &&
    oneOf(rule.operations, request.operation) &&
    oneOf(rule.apiGroups, kind.group) &&
    oneOf(rule.apiVersions, kind.version) &&
    matchesResource(rule.resources, kind.resource, request.subresource ?? '') &&
    (resourceNames.length === 0 || resourceNames.includes(request.name))
  );
}

/** The kind by which one of the rules is about a request: its own, or with Equivalent another version of it. */
export function matchRules(
  rules: readonly NamedRule[] | undefined,
  matchPolicy: string | undefined,
  request: AdmissionRequest,
  equivalents: Equivalents,
): Kind | undefined {
  if (!rules) return undefined;
  if (rules.some((rule) => matchesRule(rule, request, request.kind))) return request.kind;
  if (matchPolicy === 'Exact') return undefined;
  for (const kind of equivalents.of(request.kind))
    if (rules.some((rule) => matchesRule(rule, request, kind))) return kind;
  return undefined;
}

type Selector = MatchResources['namespaceSelector'];

const isEmpty = (selector: Selector): boolean =>
  !selector || (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0);

/** The labels of the namespace that a request is about. */
function namespaceLabels(request: AdmissionRequest, context: AdmissionContext): UntypedObject['metadata']['labels'] {
  if (isNamespace(request) && request.operation !== 'DELETE' && request.object) return request.object.metadata.labels;
  const name = isNamespace(request) ? request.name : request.namespace;
  const namespace = context.get('', 'namespaces', undefined, name);
  if (!namespace) throw internalError(`namespaces "${name}" not found`);
  return namespace.metadata.labels;
}

/** Requests about no namespace match every selector of namespaces. */
export function matchesNamespace(selector: Selector, request: AdmissionRequest, context: AdmissionContext): boolean {
  if (isEmpty(selector)) return true;
  if (request.namespace === '' && !isNamespace(request)) return true;
  return matcherOf(selector).matches(namespaceLabels(request, context));
}

/** The object or the one that it replaces. */
export function matchesObject(selector: Selector, { object, old }: AdmissionRequest): boolean {
  if (isEmpty(selector)) return true;
  const matcher = matcherOf(selector);
  return [object, old].some((one) => one?.metadata !== undefined && matcher.matches(one.metadata.labels));
}

export type { MatchResources };

/** The kind by which a request is matched, or undefined; a binding without rules is about all that its policy is. */
export function matchResources(
  match: MatchResources | undefined,
  request: AdmissionRequest,
  context: AdmissionContext,
  equivalents: Equivalents,
): Kind | undefined {
  if (!match) return request.kind;
  const { resourceRules, excludeResourceRules, matchPolicy } = match;
  if (!matchesNamespace(match.namespaceSelector, request, context)) return undefined;
  if (!matchesObject(match.objectSelector, request)) return undefined;
  if (matchRules(excludeResourceRules as NamedRule[] | undefined, matchPolicy, request, equivalents)) return undefined;
  if (!resourceRules?.length) return request.kind;
  return matchRules(resourceRules as NamedRule[], matchPolicy, request, equivalents);
}
