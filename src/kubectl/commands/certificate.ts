import { build, type Info } from '../builder.ts';
import type { Command } from '../cli/command.ts';
import { filenameFlags, printFlags } from '../cli/flag-sets.ts';
import { pathOf } from '../discovery.ts';
import { CliError, combine, isConflict } from '../errors.ts';
import { printerFor } from '../print/printer.ts';
import type { Session } from '../session.ts';
import { list, withAt, type Obj } from '../value.ts';

const verdict = (name: 'approve' | 'deny', type: 'Approved' | 'Denied', reason: string): Command => ({
  name,
  short: name === 'approve' ? 'Approve a certificate signing request' : 'Deny a certificate signing request',
  usage: `kubectl certificate ${name} (-f FILENAME | NAME) [options]`,
  flags: { ...printFlags, ...filenameFlags, force: { type: 'bool' } },
  run: (session) => decide(session, type, reason, `This CSR was ${type.toLowerCase()} by kubectl certificate ${name}.`),
});

/** Decides on certificate signing requests by hand. */
export const certificateCommand: Command = {
  name: 'certificate',
  short: 'Modify certificate resources',
  usage: 'kubectl certificate SUBCOMMAND [options]',
  alone: { to: 'stdout', code: 0 },
  commands: [verdict('approve', 'Approved', 'KubectlApprove'), verdict('deny', 'Denied', 'KubectlDeny')],
};

const decide = (session: Session, type: 'Approved' | 'Denied', reason: string, message: string): void => {
  const { args, flags, io } = session;
  const filenames = flags.list('filename');
  if (args.length === 0 && filenames.length === 0 && !flags.string('kustomize'))
    throw new CliError('one or more CSRs must be specified as <name> or -f <filename>');
  const { infos, errors } = build(session, {
    args: args.length > 0 && filenames.length === 0 ? args.map((name) => `csr/${name}`) : args,
    filenames,
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
  });
  const failures = [...errors];
  const printer = printerFor(session, { operation: type.toLowerCase() });
  for (const info of infos) {
    try {
      io.stdout(printer(write(session, info, type, reason, message)));
    } catch (error) {
      failures.push(error as Error);
    }
  }
  const failure = combine(failures);
  if (failure) throw failure;
};

/** How often it is tried when somebody else was faster. */
const TRIES = 10;

const write = (session: Session, info: Info, type: string, reason: string, message: string): Obj => {
  const path = pathOf(info.mapping, info.namespace, info.name);
  let { object } = info;
  for (let tries = 1; ; tries++) {
    const conditions = list(object, 'status', 'conditions');
    if (conditions.some((each) => each['type'] === type) && !session.flags.bool('force')) return object;
    const other = type === 'Approved' ? 'Denied' : 'Approved';
    if (conditions.some((each) => each['type'] === other))
      throw new CliError(`certificate signing request ${JSON.stringify(info.name)} is already ${other}`);
    const time = new Date(session.io.now()).toISOString().replace(/\.\d+Z$/, 'Z');
    const condition = { type, status: 'True', reason, message, lastUpdateTime: time, lastTransitionTime: null };
    const others = conditions.filter((each) => each['type'] !== type);
    try {
      return session.rest.put(`${path}/approval`, withAt(object, ['status', 'conditions'], [...others, condition]));
    } catch (error) {
      if (!isConflict(error) || tries === TRIES) throw error;
      object = session.rest.get(path);
    }
  }
};
