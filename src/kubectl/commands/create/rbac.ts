import type { Command } from '../../cli/command.ts';
import { pathOf, type Mapping } from '../../discovery.ts';
import { AggregateFailure, CliError } from '../../errors.ts';
import { goQuote } from '../../go-format.ts';
import { goJson } from '../../../api/go-text.ts';
import { toYaml } from '../../print/yaml.ts';
import { seeHelp, type Session } from '../../session.ts';
import { text, type Obj } from '../../value.ts';
import { createGenerated, generatorFlags, nameArg } from './generate.ts';

const GROUP = 'rbac.authorization.k8s.io';
const kind = (name: string, resource: string, namespaced: boolean) => ({
  group: GROUP,
  version: 'v1',
  kind: name,
  resource,
  namespaced,
});

const ruleFlags = {
  ...generatorFlags,
  verb: { type: 'list' },
  resource: { type: 'list' },
  'resource-name': { type: 'array' },
} as const;

const STANDARD_VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', '*'];
const SPECIAL_VERBS = ['use', 'bind', 'impersonate', 'escalate', 'approve', 'sign', 'attest'];

const warnOfVerbs = ({ io }: Session, verbs: readonly string[]): void => {
  for (const verb of verbs)
    if (!STANDARD_VERBS.includes(verb) && !SPECIAL_VERBS.includes(verb))
      io.stderr(`Warning: '${verb}' is not a standard resource verb\n`);
};

/** What a type is; several may be unknown, so that even one stands as several do. */
const mappingFor = (session: Session, type: string): Mapping => {
  try {
    return session.discovery.mappingFor(type);
  } catch (error) {
    throw new AggregateFailure([error as Error]);
  }
};

/** What may be done to URLs that are no resources. */
const URL_VERBS = ['get', 'post', 'put', 'delete', 'patch', 'head', 'options'];

/** The resources that take each of the special verbs, by group; `*` stands for any. */
const TAKING: Readonly<Record<string, readonly string[]>> = {
  use: ['podsecuritypolicies.policy', 'podsecuritypolicies.extensions'],
  bind: ['roles.rbac.authorization.k8s.io', 'clusterroles.rbac.authorization.k8s.io'],
  escalate: ['roles.rbac.authorization.k8s.io', 'clusterroles.rbac.authorization.k8s.io'],
  impersonate: [
    'users.',
    'serviceaccounts.',
    'groups.',
    'userextras.authentication.k8s.io',
    'uids.authentication.k8s.io',
  ],
  sign: ['signers.certificates.k8s.io'],
  approve: ['signers.certificates.k8s.io'],
  attest: ['signers.certificates.k8s.io'],
};

/** --verb without repetitions; `*` is all of them. */
const verbsOf = (session: Session): readonly string[] => {
  const verbs = [...new Set(session.flags.list('verb'))];
  return verbs.includes('*') ? ['*'] : verbs;
};

/** One rule for each API group of --resource. */
const rules = (session: Session): Obj[] => {
  const verbs = verbsOf(session);
  const names = session.flags.list('resource-name');
  const groups = new Map<string, string[]>();
  warnOfVerbs(session, verbs);
  for (const typed of session.flags.list('resource')) {
    const [type = '', subresource] = typed.split('/');
    const mapping = type === '*' ? undefined : mappingFor(session, type);
    const group = mapping?.group ?? '';
    const resource = `${mapping?.resource ?? type}${subresource ? `/${subresource}` : ''}`;
    const special = verbs.find((verb) => TAKING[verb] && !TAKING[verb].includes(`${mapping?.resource ?? ''}.${group}`));
    if (special && mapping) {
      const plain = `can not perform '${special}' on '${mapping.resource}' in group '${group}'`;
      throw new CliError(plain);
    }
    groups.set(group, [...new Set([...(groups.get(group) ?? []), resource])]);
  }
  return [...groups].map(([group, resources]) => ({
    verbs: [...verbs],
    apiGroups: [group],
    resources,
    ...(names.length > 0 ? { resourceNames: [...names] } : {}),
  }));
};

