import { badRequest } from '../api/errors.ts';
import { refusal, type Attributes, type Authorizer } from './authorization/authorization.ts';
import type { HttpRequest, UserInfo } from './request.ts';

const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';
const ANONYMOUS_NAME = 'system:anonymous';
const EXTRA_HEADER = 'impersonate-extra-';
const AUTHENTICATION_GROUP = 'authentication.k8s.io';

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

const values = (header: string | undefined): string[] =>
  (header ?? '')
    .split(',')
    .map((value) => value.trim())
    .filter(Boolean);

interface Wanted {
  readonly username: string;
  readonly groups: readonly string[];
  readonly uid: string | undefined;
  readonly extra: readonly (readonly [key: string, values: readonly string[]])[];
}

function wantedOf(headers: HttpRequest['headers']): Wanted | undefined {
  const username = headers['impersonate-user'] ?? '';
  const groups = values(headers['impersonate-group']);
  const uid = headers['impersonate-uid'] || undefined;
  const extra: [string, string[]][] = [];
  for (const name in headers)
    if (name.startsWith(EXTRA_HEADER))
      extra.push([decodeURIComponent(name.slice(EXTRA_HEADER.length)), values(headers[name])]);
  if (username) return { username, groups, uid, extra };
  if (groups.length > 0 || uid || extra.length > 0)
    throw badRequest(`requested ${JSON.stringify({ groups, uid: uid ?? '', extra })} without impersonating a user`);
  return undefined;
}

/** Everything that has to be allowed before someone is taken for someone else. */
function questions(user: UserInfo, { username, groups, uid, extra }: Wanted): Attributes[] {
  const [, namespace, name] = SERVICE_ACCOUNT.exec(username) ?? [];
  const base = { user, verb: 'impersonate' };
  return [
    namespace !== undefined
      ? { ...base, group: '', resource: 'serviceaccounts', namespace, name }
      : { ...base, group: '', resource: 'users', name: username },
    ...groups.map((group) => ({ ...base, group: '', resource: 'groups', name: group })),
    ...extra.flatMap(([key, list]) =>
      list.map((value) => ({
        ...base,
        group: AUTHENTICATION_GROUP,
        resource: 'userextras',
        subresource: key,
        name: value,
      })),
    ),
    ...(uid ? [{ ...base, group: AUTHENTICATION_GROUP, resource: 'uids', name: uid }] : []),
  ];
}

/** The groups that one has without being put in them. */
function impliedGroups({ username, groups }: Wanted): readonly string[] {
  if (username === ANONYMOUS_NAME)
    return groups.some((group) => group === AUTHENTICATED || group === UNAUTHENTICATED)
      ? groups
      : [...groups, UNAUTHENTICATED];
  const [, namespace] = SERVICE_ACCOUNT.exec(username) ?? [];
  const all =
    namespace !== undefined && groups.length === 0
      ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
      : groups;
  return all.some((group) => group === AUTHENTICATED || group === UNAUTHENTICATED) ? all : [...all, AUTHENTICATED];
}

/** The stage between authentication and authorization: who the Impersonate headers say one is, if one may be that. */
export function impersonate(headers: HttpRequest['headers'], user: UserInfo, authorizer: Authorizer): UserInfo {
  const wanted = wantedOf(headers);
  if (!wanted) return user;
  for (const question of questions(user, wanted)) {
    const decision = authorizer.authorize(question);
    if (!decision.allowed) throw refusal(question, question.name, decision.reason);
  }
  const { username, uid, extra } = wanted;
  return {
    username,
    ...(uid ? { uid } : {}),
    groups: impliedGroups(wanted),
    ...(extra.length > 0 ? { extra: Object.fromEntries(extra) } : {}),
  };
}
