import { checkOneOf, refuse, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../names.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { FlowSchema } from '../types.ts';

type Rules = NonNullable<FlowSchema['spec']['rules']>[number];
type Subject = Rules['subjects'][number];

const MAX_PRECEDENCE = 10_000;
const VERBS = ['*', 'create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const NON_RESOURCE_VERBS = ['*', 'connect', 'delete', 'get', 'head', 'options', 'patch', 'post', 'put', 'trace'];

function checkSubject(subject: Subject, path: string, errors: Errors): void {
  const { kind, serviceAccount, user, group } = subject;
  const of: Readonly<Record<string, { name?: string } | undefined>> = {
    ServiceAccount: serviceAccount,
    User: user,
    Group: group,
  };
  if (!(kind in of)) {
    errors.push(notSupported(`${path}.kind`, kind ?? '', ['Group', 'ServiceAccount', 'User']));
    return;
  }
  for (const [other, part] of Object.entries(of)) {
    const field = other[0]!.toLowerCase() + other.slice(1);
    if (other === kind && !part)
      errors.push(required(`${path}.${field}`, `${field} is required when subject kind is '${kind}'`));
    else if (other !== kind && part)
      errors.push(forbidden(`${path}.${field}`, `${field} is forbidden when subject kind is not '${other}'`));
    else if (part && !part.name) errors.push(required(`${path}.${field}.name`));
  }
  if (serviceAccount && kind === 'ServiceAccount') {
    if (!serviceAccount.namespace)
      errors.push(required(`${path}.serviceAccount.namespace`, 'must specify namespace for service account'));
    else
      refuse(
        `${path}.serviceAccount.namespace`,
        serviceAccount.namespace,
        checkDnsLabel(serviceAccount.namespace),
        errors,
      );
  }
}

/** A list with '*' has nothing else; a list must not be empty. */
function checkList(list: readonly string[] | undefined, path: string, errors: Errors): void {
  if (!list?.length) errors.push(required(path));
  else if (list.includes('*') && list.length > 1)
    errors.push(invalid(path, list, "if '*' is present, must not specify other values"));
}

function checkRules(rules: Rules, path: string, errors: Errors): void {
  const { subjects = [], resourceRules = [], nonResourceRules = [] } = rules;
  if (subjects.length === 0) errors.push(required(`${path}.subjects`, 'subjects must contain at least one value'));
  subjects.forEach((subject, i) => checkSubject(subject, `${path}.subjects[${i}]`, errors));
  if (resourceRules.length === 0 && nonResourceRules.length === 0)
    errors.push(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  const verbs = (list: readonly string[] | undefined, known: readonly string[], at: string): void => {
    checkList(list, at, errors);
    const wrong = list?.filter((verb) => !known.includes(verb)) ?? [];
    if (wrong.length > 0) errors.push(notSupported(at, wrong, known));
  };
  resourceRules.forEach((rule, i) => {
    const at = `${path}.resourceRules[${i}]`;
    verbs(rule.verbs, VERBS, `${at}.verbs`);
    checkList(rule.apiGroups, `${at}.apiGroups`, errors);
    checkList(rule.resources, `${at}.resources`, errors);
    if (!rule.namespaces?.length && !rule.clusterScope)
      errors.push(
        required(`${at}.namespaces`, 'resource rules that are not cluster scoped must supply at least one namespace'),
      );
    else if (rule.namespaces?.length) checkList(rule.namespaces, `${at}.namespaces`, errors);
  });
  nonResourceRules.forEach((rule, i) => {
    const at = `${path}.nonResourceRules[${i}]`;
    verbs(rule.verbs, NON_RESOURCE_VERBS, `${at}.verbs`);
    checkList(rule.nonResourceURLs, `${at}.nonResourceURLs`, errors);
  });
}

function checkSchema({ metadata, spec }: FlowSchema): Errors {
  const errors: Errors = [];
  const precedence = spec.matchingPrecedence ?? 0;
  if (precedence <= 0) errors.push(invalid('spec.matchingPrecedence', precedence, 'must be a positive value'));
  if (precedence > MAX_PRECEDENCE)
    errors.push(invalid('spec.matchingPrecedence', precedence, `must not be greater than ${MAX_PRECEDENCE}`));
  if (precedence === 1 && metadata.name !== 'exempt')
    errors.push(
      invalid('spec.matchingPrecedence', precedence, "only the schema named 'exempt' may have matchingPrecedence 1"),
    );
  if (spec.distinguisherMethod)
    checkOneOf(spec.distinguisherMethod.type, ['ByNamespace', 'ByUser'], 'spec.distinguisherMethod', errors);
  const name = spec.priorityLevelConfiguration?.name;
  if (!name) errors.push(required('spec.priorityLevelConfiguration.name', 'must reference a priority level'));
  else refuse('spec.priorityLevelConfiguration.name', name, checkDnsSubdomain(name), errors);
  spec.rules?.forEach((rules, i) => checkRules(rules, `spec.rules[${i}]`, errors));
  return errors;
}

function missing({ status }: FlowSchema): string {
  const dangling = status?.conditions?.find(({ type }) => type === 'Dangling')?.status;
  return dangling === undefined ? '?' : dangling === 'True' || dangling === 'False' ? dangling : '?';
}

/** FlowSchemas: which requests to the API server are of which priority level. */
export const FlowSchemaKind: Kind<FlowSchema> = defineKind<FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  resource: 'flowschemas',
  singular: 'flowschema',
  namespaced: false,
  schema: 'io.k8s.api.flowcontrol.v1.FlowSchema',
  hasStatus: true,
  hasGeneration: true,
  defaults(draft) {
    if (draft.spec && !draft.spec.matchingPrecedence) draft.spec.matchingPrecedence = 1000;
  },
  prepareForCreate(draft) {
    draft.status = {};
  },
  validate: checkSchema,
  columns: [
    nameColumn,
    column('PriorityLevel', ({ spec }) => spec.priorityLevelConfiguration.name),
    column('MatchingPrecedence', ({ spec }) => spec.matchingPrecedence ?? 0, 0, 'integer'),
    column('DistinguisherMethod', ({ spec }) => spec.distinguisherMethod?.type ?? '<none>'),
    ageColumn,
    column('MissingPL', missing),
  ],
});
