import { methodNotAllowed } from '../../api/errors.ts';
import type { RequestDigest } from '../flow-control/flow-match.ts';
import type { PathRequest } from '../observers.ts';
import type { ApiRequest, HttpRequest, UserInfo, Verb } from '../request.ts';
import type { ResourcePath } from './path.ts';

/** What a method asks for at a path. Throws MethodNotAllowed where it asks for nothing. */
export function verbOf(method: string, { name, watching }: ResourcePath, options: { readonly watch: boolean }): Verb {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (options.watch || watching) return 'watch';
      return name === undefined ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      if (name !== undefined) return 'update';
      break;
    case 'PATCH':
      if (name !== undefined) return 'patch';
      break;
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
  }
  throw methodNotAllowed();
}

/** Whether a query asks for a watch. */
export function isWatch(query: URLSearchParams): boolean {
  const watch = query.get('watch');
  return watch !== null && watch !== 'false' && watch !== '0';
}

/** The verb of a request that may be refused for it. */
function verbAsked(method: string, place: ResourcePath, query: URLSearchParams): Verb {
  if (method === 'PUT') return 'update';
  if (method === 'PATCH') return 'patch';
  return method === 'GET' || method === 'HEAD' || method === 'POST' || method === 'DELETE'
    ? verbOf(method, place, { watch: isWatch(query) })
    : 'get';
}

/** What flow schemas look at. */
export function digestOf(
  { method }: HttpRequest,
  path: string,
  place: ResourcePath | undefined,
  query: URLSearchParams,
  user: UserInfo,
): RequestDigest {
  if (!place) return { user, verb: method.toLowerCase(), path };
  const { group, subresource, namespace } = place;
  const resource = subresource ? `${place.resource}/${subresource}` : place.resource;
  return { user, verb: verbAsked(method, place, query), path, resource: { group, resource, namespace } };
}

/** A request for a resource as far as its first line and its headers tell, for those who look on. */
export const resourceRequest = (
  { method, url, headers }: HttpRequest,
  place: ResourcePath,
  query: URLSearchParams,
  user: UserInfo,
  caller: UserInfo,
  auditId: string,
): ApiRequest => {
  const { group, version, resource, subresource, namespace, name } = place;
  const { 'user-agent': userAgent = '' } = headers;
  return {
    verb: verbAsked(method, place, query),
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
    user,
    userAgent: (userAgent || 'unknown').split('/')[0]!,
    options: {},
    origin: { url, userAgent, auditId, ...(caller === user ? {} : { impersonator: caller }) },
  };
};

/** The same for a path that is no resource. */
export const pathRequest = (
  { method, url, headers }: HttpRequest,
  path: string,
  user: UserInfo,
  caller: UserInfo,
  auditId: string,
): PathRequest => ({
  user,
  ...(caller === user ? {} : { impersonator: caller }),
  verb: method.toLowerCase(),
  path,
  url,
  userAgent: headers['user-agent'] ?? '',
  auditId,
});
