import { dryRunFlags, managerFlags, printFlags, selectorFlags, validateFlags } from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { build, type Info } from '../builder.ts';
import { dryRunOf, saidWith } from '../dry-run.ts';
import { CliError, combine } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import { printerFor } from '../print/printer.ts';
import { seeHelp, type Session } from '../session.ts';
import { at, list, type Obj } from '../value.ts';
import { patchObject, STRATEGIC_MERGE } from '../write.ts';

/** The nodes that a command is about: those named, or those of a selector. */
export const nodesOf = (
  session: Session,
  names: readonly string[],
  usage: string,
): { infos: Info[]; errors: Error[] } => {
  const selector = session.flags.string('selector');
  if (names.length > 0 && selector)
    throw new CliError(seeHelp(session, 'error: cannot specify both a node name and a --selector option'));
  if (names.length === 0 && !selector) throw new CliError(seeHelp(session, `USAGE: ${usage} [flags]`));
  const args = names.length === 0 ? ['nodes'] : names.every((name) => name.includes('/')) ? names : ['nodes', ...names];
  return build(session, { args, labelSelector: selector });
};

/** Marks nodes as (un)schedulable, and says so. */
export const markNodes = (session: Session, infos: readonly Info[], unschedulable: boolean): void => {
  const dryRun = dryRunOf(session);
  const done = unschedulable ? 'cordoned' : 'uncordoned';
  for (const info of infos) {
    const already = Boolean(at(info.object, 'spec', 'unschedulable')) === unschedulable;
    if (!already && dryRun !== 'client')
      patchObject(session, info, STRATEGIC_MERGE, { spec: { unschedulable: unschedulable ? true : null } }, { dryRun });
    session.io.stdout(`node/${info.name} ${saidWith(already ? `already ${done}` : done, dryRun)}\n`);
  }
};

const cordonOf = (name: string, unschedulable: boolean): Command => ({
  name,
  short: unschedulable ? 'Mark node as unschedulable' : 'Mark node as schedulable',
  flags: { ...selectorFlags, ...dryRunFlags },
  run: (session) => {
    const { infos, errors } = nodesOf(session, session.args, `${name} NODE`);
    const failure = combine(errors);
    if (failure) throw failure;
    markNodes(session, infos, unschedulable);
  },
});

export const cordonCommand = cordonOf('cordon', true);
export const uncordonCommand = cordonOf('uncordon', false);

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect?: string;
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export const taintCommand: Command = {
  name: 'taint',
  short: 'Update the taints on one or more nodes',
  flags: {
    ...printFlags,
    ...selectorFlags,
    ...dryRunFlags,
    ...validateFlags,
    ...managerFlags('kubectl-taint'),
    all: { type: 'bool' },
    overwrite: { type: 'bool' },
  },
  run: (session) => taint(session),
};

const isTaint = (arg: string): boolean => arg.includes('=') || arg.includes(':') || arg.endsWith('-');

const same = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;

/** `key=value:effect`, without what is not there. */
const taintText = ({ key, value, effect }: Taint): string => `${key}=${value ?? ''}${effect ? `:${effect}` : ''}`;

