import type { Command } from '../../cli/command.ts';
import { chosenContainer } from '../../containers.ts';
import { CliError } from '../../errors.ts';
import { seeHelp, type Session } from '../../session.ts';
import { text } from '../../value.ts';
import { attachablePod, podPath } from './pod-of.ts';
import { remote } from './stream.ts';

export const execCommand: Command = {
  name: 'exec',
  short: 'Execute a command in a container',
  usage: 'kubectl exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]',
  flags: {
    container: { type: 'string', short: 'c' },
    filename: { type: 'list', short: 'f' },
    'pod-running-timeout': { type: 'duration', default: 60_000 },
    quiet: { type: 'bool', short: 'q' },
    stdin: { type: 'bool', short: 'i' },
    tty: { type: 'bool', short: 't' },
  },
  run: (session) => exec(session),
};

const exec = async (session: Session): Promise<void> => {
  const { flags, args, dash } = session;
  const before = dash < 0 ? args : args.slice(0, dash);
  const command = dash < 0 ? [] : args.slice(dash);
  const files = flags.list('filename');
  if (before.length === 0 && files.length === 0) throw new CliError('pod, type/name or --filename must be specified');
  if (dash < 0 && args.length > 1)
    throw new CliError(
      seeHelp(session, 'exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead'),
    );
  if (command.length === 0) throw new CliError('you must specify at least one command for the container');
  const { pod } = await attachablePod(session, before);
  const phase = text(pod, 'status', 'phase');
  if (phase === 'Succeeded' || phase === 'Failed')
    throw new CliError(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  const container = chosenContainer(session, pod, flags.string('container'), flags.bool('quiet'));
  const tty = flags.bool('tty') && session.io.stdin === undefined;
  const query = [...command.map((word) => ['command', word] as const), ['container', container] as const];
  await remote(session, podPath(pod, 'exec'), query, { stdin: flags.bool('stdin'), tty });
};
