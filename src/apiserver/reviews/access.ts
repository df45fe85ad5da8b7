import type { FieldError } from '../../api/kind.ts';
import { forbidden, invalid, required } from '../../api/field-error.ts';
import { checkLabelSelector } from '../../api/selector.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { Attributes, Authorizer, Decision } from '../authorization/authorization.ts';
import type { UserInfo } from '../request.ts';
import { malformed, type Review } from './review.ts';

const GROUP = 'authorization.k8s.io';

interface Requirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

/** What a read of many is limited to: as text, or taken apart. */
interface Selector {
  readonly rawSelector?: string;
  readonly requirements?: readonly Requirement[];
}

interface ResourceAttributes {
  readonly fieldSelector?: Selector;
  readonly labelSelector?: Selector;
  readonly namespace?: string;
  readonly verb?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly name?: string;
}

interface Spec {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string };
  readonly user?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

const specOf = (question: UntypedObject): Spec => (question['spec'] ?? {}) as Spec;

/** Operators that this server does not know are let through: a newer client may. */
function checkFieldRequirement({ key, operator = '', values = [] }: Requirement, path: string): FieldError[] {
  const errors = key ? [] : [required(`${path}.key`, 'must be specified')];
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0)
    errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0)
    errors.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  return errors;
}

const OPERATORS: ReadonlySet<string> = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist']);

/** Labels have rules of their own. */
const checkLabelRequirement = ({ key = '', operator = '', values = [] }: Requirement, path: string): FieldError[] =>
  checkLabelSelector(
    {
      matchExpressions: [
        {
          key,
          operator: OPERATORS.has(operator) ? operator : values.length > 0 ? 'In' : 'Exists',
          values: [...values],
        },
      ],
    },
    '',
  ).map((error) => ({
    ...error,
    field: `${path}${error.field.replace(/^\.?matchExpressions\[0\]/, '')}`,
  }));

function checkSelector(
  selector: Selector | undefined,
  path: string,
  checkRequirement: (requirement: Requirement, path: string) => FieldError[],
): FieldError[] {
  if (!selector) return [];
  const { rawSelector = '', requirements = [] } = selector;
  const errors: FieldError[] = [];
  if (rawSelector && requirements.length > 0)
    errors.push(invalid(`${path}.rawSelector`, rawSelector, 'may not specified at the same time as requirements'));
  if (!rawSelector && requirements.length === 0)
    errors.push(required(`${path}.requirements`, `when ${path} is specified, requirements or rawSelector is required`));
  requirements.forEach((one, i) => errors.push(...checkRequirement(one, `${path}.requirements[${i}]`)));
  return errors;
}

const checkSelectors = ({ resourceAttributes: { fieldSelector, labelSelector } = {} }: Spec): FieldError[] => [
  ...checkSelector(fieldSelector, 'spec.resourceAttributes.fieldSelector', checkFieldRequirement),
  ...checkSelector(labelSelector, 'spec.resourceAttributes.labelSelector', checkLabelRequirement),
];

/** Questions have no name: nobody keeps them. */
function checkMetadata({ metadata }: UntypedObject, allowed: readonly string[], must: string): FieldError[] {
  const shown = Object.entries(metadata).filter(([field, value]) => field !== 'managedFields' && value !== undefined);
  return shown.every(([field]) => allowed.includes(field))
    ? []
    : [invalid('metadata', Object.fromEntries(shown), must)];
}

function checkAttributes({ resourceAttributes, nonResourceAttributes }: Spec): FieldError[] {
  if (resourceAttributes && nonResourceAttributes)
    return [
      invalid(
        'spec.nonResourceAttributes',
        nonResourceAttributes,
        'cannot be specified in combination with resourceAttributes',
      ),
    ];
  if (resourceAttributes || nonResourceAttributes) return [];
  return [
    invalid(
      'spec.resourceAttributes',
      null,
      'exactly one of nonResourceAttributes or resourceAttributes must be specified',
    ),
  ];
}

const checkSubject = ({ user, groups }: Spec): FieldError[] =>
  user || groups?.length ? [] : [invalid('spec.user', user ?? '', 'at least one of user or group must be specified')];

/** What the authorizer says, with its reasons. */
function decide(authorizer: Authorizer, user: UserInfo, spec: Spec): Decision {
  const { resourceAttributes: resource, nonResourceAttributes } = spec;
  if (!resource) {
    const { path = '', verb = '' } = nonResourceAttributes ?? {};
    const decision = authorizer.authorizePath(user, verb, path);
    return decision.allowed ? { allowed: true, reason: authorizer.reasonPath?.(user, verb, path) } : decision;
  }
  const attributes: Attributes = {
    user,
    verb: resource.verb ?? '',
    group: resource.group ?? '',
    resource: resource.resource ?? '',
    subresource: resource.subresource,
    namespace: resource.namespace,
    name: resource.name,
  };
  const decision = authorizer.authorize(attributes);
  return decision.allowed ? { allowed: true, reason: authorizer.reason?.(attributes) } : decision;
}

function answered(authorizer: Authorizer, question: UntypedObject, user: UserInfo): UntypedObject {
  const { allowed, reason } = decide(authorizer, user, specOf(question));
  return { ...question, status: { allowed, ...(reason ? { reason } : {}) } } as UntypedObject;
}

const subject = ({ user = '', uid, groups = [], extra }: Spec): UserInfo => ({
  username: user,
  ...(uid ? { uid } : {}),
  groups,
  ...(extra ? { extra } : {}),
});

/** SelfSubjectAccessReview */
export const selfSubjectAccess =
  (authorizer: Authorizer): Review =>
  (question, user) => {
    const spec = specOf(question);
    const errors = [...checkAttributes(spec), ...checkSelectors(spec), ...checkMetadata(question, [], 'must be empty')];
    if (errors.length > 0) throw malformed(GROUP, errors);
    return answered(authorizer, question, user);
  };

/** SubjectAccessReview */
export const subjectAccess =
  (authorizer: Authorizer): Review =>
  (question) => {
    const spec = specOf(question);
    const errors = [
      ...checkAttributes(spec),
      ...checkSelectors(spec),
      ...checkSubject(spec),
      ...checkMetadata(question, [], 'must be empty'),
    ];
    if (errors.length > 0) throw malformed(GROUP, errors);
    return answered(authorizer, question, subject(spec));
  };

/** LocalSubjectAccessReview: about resources of the namespace that it is asked in. */
export const localSubjectAccess =
  (authorizer: Authorizer): Review =>
  (question) => {
    const spec = specOf(question);
    const errors = [
      ...checkAttributes(spec),
      ...checkSelectors(spec),
      ...checkSubject(spec),
      ...checkMetadata(question, ['namespace'], 'must be empty except for namespace'),
    ];
    const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
    if (resource && resource.namespace !== question.metadata.namespace)
      errors.push(
        invalid('spec.resourceAttributes.namespace', resource.namespace ?? '', 'must match metadata.namespace'),
      );
    if (path) errors.push(invalid('spec.nonResourceAttributes', path, 'disallowed on this kind of request'));
    if (errors.length > 0) throw malformed(GROUP, errors);
    return answered(authorizer, question, subject(spec));
  };
