import { alignTable } from '../../print/table.ts';
import type { Session } from '../../session.ts';
import { byText, list, strings, text, type Obj } from '../../value.ts';

/** One resource of one group, or one path, with what may be done to it. */
interface Access {
  readonly group: string;
  readonly resource: string;
  readonly url: string;
  readonly name: string;
  readonly verbs: readonly string[];
}

const resourceAccesses = (rule: Obj): Access[] =>
  strings(rule, 'apiGroups').flatMap((group) =>
    strings(rule, 'resources').flatMap((resource) => {
      const names = strings(rule, 'resourceNames');
      return (names.length > 0 ? names : ['']).map((name) => ({
        group,
        resource,
        url: '',
        name,
        verbs: strings(rule, 'verbs'),
      }));
    }),
  );

const pathAccesses = (rule: Obj): Access[] =>
  strings(rule, 'nonResourceURLs').flatMap((url) =>
    strings(rule, 'verbs').map((verb) => ({ group: '', resource: '', url, name: '', verbs: [verb] })),
  );

/** The accesses to one resource or object gathered into one; paths stay as they are. */
const gathered = (accesses: readonly Access[]): Access[] => {
  const byTarget = new Map<string, Access>();
  for (const access of accesses) {
    const key = JSON.stringify([access.group, access.resource, access.name]);
    const known = byTarget.get(key);
    byTarget.set(key, known ? { ...known, verbs: [...new Set([...known.verbs, ...access.verbs])] } : access);
  }
  return [...byTarget.values()];
};

const bracketed = (items: readonly string[]): string => `[${items.filter(Boolean).join(' ')}]`;

/** kubectl sorts rules by their text. */
const sortKey = ({ verbs, group, resource, name, url }: Access): string =>
  `Verbs:${bracketed(verbs)},APIGroups:${bracketed([group])},Resources:${bracketed([resource])},` +
  `ResourceNames:${bracketed([name])},NonResourceURLs:${bracketed([url])},`;

/** `deployments.apps/scale` */
const combined = ({ resource, group }: Access): string => {
  const [name = '', ...sub] = resource.split('/');
  return [group ? `${name}.${group}` : name, ...sub].join('/');
};

/** kubectl auth can-i --list: all that one may do in the namespace. */
export const listRules = (session: Session): void => {
  const { io, rest, flags } = session;
  const answer = rest.post('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
    kind: 'SelfSubjectRulesReview',
    apiVersion: 'authorization.k8s.io/v1',
    spec: { namespace: session.namespace },
  });
  if (text(answer, 'status', 'incomplete') === 'true')
    io.stderr(`warning: the list may be incomplete: ${text(answer, 'status', 'evaluationError')}\n`);
  const accesses = [
    ...gathered(list(answer, 'status', 'resourceRules').flatMap(resourceAccesses)),
    ...list(answer, 'status', 'nonResourceRules').flatMap(pathAccesses),
  ].sort((a, b) => byText(sortKey(a), sortKey(b)));
  const header = flags.bool('no-headers') ? '' : 'Resources\tNon-Resource URLs\tResource Names\tVerbs\n';
  const rows = accesses.map(
    (access) =>
      `${combined(access)}\t${bracketed([access.url])}\t${bracketed([access.name])}\t${bracketed(access.verbs)}\n`,
  );
  io.stdout(alignTable(header + rows.join('')));
};
