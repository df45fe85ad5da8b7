import { allNamespacesFlags } from '../../cli/flag-sets.ts';
import type { Command } from '../../cli/command.ts';
import type { Mapping } from '../../discovery.ts';
import { CliError, Exit } from '../../errors.ts';
import type { Session } from '../../session.ts';
import { text } from '../../value.ts';
import { listRules } from './can-i-list.ts';

const RESOURCE_VERBS = new Set([
  '*',
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'use',
  'bind',
  'escalate',
  'impersonate',
  'approve',
  'sign',
  'attest',
]);
const PATH_VERBS = new Set(['*', 'get', 'put', 'post', 'head', 'options', 'delete', 'patch']);

/** What makes a question look wrong; it is asked all the same. */
const warn = (session: Session, verb: string, type: string, mapping: Mapping | undefined, isPath: boolean): void => {
  const { io, flags } = session;
  if (!isPath && !mapping && type !== '*') io.stderr(`Warning: the server doesn't have a resource type '${type}'\n\n`);
  if (mapping && !mapping.namespaced && !flags.bool('all-namespaces'))
    io.stderr(
      `Warning: resource '${mapping.resource}' is not namespace scoped${mapping.group ? ` in group '${mapping.group}'` : ''}\n\n`,
    );
  if (!(isPath ? PATH_VERBS : RESOURCE_VERBS).has(verb)) io.stderr(`Warning: verb '${verb}' is not a known verb\n\n`);
};

export const canI: Command = {
  name: 'can-i',
  short: 'Check whether an action is allowed',
  flags: {
    ...allNamespacesFlags,
    list: { type: 'bool' },
    'no-headers': { type: 'bool' },
    quiet: { type: 'bool', short: 'q' },
    subresource: { type: 'string' },
  },
  run: (session) => (session.flags.bool('list') ? listRules(session) : ask(session)),
};

const ask = (session: Session): void => {
  const { args, flags, io, rest } = session;
  const [verb, what, name] = args;
  if (verb === undefined || what === undefined || args.length > 3)
    throw new CliError(
      "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
    );
  const [type = '', slashName] = what.startsWith('/') ? [what] : what.split('/');
  const isPath = what.startsWith('/');
  const mapping = isPath ? undefined : session.discovery.lookUp(type);
  warn(session, verb, type, mapping, isPath);
  const spec = isPath
    ? { nonResourceAttributes: { verb, path: what } }
    : {
        resourceAttributes: {
          ...(flags.bool('all-namespaces') ? {} : { namespace: session.namespace }),
          verb,
          group: mapping?.group ?? '',
          resource: mapping?.resource ?? type,
          ...(flags.string('subresource') ? { subresource: flags.string('subresource') } : {}),
          ...((slashName ?? name) ? { name: slashName ?? name } : {}),
        },
      };
  const answer = rest.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    spec,
  });
  const allowed = text(answer, 'status', 'allowed') === 'true';
  const reason = text(answer, 'status', 'reason');
  if (!flags.bool('quiet')) io.stdout(`${allowed ? 'yes' : `no${reason ? ` - ${reason}` : ''}`}\n`);
  if (!allowed) throw new Exit(1);
};
