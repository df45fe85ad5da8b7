/** Acting as someone else: the Impersonate headers, and who may use them for what (KEP-5284). */
import { badRequest } from '../api/errors.ts';
import { quote } from '../api/field-error.ts';
import { checkDnsSubdomain } from '../api/names.ts';
import { ApiError } from '../api/status.ts';
import { pathRefusal, refusal, type Attributes, type Authorizer } from './authorization/authorization.ts';
import type { HttpRequest, UserInfo } from './request.ts';

const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';
const ANONYMOUS_NAME = 'system:anonymous';
const MASTERS = 'system:masters';
const NODES = 'system:nodes';
const NODE_PREFIX = 'system:node:';
const NODE_NAME_KEY = 'authentication.kubernetes.io/node-name';
const NODE_KEYS = 'authentication.kubernetes.io/associated-node-keys';
const EXTRA_HEADER = 'impersonate-extra-';
const AUTHENTICATION_GROUP = 'authentication.k8s.io';
/** From so many groups or extra values on, whether all are allowed is asked before each one. */
const MANY = 4;

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

const values = (header: string | undefined): string[] =>
  (header ?? '')
    .split(',')
    .map((value) => value.trim())
    .filter(Boolean);

type Extra = readonly (readonly [key: string, values: readonly string[]])[];

interface Wanted {
  readonly username: string;
  readonly groups: readonly string[];
  readonly uid: string | undefined;
  readonly extra: Extra;
}

/** A request for a path that is no resource. */
interface PathPurpose {
  readonly verb: string;
  readonly path: string;
}

/** What someone acts as someone else for. */
export type Purpose = Omit<Attributes, 'user'> | PathPurpose;

const goStrings = (list: readonly string[]): string =>
  list.length === 0 ? '[]string(nil)' : `[]string{${list.map(quote).join(', ')}}`;

/** What is wanted, as Go prints it. */
function goUser({ username, groups, uid, extra }: Wanted): string {
  const pairs = extra.map(([key, list]) => `${quote(key)}:${goStrings(list)}`);
  const map = pairs.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${pairs.join(', ')}}`;
  return `&user.DefaultInfo{Name:${quote(username)}, UID:${quote(uid ?? '')}, Groups:${goStrings(groups)}, Extra:${map}}`;
}

function wantedOf(headers: HttpRequest['headers']): Wanted | undefined {
  const username = headers['impersonate-user'] ?? '';
  const groups = values(headers['impersonate-group']);
  const uid = headers['impersonate-uid'] || undefined;
  const extra: [string, string[]][] = [];
  for (const name in headers)
    if (name.startsWith(EXTRA_HEADER))
      extra.push([decodeURIComponent(name.slice(EXTRA_HEADER.length)), values(headers[name])]);
  const wanted = { username, groups, uid, extra };
  if (username) return wanted;
  if (groups.length > 0 || uid || extra.length > 0)
    throw badRequest(`requested ${goUser(wanted)} without impersonating a user name`);
  return undefined;
}

const nodeOf = (username: string): string | undefined => {
  if (!username.startsWith(NODE_PREFIX)) return undefined;
  const name = username.slice(NODE_PREFIX.length);
  return checkDnsSubdomain(name).length === 0 ? name : undefined;
};

const isPlain = ({ groups, uid, extra }: Wanted): boolean => groups.length === 0 && !uid && extra.length === 0;

/** One way of acting as someone else, with verbs of its own. */
interface Mode {
  /** The verb on who is impersonated. */
  readonly verb: string;
  /** Begins the verb on what it is done for; without it, everything. */
  readonly on?: string;
  applies(wanted: Wanted, caller: UserInfo): boolean;
  /** Who authorization is asked about. */
  readonly asker?: (caller: UserInfo) => UserInfo;
  /** Whether it must be allowed for every node. */
  readonly anyNode?: true;
}

/** A mode that allows one way of acting, for some requests only. */
const constrained = (name: string, applies: Mode['applies'], rest: Partial<Mode> = {}): Mode => ({
  verb: `impersonate:${name}`,
  on: `impersonate-on:${name}:`,
  applies,
  ...rest,
});

const isOwnNode = ({ username }: Wanted, caller: UserInfo): boolean => {
  const node = nodeOf(username);
  const [own, ...others] = caller.extra?.[NODE_NAME_KEY] ?? [];
  return node !== undefined && others.length === 0 && own === node && SERVICE_ACCOUNT.test(caller.username);
};

/** From the narrowest on: the first that allows it decides. */
const MODES: readonly Mode[] = [
  constrained('associated-node', (wanted, caller) => isPlain(wanted) && isOwnNode(wanted, caller), {
    asker: (caller) => ({ ...caller, extra: { [NODE_KEYS]: Object.keys(caller.extra ?? {}).sort() } }),
    anyNode: true,
  }),
  constrained('arbitrary-node', (wanted) => isPlain(wanted) && nodeOf(wanted.username) !== undefined),
  constrained('serviceaccount', (wanted) => isPlain(wanted) && SERVICE_ACCOUNT.test(wanted.username)),
  constrained('user-info', ({ username }) => nodeOf(username) === undefined && !SERVICE_ACCOUNT.test(username)),
  { verb: 'impersonate', applies: () => true },
];

/** What has to be allowed, question by question; throws the refusal of the first that is not. */
class Questions {
  readonly #authorizer: Authorizer;
  readonly #mode: Mode;
  readonly #user: UserInfo;

  constructor(authorizer: Authorizer, mode: Mode, caller: UserInfo) {
    this.#authorizer = authorizer;
    this.#mode = mode;
    this.#user = mode.asker?.(caller) ?? caller;
  }

  ask(wanted: Wanted, purpose: Purpose): void {
    if (this.#mode.on !== undefined) this.#purpose(`${this.#mode.on}${purpose.verb}`, purpose);
    this.#username(wanted);
    if (wanted.uid) this.#confirm({ ...this.#about('uids', wanted.uid), group: AUTHENTICATION_GROUP });
    this.#groups(wanted.groups);
    this.#extra(wanted.extra);
  }

  #about(resource: string, name: string): Attributes {
    const group = this.#mode.on === undefined ? '' : AUTHENTICATION_GROUP;
    return { user: this.#user, verb: this.#mode.verb, group, resource, name };
  }

  #may(question: Attributes): boolean {
    return this.#authorizer.authorize(question).allowed;
  }

  #confirm(question: Attributes): void {
    const decision = this.#authorizer.authorize(question);
    if (!decision.allowed) throw refusal(question, question.name, decision.reason);
  }

  #purpose(verb: string, purpose: Purpose): void {
    if (!('path' in purpose)) return this.#confirm({ ...purpose, user: this.#user, verb });
    const decision = this.#authorizer.authorizePath(this.#user, verb, purpose.path);
    if (!decision.allowed) throw pathRefusal(this.#user, verb, purpose.path, decision.reason);
  }

  #username({ username }: Wanted): void {
    const [, namespace, name] = SERVICE_ACCOUNT.exec(username) ?? [];
    const node = this.#mode.on === undefined ? undefined : nodeOf(username);
    if (namespace !== undefined) this.#confirm({ ...this.#about('serviceaccounts', name!), namespace });
    else if (node !== undefined) this.#confirm(this.#about('nodes', this.#mode.anyNode ? '*' : node));
    else this.#confirm(this.#about('users', username));
  }

  #groups(groups: readonly string[]): void {
    if (this.#mode.on !== undefined && groups.includes(MASTERS)) {
      const question = this.#about('groups', MASTERS);
      throw refusal(question, MASTERS, `impersonating the ${MASTERS} group is not allowed`);
    }
    if (this.#mode.on !== undefined && groups.length >= MANY && this.#may(this.#about('groups', '*'))) return;
    for (const group of groups) this.#confirm(this.#about('groups', group));
  }

  #extra(extra: Extra): void {
    const about = (subresource: string, name: string): Attributes => ({
      ...this.#about('userextras', name),
      group: AUTHENTICATION_GROUP,
      subresource,
    });
    const count = extra.reduce((sum, [, list]) => sum + list.length, 0);
    if (this.#mode.on !== undefined && count >= MANY && this.#may(about('*', '*'))) return;
    for (const [key, list] of extra) for (const value of list) this.#confirm(about(key, value));
  }
}