const parseTaint = (session: Session, spec: string): Taint => {
  const removing = spec.endsWith('-');
  const body = removing ? spec.slice(0, -1) : spec;
  const colon = body.lastIndexOf(':');
  const effect = colon < 0 ? undefined : body.slice(colon + 1);
  const [key = '', value] = (colon < 0 ? body : body.slice(0, colon)).split('=');
  if (!removing && effect === undefined) throw new CliError(seeHelp(session, `invalid taint spec: ${spec}`));
  if (effect !== undefined && !EFFECTS.includes(effect))
    throw new CliError(seeHelp(session, `invalid taint effect: ${effect}, unsupported taint effect`));
  if (!/^([A-Za-z0-9][-A-Za-z0-9_.]*\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(key))
    throw new CliError(
      seeHelp(
        session,
        `invalid taint spec: ${spec}, name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
      ),
    );
  return { key, ...(value ? { value } : {}), ...(effect ? { effect } : {}) };
};

const taint = (session: Session): void => {
  const { flags, args } = session;
  const [type, ...rest] = args;
  if (type === undefined) throw new CliError('one or more resources must be specified as <resource> <name>');
  const first = rest.findIndex(isTaint);
  const names = first < 0 ? rest : rest.slice(0, first);
  const specs = first < 0 ? [] : rest.slice(first);
  if (!type.includes('/') && !/^(nodes?|no|Node)$/.test(type))
    throw new CliError(`invalid resource type ${type}, only node types are supported`);
  if (specs.length === 0) throw new CliError('at least one taint update is required');
  const removing = specs.filter((spec) => spec.endsWith('-'));
  const removals = removing.map((spec) => parseTaint(session, spec));
  const additions = specs.filter((spec) => !removing.includes(spec)).map((spec) => parseTaint(session, spec));
  const twice = additions.find((one, i) => additions.findIndex((other) => same(one, other)) !== i);
  if (twice)
    throw new CliError(
      seeHelp(
        session,
        `duplicated taints with the same key and effect: {${twice.key} ${twice.value ?? ''} ${twice.effect ?? ''} <nil>}`,
      ),
    );
  const both = removals.filter((one) =>
    additions.some((other) => other.key === one.key && (one.effect === undefined || other.effect === one.effect)),
  );
  if (both.length > 0)
    throw new CliError(
      `can not both modify and remove the following taint(s) in the same command: ${both.map(taintText).join(', ')}`,
    );
  const dryRun = dryRunOf(session);
  const { infos, errors } = build(session, {
    args: names.length > 0 ? ['nodes', ...names] : type.includes('/') ? [type] : ['nodes'],
    labelSelector: flags.string('selector'),
    selectAll: flags.bool('all'),
  });
  const failures = [...errors];
  for (const info of infos) {
    try {
      const { taints, operation } = changed(
        info,
        list(info.object, 'spec', 'taints') as unknown as Taint[],
        additions,
        removals,
        flags.bool('overwrite'),
      );
      const patch = { spec: { taints: taints.length > 0 ? taints : null } };
      const object =
        dryRun === 'client'
          ? info.object
          : patchObject(session, info, STRATEGIC_MERGE, patch, { dryRun, fieldManager: flags.string('field-manager') });
      session.io.stdout(printerFor(session, { operation })(object));
    } catch (error) {
      failures.push(error as Error);
    }
  }
  const failure = combine(failures);
  if (failure) throw failure;
};

const changed = (
  info: Info,
  before: readonly Taint[],
  additions: readonly Taint[],
  removals: readonly Taint[],
  overwrite: boolean,
): { taints: Obj[]; operation: string } => {
  if (!overwrite) {
    const clashing = additions.filter((each) => before.some((old) => same(old, each)));
    if (clashing.length > 0)
      throw new CliError(
        `node ${info.name} already has ${clashing.map(({ key }) => key).join(',')} taint(s) with same effect(s) and --overwrite is false`,
      );
  }
  let kept = [...before];
  for (const removal of removals) {
    const left = kept.filter(
      (each) => each.key !== removal.key || (removal.effect !== undefined && each.effect !== removal.effect),
    );
    if (left.length === kept.length)
      throw new CliError(
        `taint ${goQuote(removal.effect ? `${removal.key}:${removal.effect}` : removal.key)} not found`,
      );
    kept = left;
  }
  const overwritten = additions.some((each) => kept.some((old) => same(old, each)));
  kept = kept.filter((old) => !additions.some((each) => same(each, old)));
  const operation =
    additions.length > 0 && removals.length > 0
      ? 'modified'
      : overwritten
        ? 'modified'
        : additions.length > 0
          ? 'tainted'
          : 'untainted';
  return { taints: [...additions, ...kept] as unknown as Obj[], operation };
};
