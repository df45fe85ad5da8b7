import type { FlowSchema } from '../../api/types.ts';
import type { UserInfo } from '../request.ts';

type Rule = NonNullable<FlowSchema['spec']['rules']>[number];
type Subject = Rule['subjects'][number];

/** What flow schemas look at: who asks for what. */
export interface RequestDigest {
  readonly user: UserInfo;
  readonly verb: string;
  /** Absent for paths that are no resources. */
  readonly resource?: {
    readonly group: string;
    /** `pods`, `pods/log` */
    readonly resource: string;
    readonly namespace?: string | undefined;
  };
  readonly path: string;
}

const ALL = '*';
const SERVICE_ACCOUNT = 'system:serviceaccount:';

const names = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes(ALL) || list.includes(value));

function isSubject({ user, group, serviceAccount }: Subject, { username, groups }: UserInfo): boolean {
  if (user) return user.name === ALL || user.name === username;
  if (group) return group.name === ALL || groups.includes(group.name);
  if (!serviceAccount) return false;
  const prefix = `${SERVICE_ACCOUNT}${serviceAccount.namespace}:`;
  return serviceAccount.name === ALL ? username.startsWith(prefix) : username === `${prefix}${serviceAccount.name}`;
}

const coversPath = (patterns: readonly string[], path: string): boolean =>
  patterns.some(
    (pattern) =>
      pattern === ALL || pattern === path || (pattern.endsWith('/*') && path.startsWith(pattern.slice(0, -1))),
  );

function covers({ resourceRules = [], nonResourceRules = [] }: Rule, { verb, resource, path }: RequestDigest): boolean {
  if (!resource)
    return nonResourceRules.some(
      ({ verbs, nonResourceURLs }) => names(verbs, verb) && coversPath(nonResourceURLs, path),
    );
  const { group, namespace } = resource;
  return resourceRules.some(
    (rule) =>
      names(rule.verbs, verb) &&
      names(rule.resources, resource.resource) &&
      names(rule.apiGroups, group) &&
      (namespace ? names(rule.namespaces, namespace) : rule.clusterScope === true),
  );
}

/** Whether a flow schema is about a request. */
export const matches = ({ spec }: FlowSchema, digest: RequestDigest): boolean =>
  (spec.rules ?? []).some(
    (rule) => rule.subjects.some((subject) => isSubject(subject, digest.user)) && covers(rule, digest),
  );

/** Flow schemas in the order in which they are asked: the lowest precedence first, then by name. */
export const byPrecedence = (a: FlowSchema, b: FlowSchema): number =>
  (a.spec.matchingPrecedence ?? 0) - (b.spec.matchingPrecedence ?? 0) || (a.metadata.name < b.metadata.name ? -1 : 1);

/** What tells the flows of one schema apart: the user, the namespace, or nothing. */
export function distinguisher({ spec }: FlowSchema, { user, resource }: RequestDigest): string {
  switch (spec.distinguisherMethod?.type) {
    case 'ByUser':
      return user.username;
    case 'ByNamespace':
      return resource?.namespace ?? '';
    default:
      return '';
  }
}
