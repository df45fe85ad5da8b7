import { parseLabelSelector } from '../../../api/selector.ts';
import type { Command } from '../../cli/command.ts';
import { chunkFlags, dryRunFlags, selectorFlags } from '../../cli/flag-sets.ts';
import { dryRunOf, saidWith } from '../../dry-run.ts';
import { AggregateFailure, CliError, combine } from '../../errors.ts';
import { goQuote } from '../../go-format.ts';
import type { Session } from '../../session.ts';
import { text } from '../../value.ts';
import { markNodes, nodesOf } from '../nodes.ts';
import { removePods } from './evict.ts';
import { podsToGo } from './pod-filters.ts';

export const drainCommand: Command = {
  name: 'drain',
  short: 'Drain node in preparation for maintenance',
  usage: 'kubectl drain NODE [options]',
  flags: {
    ...selectorFlags,
    ...dryRunFlags,
    ...chunkFlags,
    'delete-emptydir-data': { type: 'bool' },
    'disable-eviction': { type: 'bool' },
    force: { type: 'bool' },
    'grace-period': { type: 'int', default: -1 },
    'ignore-daemonsets': { type: 'bool' },
    'pod-selector': { type: 'string' },
    'skip-wait-for-delete-timeout': { type: 'int' },
    timeout: { type: 'duration' },
  },
  run: (session) => drain(session),
};

const drain = async (session: Session): Promise<void> => {
  const { flags, io } = session;
  const dryRun = dryRunOf(session);
  try {
    parseLabelSelector(flags.string('pod-selector'));
  } catch {
    throw new CliError('--pod-selector=<pod_selector> must be a valid label selector');
  }
  const { infos, errors } = nodesOf(session, session.args, 'drain NODE');
  const failure = combine(errors);
  if (failure) throw failure;
  markNodes(session, infos, true);
  const failures: Error[] = [];
  const pending: string[] = [];
  for (const { name } of infos) {
    const error = await drainNode(session, name);
    if (!error) {
      io.stdout(`node/${name} ${saidWith('drained', dryRun)}\n`);
      continue;
    }
    io.stderr(`error: unable to drain node ${goQuote(name)} due to error: ${error.message}, continuing command...\n`);
    failures.push(...(error instanceof AggregateFailure ? error.errors : [error]));
    pending.push(name);
  }
  if (pending.length === 0) return;
  io.stderr(`There are pending nodes to be drained:\n${pending.map((name) => ` ${name}\n`).join('')}`);
  throw new AggregateFailure(failures);
};

/** Empties one node; returns what went wrong. */
const drainNode = async (session: Session, node: string): Promise<Error | undefined> => {
  const { io } = session;
  const { pods, warnings, problems } = podsToGo(session, node);
  if (problems.length > 0) return new AggregateFailure(problems);
  if (warnings) io.stderr(`Warning: ${warnings}\n`);
  if (dryRunOf(session) === 'client') {
    for (const { metadata } of pods)
      io.stdout(`evicting pod ${text(metadata, 'namespace')}/${text(metadata, 'name')} (dry run)\n`);
    return undefined;
  }
  const error = pods.length > 0 ? await removePods(session, pods) : undefined;
  if (!error) return undefined;
  const left = podsToGo(session, node);
  if (left.pods.length > 0) {
    io.stderr(`There are pending pods in node ${goQuote(node)} when an error occurred: ${error.message}\n`);
    for (const pod of left.pods) io.stderr(`pod/${text(pod, 'metadata', 'name')}\n`);
  }
  if (left.problems.length > 0) {
    const { message } = new AggregateFailure(left.problems);
    io.stderr(`following errors occurred while getting the list of pods to delete:\n${message}`);
  }
  return error;
};
