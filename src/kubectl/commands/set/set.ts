import { parseQuantity } from '../../../api/quantity.ts';
import { SelectorError, SelectorParser } from '../../../api/selector-parser.ts';
import type { Requirement } from '../../../api/selector.ts';
import type { Command } from '../../cli/command.ts';
import { build, type Built } from '../../builder.ts';
import { dryRunOf, saidWith } from '../../dry-run.ts';
import { CliError } from '../../errors.ts';
import { goQuote } from '../../go-format.ts';
import { nameOf, printerFor } from '../../print/printer.ts';
import type { Session } from '../../session.ts';
import { list, withAt, type Obj } from '../../value.ts';
import { MERGE, patchObject, STRATEGIC_MERGE } from '../../write.ts';
import { subjectsOf } from '../create/rbac.ts';
import { changePodSpecs, setFlags, withoutTemplate } from './apply-change.ts';
import { setEnv } from './env.ts';
import { asGoHasIt, containersNamed, podSpecPath } from './pod-template.ts';

/** Splits `deployment web a=b c=d` into what is meant and what changes. */
const splitChanges = (args: readonly string[], what: string): [string[], string[]] => {
  const resources: string[] = [];
  const changes: string[] = [];
  for (const arg of args) {
    if ((arg.includes('=') && !arg.startsWith('=')) || (arg.endsWith('-') && arg !== '-')) changes.push(arg);
    else if (changes.length === 0) resources.push(arg);
    else throw new CliError(`all resources must be specified before ${what} changes: ${arg}`);
  }
  return [resources, changes];
};

/** With --local nothing is asked of a server: what is meant has to be in files. */
const refuseNamesLocally = (session: Session, names: readonly string[]): void => {
  if (session.flags.bool('local') && names.length > 0)
    throw new CliError(
      `you must specify resources by --filename when --local is set.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'`,
    );
};

/** What a changed object is printed as: with --local nothing but kubectl's own types have seen it. */
const builtFor = (session: Session, names: readonly string[]): Built => {
  const local = session.flags.bool('local');
  refuseNamesLocally(session, names);
  return build(session, {
    args: names,
    filenames: session.flags.list('filename'),
    kustomize: session.flags.string('kustomize'),
    recursive: session.flags.bool('recursive'),
    labelSelector: session.flags.string('selector'),
    selectAll: session.flags.bool('all'),
    fetchFiles: !local,
    local,
  });
};

const setImage: Command = {
  name: 'image',
  short: 'Update the image of a pod template',
  flags: setFlags,
  run: (session) => {
    const [resources, changes] = splitChanges(session.args, 'image');
    refuseNamesLocally(session, resources);
    if (changes.length === 0 && (resources.length > 0 || session.flags.list('filename').length > 0)) {
      build(session, {
        args: resources,
        filenames: session.flags.list('filename'),
        fetch: false,
        fetchFiles: false,
        selectAll: session.flags.bool('all'),
      });
      throw new CliError('at least one image update is required');
    }
    changePodSpecs(session, {
      resources,
      operation: 'image updated',
      refused: (error) => new CliError(`failed to patch image update to pod template: ${error.message}`),
      change: (podSpec) => {
        for (const spec of changes) {
          const equals = spec.indexOf('=');
          const name = spec.slice(0, equals);
          const containers = [
            ...containersNamed(podSpec, 'initContainers', name),
            ...containersNamed(podSpec, 'containers', name),
          ];
          if (containers.length === 0) throw new CliError(`unable to find container named ${goQuote(name)}`);
          for (const container of containers) container['image'] = spec.slice(equals + 1);
        }
      },
    });
  },
};

const parseResources = (spec: string): Record<string, string> => {
  const found: Record<string, string> = {};
  for (const pair of spec.split(',').filter(Boolean)) {
    const parts = pair.split('=');
    if (parts.length !== 2) throw new CliError(`invalid argument syntax ${pair}, expected <resource>=<value>`);
    try {
      found[parts[0]!] = parseQuantity(parts[1]!).toString();
    } catch (error) {
      throw new CliError((error as Error).message);
    }
  }
  return found;
};

const setResources: Command = {
  name: 'resources',
  short: 'Update resource requests/limits on objects with pod templates',
  flags: {
    ...setFlags,
    containers: { type: 'string', short: 'c', default: '*' },
    limits: { type: 'string' },
    requests: { type: 'string' },
  },
  run: (session) => {
    const limits = session.flags.string('limits');
    const requests = session.flags.string('requests');
    if (!limits && !requests)
      throw new CliError('you must specify an update to requests or limits (in the form of --requests/--limits)');
    const parsed = { limits: parseResources(limits), requests: parseResources(requests) };
    const pattern = session.flags.string('containers');
    refuseNamesLocally(session, session.args);
    changePodSpecs(session, {
      resources: session.args,
      operation: 'resource requirements updated',
      refused: (error) => new CliError(`failed to patch resources update to pod template ${error.message}`),
      change: (podSpec) => {
        const containers = containersNamed(podSpec, 'containers', pattern);
        if (containers.length === 0) throw new CliError(`unable to find container named ${pattern}`);
        for (const container of containers) {
          const resources = { ...(container['resources'] as Obj | undefined) };
          for (const kind of ['limits', 'requests'] as const) {
            const changed: Record<string, string> = { ...(resources[kind] as Record<string, string> | undefined) };
            for (const [name, value] of Object.entries(parsed[kind])) {
              if (value === '0') delete changed[name];
              else changed[name] = value;
            }
            if (Object.keys(changed).length > 0) resources[kind] = changed;
            else delete resources[kind];
          }
          container['resources'] = resources;
        }
      },
    });
  },
};

