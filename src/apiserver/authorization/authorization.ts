import { ApiError } from '../../api/status.ts';
import { quote } from '../../api/field-error.ts';
import { forbidden } from '../../api/errors.ts';
import type { ApiRequest, UserInfo } from '../request.ts';

export type Decision =
  { readonly allowed: true; readonly reason?: string } | { readonly allowed: false; readonly reason?: string };

/** What is asked of an authorizer: a request, or a question about one; verbs may be any word. */
export interface Attributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** What a read of many is limited to, as it was written. */
  readonly fieldSelector?: string | undefined;
}

/** Decides who may do what (authorizer.Authorizer). */
export interface Authorizer {
  authorize(attributes: Attributes): Decision;
  /** A request for a path that is no resource: /version, /metrics. `verb` is the HTTP method in lower case. */
  authorizePath(user: UserInfo, verb: string, path: string): Decision;
  /** Why something is allowed that is: asked for reviews and the audit log only. */
  reason?(attributes: Attributes): string | undefined;
  reasonPath?(user: UserInfo, verb: string, path: string): string | undefined;
}

/** --authorization-mode=AlwaysAllow */
export const allowAll: Authorizer = {
  authorize: () => ({ allowed: true }),
  authorizePath: () => ({ allowed: true }),
};

/** Several authorizers: the first that allows decides. */
export function union(authorizers: readonly Authorizer[]): Authorizer {
  const first = (ask: (authorizer: Authorizer) => Decision): Decision => {
    const reasons: string[] = [];
    for (const authorizer of authorizers) {
      const decision = ask(authorizer);
      if (decision.allowed) return decision;
      if (decision.reason) reasons.push(decision.reason);
    }
    return { allowed: false, ...(reasons.length > 0 ? { reason: reasons.join('\n') } : {}) };
  };
  return {
    authorize: (attributes) => first((authorizer) => authorizer.authorize(attributes)),
    authorizePath: (user, verb, path) => first((authorizer) => authorizer.authorizePath(user, verb, path)),
    reason: (attributes) =>
      authorizers.find((authorizer) => authorizer.authorize(attributes).allowed)?.reason?.(attributes),
    reasonPath: (user, verb, path) =>
      authorizers
        .find((authorizer) => authorizer.authorizePath(user, verb, path).allowed)
        ?.reasonPath?.(user, verb, path),
  };
}

/** The group whose members nothing is refused (system:masters). */
export const SUPERUSERS = 'system:masters';

/** Members of system:masters may do everything, whatever roles there are. */
export const superusers: Authorizer = {
  authorize: ({ user }) => ({ allowed: user.groups.includes(SUPERUSERS) }),
  authorizePath: ({ groups }) => ({ allowed: groups.includes(SUPERUSERS) }),
};

/** A read of many that is limited to one object by its name is a read of that object. */
const selectedName = ({ name, options }: ApiRequest): string | undefined =>
  name ?? /^metadata\.name==?([^,]+)$/.exec(options.fieldSelector ?? '')?.[1];

/** The second stage of the request path: throws Forbidden in the API's words when the authorizer says no. */
export function authorize(authorizer: Authorizer, request: ApiRequest): void {
  const decision = authorizer.authorize(
    request.options.fieldSelector
      ? { ...request, name: selectedName(request), fieldSelector: request.options.fieldSelector }
      : request,
  );
  if (decision.allowed) return;
  throw refusal(request, request.name, decision.reason);
}

/** The Forbidden that tells who cannot do what. */
export function refusal(request: Attributes, named: string | undefined, reason: string | undefined): ApiError {
  const { group, namespace } = request;
  const resource = request.subresource ? `${request.resource}/${request.subresource}` : request.resource;
  const scope = namespace ? `in the namespace ${quote(namespace)}` : 'at the cluster scope';
  const message =
    `User ${quote(request.user.username)} cannot ${request.verb} resource ${quote(resource)} ` +
    `in API group ${quote(group)} ${scope}${reason ? `: ${reason}` : ''}`;
  const name = request.verb === 'create' && !request.subresource ? '' : (named ?? '');
  return forbidden({ group, resource: request.resource }, name, message);
}

export function authorizePath(authorizer: Authorizer, user: UserInfo, verb: string, path: string): void {
  const decision = authorizer.authorizePath(user, verb, path);
  if (!decision.allowed) throw pathRefusal(user, verb, path, decision.reason);
}

/** The same for a path that is no resource. */
export function pathRefusal(user: UserInfo, verb: string, path: string, reason: string | undefined): ApiError {
  const message = `forbidden: User ${quote(user.username)} cannot ${verb} path ${quote(path)}`;
  return new ApiError(403, 'Forbidden', reason ? `${message}: ${reason}` : message, {});
}
