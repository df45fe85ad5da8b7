import type { Command } from '../../cli/command.ts';
import { chosenContainer } from '../../containers.ts';
import { CliError } from '../../errors.ts';
import { seeHelp, type Session } from '../../session.ts';
import { list, text, type Obj } from '../../value.ts';
import { attachablePod, podPath } from './pod-of.ts';
import { remote } from './stream.ts';

export const attachCommand: Command = {
  name: 'attach',
  short: 'Attach to a running container',
  usage: 'kubectl attach (POD | TYPE/NAME) -c CONTAINER [options]',
  flags: {
    container: { type: 'string', short: 'c' },
    'detach-keys': { type: 'string', default: 'ctrl-p,ctrl-q' },
    'pod-running-timeout': { type: 'duration', default: 60_000 },
    quiet: { type: 'bool', short: 'q' },
    stdin: { type: 'bool', short: 'i' },
    tty: { type: 'bool', short: 't' },
  },
  run: (session) => attach(session),
};

const WARNING =
  'All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.';

const attach = async (session: Session): Promise<void> => {
  const { flags, args } = session;
  if (args.length === 0) throw new CliError('at least 1 argument is required for attach');
  if (args.length > 2)
    throw new CliError(
      seeHelp(
        session,
        `expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${args.length}: ${args.join(' ')}`,
      ),
    );
  const { pod } = await attachablePod(session, args.length === 2 ? [`${args[0]}/${args[1]}`] : args);
  const phase = text(pod, 'status', 'phase');
  if (phase === 'Succeeded' || phase === 'Failed')
    throw new CliError(`cannot attach a container in a completed pod; current phase is ${phase}`);
  const quiet = flags.bool('quiet');
  let container: string;
  try {
    container = chosenContainer(session, pod, flags.string('container'), quiet);
  } catch (error) {
    throw new CliError(`cannot attach to the container: ${(error as Error).message}`);
  }
  await attachTo(session, pod, container);
};

/** Attaches to a container of a Pod, as the flags say. */
export const attachTo = async (session: Session, pod: Obj, container: string): Promise<void> => {
  const { flags, io } = session;
  const hasTty = ['containers', 'initContainers', 'ephemeralContainers']
    .flatMap((field) => list(pod, 'spec', field))
    .some((each) => each['name'] === container && each['tty']);
  if (flags.bool('tty') && !hasTty)
    io.stderr(`error: Unable to use a TTY - container ${container} did not allocate one\n`);
  if (!flags.bool('quiet')) io.stderr(`${WARNING}\nIf you don't see a command prompt, try pressing enter.\n`);
  await remote(session, podPath(pod, 'attach'), [['container', container]], {
    stdin: flags.bool('stdin'),
    tty: hasTty,
  });
};