const setServiceAccount: Command = {
  name: 'serviceaccount',
  aliases: ['sa'],
  short: 'Update the service account of a resource',
  flags: setFlags,
  run: (session) => {
    const account = session.args.at(-1);
    if (account === undefined) throw new CliError('serviceaccount is required');
    const dryRun = dryRunOf(session);
    const local = session.flags.bool('local');
    const { infos, errors } = builtFor(session, session.args.slice(0, -1));
    if (errors.length > 0) throw errors[0]!;
    const printer = printerFor(session, { operation: saidWith('serviceaccount updated', dryRun) });
    for (const info of infos) {
      const path = podSpecPath(info.object);
      if (!path) throw withoutTemplate(info);
      const patch = withAt({}, path, { serviceAccountName: account });
      const object =
        local || dryRun === 'client'
          ? withAt(info.object, [...path, 'serviceAccountName'], account)
          : patchObject(session, info, STRATEGIC_MERGE, patch, {
              dryRun,
              fieldManager: session.flags.string('field-manager'),
            });
      session.io.stdout(printer(local ? asGoHasIt(object) : object));
    }
  },
};

const requirementsOf = (given: string): readonly Requirement[] => {
  try {
    return new SelectorParser(given).parse();
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    const reason = error.message.replace(/^unable to parse requirement: /, '');
    throw new CliError(`couldn't parse the selector string ${goQuote(given)}: ${reason}`);
  }
};

/** `a=b,c==d` as labels: a Service selects by nothing else. */
const labelPairs = (requirements: readonly Requirement[]): Record<string, string> => {
  const pairs: Record<string, string> = {};
  for (const { key, operator, values } of requirements) {
    if (operator !== '=') throw new CliError(`${goQuote(operator)} is not a valid label selector operator`);
    pairs[key] = values[0] ?? '';
  }
  return pairs;
};

const setSelector: Command = {
  name: 'selector',
  short: 'Set the selector on a resource',
  flags: { ...setFlags, 'resource-version': { type: 'string' } },
  run: (session) => {
    const requirements = requirementsOf(session.args.at(-1) ?? '');
    const dryRun = dryRunOf(session);
    const local = session.flags.bool('local');
    const { infos, errors } = builtFor(session, session.args.slice(0, -1));
    if (errors.length > 0) throw errors[0]!;
    const printer = printerFor(session, { operation: saidWith('selector updated', dryRun) });
    const pairs = labelPairs(requirements);
    for (const info of infos) {
      if (info.mapping.kind !== 'Service') throw new CliError('setting a selector is only supported for Services');
      const removed = Object.fromEntries(
        Object.keys((withAt(info.object, ['x'], 0)['spec'] as Obj)['selector'] ?? {})
          .filter((key) => !(key in pairs))
          .map((key) => [key, null]),
      );
      const object =
        local || dryRun === 'client'
          ? withAt(info.object, ['spec', 'selector'], pairs)
          : patchObject(
              session,
              info,
              MERGE,
              { spec: { selector: { ...removed, ...pairs } } },
              { dryRun, fieldManager: session.flags.string('field-manager') },
            );
      session.io.stdout(printer(local ? asGoHasIt(object) : object));
    }
  },
};

const setSubject: Command = {
  name: 'subject',
  short: 'Update the user, group, or service account in a role binding or cluster role binding',
  flags: { ...setFlags, user: { type: 'array' }, group: { type: 'array' }, serviceaccount: { type: 'array' } },
  run: (session) => {
    const added = subjectsOf(session);
    if (added.length === 0) throw new CliError('you must specify at least one value of user, group or serviceaccount');
    const dryRun = dryRunOf(session);
    const local = session.flags.bool('local');
    const { infos, errors } = builtFor(session, session.args);
    if (errors.length > 0) throw errors[0]!;
    const printer = printerFor(session, { operation: saidWith('subjects updated', dryRun) });
    for (const info of infos) {
      if (!['RoleBinding', 'ClusterRoleBinding'].includes(info.mapping.kind))
        throw new CliError(
          `${nameOf(info.object)}\n setting subjects is only supported for RoleBinding/ClusterRoleBinding`,
        );
      const subjects = [...list(info.object, 'subjects')];
      for (const subject of added)
        if (
          !subjects.some(
            (each) =>
              each['kind'] === subject['kind'] &&
              each['name'] === subject['name'] &&
              each['namespace'] === subject['namespace'],
          )
        )
          subjects.push(subject);
      const object =
        local || dryRun === 'client'
          ? { ...info.object, subjects }
          : patchObject(
              session,
              info,
              MERGE,
              { subjects },
              { dryRun, fieldManager: session.flags.string('field-manager') },
            );
      session.io.stdout(printer(local ? asGoHasIt(object) : object));
    }
  },
};

export const setCommand: Command = {
  name: 'set',
  short: 'Set specific features on objects',
  long: 'Configure application resources.\n\n These commands help you make changes to existing application resources.',
  usage: 'kubectl set SUBCOMMAND [options]',
  commands: [setEnv, setImage, setResources, setSelector, setServiceAccount, setSubject],
};