/** The groups that one has without being put in them. */
function impliedGroups({ username, groups }: Wanted, isConstrained: boolean): readonly string[] {
  const withGroup = (list: readonly string[], group: string): readonly string[] =>
    list.includes(group) ? list : [...list, group];
  if (username === ANONYMOUS_NAME) return withGroup(groups, UNAUTHENTICATED);
  const [, namespace] = SERVICE_ACCOUNT.exec(username) ?? [];
  let all = groups;
  if (namespace !== undefined && groups.length === 0)
    all = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  else if (isConstrained && nodeOf(username) !== undefined) all = [NODES];
  return all.includes(UNAUTHENTICATED) ? all : withGroup(all, AUTHENTICATED);
}

/** So many users are remembered by the way in which they acted as others. */
const REMEMBERED = 10_000;

/**
 * The stage between authentication and authorization: who the Impersonate headers say one is, if one may be that, for
 * what is asked. The way that was good for a user before is tried first; of several refusals the first is told.
 */
export class Impersonation {
  readonly #authorizer: Authorizer;
  readonly #last = new Map<string, Mode>();

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  /** The user as whom a caller's request is to be answered. Throws ApiError when they may not act so. */
  userOf(headers: HttpRequest['headers'], caller: UserInfo, purpose: () => Purpose): UserInfo {
    const wanted = wantedOf(headers);
    if (!wanted) return caller;
    const { username, uid, extra } = wanted;
    const asked = purpose();
    let first: ApiError | undefined;
    for (const mode of this.#modes(caller.username)) {
      if (!mode.applies(wanted, caller)) continue;
      try {
        new Questions(this.#authorizer, mode, caller).ask(wanted, asked);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        first ??= error;
        continue;
      }
      this.#remember(caller.username, mode);
      return {
        username,
        ...(uid ? { uid } : {}),
        groups: impliedGroups(wanted, mode.on !== undefined),
        ...(extra.length > 0 ? { extra: Object.fromEntries(extra) } : {}),
      };
    }
    throw first!;
  }

  #modes(username: string): readonly Mode[] {
    const last = this.#last.get(username);
    return last ? [last, ...MODES.filter((mode) => mode !== last)] : MODES;
  }

  #remember(username: string, mode: Mode): void {
    if (this.#last.size >= REMEMBERED) this.#last.delete(this.#last.keys().next().value!);
    this.#last.set(username, mode);
  }
}
