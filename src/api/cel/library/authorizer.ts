/** Asking who may do what (Kubernetes' cel/library/authz.go). */
import { checkDnsLabel, checkDnsSubdomain } from '../../names.ts';
import { member, type Library } from '../functions.ts';
import { BOOL, STRING, type CelType } from '../types.ts';
import { Failure, Opaque, type CelValue, type Result } from '../values.ts';

const named = (name: string): string => `kubernetes.authorization.${name}`;
const typeOf = (name: string): CelType => ({ kind: 'opaque', name: named(name), parameters: [] });

/** The type of the variable `authorizer`. */
export const AUTHORIZER: CelType = typeOf('Authorizer');
/** The type of `authorizer.requestResource`. */
export const RESOURCE_CHECK: CelType = typeOf('ResourceCheck');
const PATH_CHECK = typeOf('PathCheck');
const GROUP_CHECK = typeOf('GroupCheck');
const DECISION = typeOf('Decision');

/** What is asked about. */
export interface AccessQuestion {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** Who answers, for one user; a service account may be asked about, too. */
export interface Authority {
  access(question: AccessQuestion): Answer;
  path(path: string, verb: string): Answer;
  asServiceAccount(namespace: string, name: string): Authority;
}

export interface Answer {
  readonly allowed: boolean;
  readonly reason: string;
}

abstract class Receiver extends Opaque {
  equals(other: CelValue): boolean {
    return other === this;
  }
}

/** The value of the variable `authorizer`. */
export class AuthorizerValue extends Receiver {
  readonly typeName = named('Authorizer');
  readonly authority: Authority;

  constructor(authority: Authority) {
    super();
    this.authority = authority;
  }
}

class PathCheck extends Receiver {
  readonly typeName = named('PathCheck');
  readonly authority: Authority;
  readonly path: string;

  constructor(authority: Authority, path: string) {
    super();
    this.authority = authority;
    this.path = path;
  }
}

class GroupCheck extends Receiver {
  readonly typeName = named('GroupCheck');
  readonly authority: Authority;
  readonly group: string;

  constructor(authority: Authority, group: string) {
    super();
    this.authority = authority;
    this.group = group;
  }
}

/** Access to a resource that can be narrowed before it is checked. */
export class ResourceCheck extends Receiver {
  readonly typeName = named('ResourceCheck');
  readonly authority: Authority;
  readonly question: Omit<AccessQuestion, 'verb'>;

  constructor(authority: Authority, question: Omit<AccessQuestion, 'verb'>) {
    super();
    this.authority = authority;
    this.question = question;
  }

  with(part: Partial<AccessQuestion>): ResourceCheck {
    return new ResourceCheck(this.authority, { ...this.question, ...part });
  }
}

class DecisionValue extends Receiver {
  readonly typeName = named('Decision');
  readonly answer: Answer;

  constructor(answer: Answer) {
    super();
    this.answer = answer;
  }
}

function serviceAccount({ authority }: AuthorizerValue, namespace: string, name: string): Result {
  if (checkDnsSubdomain(name).length > 0) return new Failure('Invalid service account name');
  if (checkDnsLabel(namespace).length > 0) return new Failure('Invalid service account namespace');
  return new AuthorizerValue(authority.asServiceAccount(namespace, name));
}

const resource = ({ authority, group }: GroupCheck, name: string): Result =>
  name.trim() === ''
    ? new Failure('resource must not be empty')
    : new ResourceCheck(authority, { group, resource: name, subresource: '', namespace: '', name: '' });

const narrowing = (id: string, part: 'subresource' | 'namespace' | 'name') =>
  member(id, [RESOURCE_CHECK, STRING], RESOURCE_CHECK, (check: ResourceCheck, value: string) =>
    check.with({ [part]: value }),
  );

/* No authorizer here minds selectors. */
const unminded = (id: string) => member(id, [RESOURCE_CHECK, STRING], RESOURCE_CHECK, (check: ResourceCheck) => check);

export const authorizers: Library = [
  [
    'path',
    member('authorizer_path', [AUTHORIZER, STRING], PATH_CHECK, ({ authority }: AuthorizerValue, path: string) =>
      path.trim() === '' ? new Failure('path must not be empty') : new PathCheck(authority, path),
    ),
  ],
  [
    'group',
    member(
      'authorizer_group',
      [AUTHORIZER, STRING],
      GROUP_CHECK,
      ({ authority }: AuthorizerValue, group: string) => new GroupCheck(authority, group),
    ),
  ],
  ['serviceAccount', member('authorizer_serviceaccount', [AUTHORIZER, STRING, STRING], AUTHORIZER, serviceAccount)],
  ['resource', member('groupcheck_resource', [GROUP_CHECK, STRING], RESOURCE_CHECK, resource)],
  ['subresource', narrowing('resourcecheck_subresource', 'subresource')],
  ['namespace', narrowing('resourcecheck_namespace', 'namespace')],
  ['name', narrowing('resourcecheck_name', 'name')],
  ['fieldSelector', unminded('authorizer_fieldselector')],
  ['labelSelector', unminded('authorizer_labelselector')],
  [
    'check',
    member(
      'pathcheck_check',
      [PATH_CHECK, STRING],
      DECISION,
      ({ authority, path }: PathCheck, verb: string) => new DecisionValue(authority.path(path, verb)),
    ),
    member(
      'resourcecheck_check',
      [RESOURCE_CHECK, STRING],
      DECISION,
      ({ authority, question }: ResourceCheck, verb: string) =>
        new DecisionValue(authority.access({ ...question, verb })),
    ),
  ],
  ['errored', member('decision_errored', [DECISION], BOOL, () => false)],
  ['error', member('decision_error', [DECISION], STRING, () => '')],
  ['allowed', member('decision_allowed', [DECISION], BOOL, ({ answer }: DecisionValue) => answer.allowed)],
  ['reason', member('decision_reason', [DECISION], STRING, ({ answer }: DecisionValue) => answer.reason)],
];