export const createRole: Command = {
  name: 'role',
  short: 'Create a role with single rule',
  flags: ruleFlags,
  run: (session) => {
    const name = nameArg(session);
    if (session.flags.list('verb').length === 0) throw new CliError('at least one verb must be specified');
    if (session.flags.list('resource').length === 0) throw new CliError('at least one resource must be specified');
    createGenerated(session, kind('Role', 'roles', true), { metadata: { name }, rules: rules(session) }, undefined);
  },
};

export const createClusterRole: Command = {
  name: 'clusterrole',
  short: 'Create a cluster role',
  flags: { ...ruleFlags, 'non-resource-url': { type: 'list' }, 'aggregation-rule': { type: 'string' } },
  run: (session) => {
    const name = nameArg(session);
    const { flags } = session;
    const urls = flags.list('non-resource-url');
    const aggregation = flags.string('aggregation-rule');
    if (aggregation) {
      const pairs = aggregation.split(',').map((pair) => pair.split('='));
      if (pairs.some(({ length }) => length !== 2))
        throw new CliError(
          `invalid argument ${goQuote(aggregation)} for "--aggregation-rule" flag: malformed pair, expect string=string\n` +
            `See '${session.commandPath} --help' for usage.`,
        );
      if (['verb', 'resource', 'resource-name', 'non-resource-url'].some((flag) => flags.list(flag).length > 0))
        throw new CliError(
          'aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames',
        );
      const matchLabels = Object.fromEntries(pairs as [string, string][]);
      return createGenerated(
        session,
        kind('ClusterRole', 'clusterroles', false),
        { metadata: { name }, rules: null, aggregationRule: { clusterRoleSelectors: [{ matchLabels }] } },
        undefined,
      );
    }
    if (flags.list('verb').length === 0) throw new CliError('at least one verb must be specified');
    if (flags.list('resource').length === 0 && urls.length === 0)
      throw new CliError('one of resource or nonResourceURL must be specified');
    const misfit = urls.length > 0 && verbsOf(session).find((verb) => verb !== '*' && !URL_VERBS.includes(verb));
    if (misfit) throw new CliError(`invalid verb: '${misfit}' for nonResourceURL`);
    for (const url of urls) {
      if (url !== '*' && !url.startsWith('/')) throw new CliError('nonResourceURL should start with /');
      if (/\*./.test(url)) throw new CliError("nonResourceURL only supports '*' when it is at the end");
    }
    const own = rules(session);
    if (urls.length > 0) own.push({ verbs: [...verbsOf(session)], nonResourceURLs: [...urls] });
    createGenerated(session, kind('ClusterRole', 'clusterroles', false), { metadata: { name }, rules: own }, undefined);
  },
};

/** The subjects of --user, --group and --serviceaccount. */
export const subjectsOf = (session: Session): Obj[] => [
  ...session.flags.list('user').map((name) => ({ kind: 'User', apiGroup: GROUP, name })),
  ...session.flags.list('group').map((name) => ({ kind: 'Group', apiGroup: GROUP, name })),
  ...session.flags.list('serviceaccount').map((account) => {
    const parts = account.split(':');
    if (parts.length !== 2 || !parts[0] || !parts[1]) throw new CliError('serviceaccount must be <namespace>:<name>');
    return { kind: 'ServiceAccount', name: parts[1], namespace: parts[0] };
  }),
];

const bindingFlags = {
  ...generatorFlags,
  clusterrole: { type: 'string' },
  user: { type: 'array' },
  group: { type: 'array' },
  serviceaccount: { type: 'array' },
} as const;

