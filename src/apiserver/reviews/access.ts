import type { FieldError } from '../../api/kind.ts';
import { invalid } from '../../api/field-error.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { Attributes, Authorizer, Decision } from '../authorization/authorization.ts';
import type { UserInfo } from '../request.ts';
import { malformed, type Review } from './review.ts';

const GROUP = 'authorization.k8s.io';

interface ResourceAttributes {
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
    const errors = checkAttributes(specOf(question));
    if (errors.length > 0) throw malformed(GROUP, errors);
    return answered(authorizer, question, user);
  };

/** SubjectAccessReview */
export const subjectAccess =
  (authorizer: Authorizer): Review =>
  (question) => {
    const spec = specOf(question);
    const errors = [...checkAttributes(spec), ...checkSubject(spec)];
    if (errors.length > 0) throw malformed(GROUP, errors);
    return answered(authorizer, question, subject(spec));
  };

/** LocalSubjectAccessReview: about resources of the namespace that it is asked in. */
export const localSubjectAccess =
  (authorizer: Authorizer): Review =>
  (question) => {
    const spec = specOf(question);
    const errors = [...checkAttributes(spec), ...checkSubject(spec)];
    const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
    if (path) errors.push(invalid('spec.nonResourceAttributes', path, 'disallowed on this kind of request'));
    if (resource && resource.namespace !== question.metadata.namespace)
      errors.push(
        invalid('spec.resourceAttributes.namespace', resource.namespace ?? '', 'must match metadata.namespace'),
      );
    if (errors.length > 0) throw malformed(GROUP, errors);
    return answered(authorizer, question, subject(spec));
  };
