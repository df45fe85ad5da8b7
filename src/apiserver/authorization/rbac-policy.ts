import { notFound } from '../../api/errors.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from '../../api/types.ts';
import type { UserInfo } from '../request.ts';
import type { AppliedBinding } from './rbac-reason.ts';
import { coversResource } from './rule-matching.ts';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** Where the policy reads roles and bindings. */
interface PolicySource {
  get(group: string, resource: string, namespace: string | undefined, name: string): UntypedObject | undefined;
  list(group: string, resource: string, namespace: string | undefined): readonly UntypedObject[];
}

/** What bindings at one place, the cluster or a namespace, give to a user. */
export interface Grant {
  readonly rules: readonly PolicyRule[];
  /** Roles that are bound and not there. */
  readonly errors: readonly string[];
  /** Names of the objects on which a verb is allowed, by verb and then resource: all, or only some. */
  readonly names: Map<string, Map<string, 'all' | ReadonlySet<string>>>;
}

interface Rights {
  cluster?: Grant;
  readonly byNamespace: Map<string, Grant>;
}

function applies(subject: Subject, { username, groups }: UserInfo, namespace: string): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === username;
    case 'Group':
      return groups.includes(subject.name);
    case 'ServiceAccount':
      return username === `system:serviceaccount:${subject.namespace || namespace}:${subject.name}`;
    default:
      return false;
  }
}

/** Who is given what by the roles and bindings that there are; remembered by user until one of them changes. */
export class RbacPolicy {
  readonly #source: PolicySource;
  #rights = new WeakMap<UserInfo, Rights>();

  constructor(source: PolicySource) {
    this.#source = source;
  }

  /** A role or a binding has changed. */
  forget(): void {
    this.#rights = new WeakMap();
  }

  /** What the ClusterRoleBindings give to a user. */
  clusterGrant(user: UserInfo): Grant {
    const rights = this.#rightsOf(user);
    return (rights.cluster ??= this.#grant('clusterrolebindings', user, ''));
  }

  /** What the RoleBindings of a namespace give to a user there. */
  namespaceGrant(user: UserInfo, namespace: string): Grant {
    const { byNamespace } = this.#rightsOf(user);
    let grant = byNamespace.get(namespace);
    if (!grant) byNamespace.set(namespace, (grant = this.#grant('rolebindings', user, namespace)));
    return grant;
  }

  /** All rules that a user has in a namespace, or without one in the cluster. */
  rulesFor(user: UserInfo, namespace: string): { rules: readonly PolicyRule[]; errors: readonly string[] } {
    const cluster = this.clusterGrant(user);
    if (!namespace) return cluster;
    const here = this.namespaceGrant(user, namespace);
    return { rules: [...cluster.rules, ...here.rules], errors: [...cluster.errors, ...here.errors] };
  }

  /** The bindings that give something to a user, of the cluster and of a namespace, in the order in which they count. */
  *bindings(user: UserInfo, namespace: string): Generator<AppliedBinding> {
    for (const object of this.#source.list(RBAC_GROUP, 'clusterrolebindings', undefined))
      yield* this.#applied('ClusterRoleBinding', object as unknown as ClusterRoleBinding, user, '');
    if (!namespace) return;
    for (const object of this.#source.list(RBAC_GROUP, 'rolebindings', namespace))
      yield* this.#applied('RoleBinding', object as unknown as RoleBinding, user, namespace);
  }

  *#applied(
    kind: AppliedBinding['kind'],
    binding: RoleBinding | ClusterRoleBinding,
    user: UserInfo,
    namespace: string,
  ): Generator<AppliedBinding> {
    const subject = binding.subjects?.find((one) => applies(one, user, namespace));
    if (subject) yield { kind, binding, subject, rules: this.rulesOf(binding.roleRef, namespace) ?? [] };
  }

  /** The rules of the role that a binding names; undefined where there is no such role. */
  rulesOf({ kind, name }: RoleBinding['roleRef'], namespace: string): readonly PolicyRule[] | undefined {
    const role =
      kind === 'ClusterRole'
        ? this.#source.get(RBAC_GROUP, 'clusterroles', undefined, name)
        : this.#source.get(RBAC_GROUP, 'roles', namespace, name);
    return role && ((role as unknown as Role).rules ?? []);
  }

  #rightsOf(user: UserInfo): Rights {
    let rights = this.#rights.get(user);
    if (!rights) this.#rights.set(user, (rights = { byNamespace: new Map() }));
    return rights;
  }

  #grant(resource: string, user: UserInfo, namespace: string): Grant {
    const rules: PolicyRule[] = [];
    const errors: string[] = [];
    for (const object of this.#source.list(RBAC_GROUP, resource, namespace || undefined)) {
      const { subjects, roleRef } = object as unknown as RoleBinding | ClusterRoleBinding;
      if (!subjects?.some((subject) => applies(subject, user, namespace))) continue;
      const given = this.rulesOf(roleRef, namespace);
      if (given) rules.push(...given);
      else errors.push(notFound({ group: RBAC_GROUP, resource: roleRef.kind.toLowerCase() }, roleRef.name).message);
    }
    return { rules, errors, names: new Map() };
  }
}

const NOBODY: ReadonlySet<string> = new Set();

/** On which objects of a resource a grant allows a verb. */
export function allowedNames(grant: Grant, verb: string, group: string, resource: string): 'all' | ReadonlySet<string> {
  let byResource = grant.names.get(verb);
  if (!byResource) grant.names.set(verb, (byResource = new Map()));
  const key = group === '' ? resource : `${resource}.${group}`;
  let names = byResource.get(key);
  if (names === undefined) {
    const matching = grant.rules.filter((rule) => coversResource(rule, verb, group, resource));
    if (matching.length === 0) names = NOBODY;
    else if (matching.some(({ resourceNames }) => !resourceNames?.length)) names = 'all';
    else names = new Set(matching.flatMap(({ resourceNames = [] }) => resourceNames));
    byResource.set(key, names);
  }
  return names;
}