export const createRoleBinding: Command = {
  name: 'rolebinding',
  short: 'Create a role binding for a particular role or cluster role',
  flags: { ...bindingFlags, role: { type: 'string' } },
  run: (session) => {
    const name = nameArg(session);
    const role = session.flags.string('role');
    const clusterRole = session.flags.string('clusterrole');
    if ((role === '') === (clusterRole === ''))
      throw new CliError('exactly one of clusterrole or role must be specified');
    const subjects = subjectsOf(session);
    createGenerated(
      session,
      kind('RoleBinding', 'rolebindings', true),
      {
        metadata: { name },
        ...(subjects.length > 0 ? { subjects } : {}),
        roleRef: { apiGroup: GROUP, kind: role ? 'Role' : 'ClusterRole', name: role || clusterRole },
      },
      'failed to create rolebinding',
    );
  },
};

export const createClusterRoleBinding: Command = {
  name: 'clusterrolebinding',
  short: 'Create a cluster role binding for a particular cluster role',
  flags: bindingFlags,
  required: ['clusterrole'],
  run: (session) => {
    const name = nameArg(session);
    const subjects = subjectsOf(session);
    createGenerated(
      session,
      kind('ClusterRoleBinding', 'clusterrolebindings', false),
      {
        metadata: { name },
        ...(subjects.length > 0 ? { subjects } : {}),
        roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: session.flags.string('clusterrole') },
      },
      'failed to create clusterrolebinding',
    );
  },
};

export const createToken: Command = {
  name: 'token',
  short: 'Request a service account token',
  flags: {
    ...generatorFlags,
    audience: { type: 'array' },
    duration: { type: 'duration' },
    'bound-object-kind': { type: 'string' },
    'bound-object-name': { type: 'string' },
    'bound-object-uid': { type: 'string' },
  },
  run: (session) => {
    const { flags, rest, io } = session;
    const [name, ...more] = session.args;
    if (name === undefined || more.length > 0)
      throw new CliError(seeHelp(session, `exactly one NAME is required, got ${session.args.length}`));
    const seconds = flags.int('duration') / 1000;
    if (seconds < 0) throw new CliError('--duration must be greater than or equal to 0');
    const boundKind = flags.string('bound-object-kind');
    const boundName = flags.string('bound-object-name');
    if (boundKind && !['Node', 'Pod', 'Secret'].includes(boundKind))
      throw new CliError('supported --bound-object-kind values are Node, Pod, Secret');
    if (boundKind && !boundName)
      throw new CliError('--bound-object-name is required if --bound-object-kind is provided');
    if (!boundKind && boundName)
      throw new CliError('--bound-object-name can only be set if --bound-object-kind is provided');
    const mapping = {
      group: '',
      version: 'v1',
      kind: 'ServiceAccount',
      resource: 'serviceaccounts',
      singular: '',
      shortNames: [],
      categories: [],
      verbs: [],
      subresources: [],
      namespaced: true,
      preferred: true,
    };
    let answer: Obj;
    try {
      answer = rest.post(pathOf(mapping, session.namespace, name, 'token'), {
        kind: 'TokenRequest',
        apiVersion: 'authentication.k8s.io/v1',
        spec: {
          ...(flags.list('audience').length > 0 ? { audiences: [...flags.list('audience')] } : {}),
          ...(seconds > 0 ? { expirationSeconds: seconds } : {}),
          ...(boundKind
            ? {
                boundObjectRef: {
                  kind: boundKind,
                  apiVersion: 'v1',
                  name: boundName,
                  ...(flags.string('bound-object-uid') ? { uid: flags.string('bound-object-uid') } : {}),
                },
              }
            : {}),
        },
      });
    } catch (error) {
      throw new CliError(`failed to create token: ${(error as Error).message}`);
    }
    const output = flags.string('output');
    if (output === '') io.stdout(`${text(answer, 'status', 'token')}\n`);
    else if (output === 'json') io.stdout(`${goJson(answer, { indent: '    ' })}\n`);
    else if (output === 'yaml') io.stdout(toYaml(answer));
    else
      throw new CliError(
        `unable to match a printer suitable for the output format ${goQuote(output)}, allowed formats are: json,yaml`,
      );
  },
};
