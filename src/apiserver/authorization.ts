import { ApiError } from '../api/status.ts';
import { quote } from '../api/field-error.ts';
import { forbidden } from '../api/errors.ts';
import type { ApiRequest, UserInfo } from './request.ts';

export type Decision =
  { readonly allowed: true; readonly reason?: string } | { readonly allowed: false; readonly reason?: string };

/** Decides who may do what (authorizer.Authorizer). */
export interface Authorizer {
  authorize(request: ApiRequest): Decision;
  /** A request for a path that is no resource: /version, /metrics. `verb` is the HTTP method in lower case. */
  authorizePath(user: UserInfo, verb: string, path: string): Decision;
}

/** --authorization-mode=AlwaysAllow */
export const allowAll: Authorizer = {
  authorize: () => ({ allowed: true }),
  authorizePath: () => ({ allowed: true }),
};

/** The second stage of the request path: throws Forbidden in the API's words when the authorizer says no. */
export function authorize(authorizer: Authorizer, request: ApiRequest): void {
  const decision = authorizer.authorize(request);
  if (decision.allowed) return;
  const { group, namespace } = request;
  const resource = request.subresource ? `${request.resource}/${request.subresource}` : request.resource;
  const scope = namespace ? `in the namespace ${quote(namespace)}` : 'at the cluster scope';
  const message =
    `User ${quote(request.user.username)} cannot ${request.verb} resource ${quote(resource)} ` +
    `in API group ${quote(group)} ${scope}${decision.reason ? `: ${decision.reason}` : ''}`;
  const name = request.verb === 'create' && !request.subresource ? '' : (request.name ?? '');
  throw forbidden({ group, resource: request.resource }, name, message);
}

export function authorizePath(authorizer: Authorizer, user: UserInfo, verb: string, path: string): void {
  const decision = authorizer.authorizePath(user, verb, path);
  if (decision.allowed) return;
  const message = `forbidden: User ${quote(user.username)} cannot ${verb} path ${quote(path)}`;
  throw new ApiError(403, 'Forbidden', decision.reason ? `${message}: ${decision.reason}` : message, {});
}
