import type { Command } from '../cli/command.ts';
import { CliError } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import { seeHelp } from '../session.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'];

/** Where kubectl runs without a shell of the machine there is nothing that a completion script could be loaded into. */
export const completionCommand: Command = {
  name: 'completion',
  short: 'Output shell completion code for the specified shell (bash, zsh, fish, or powershell)',
  usage: 'kubectl completion SHELL',
  run: (session) => {
    const [shell, ...more] = session.args;
    if (shell === undefined) throw new CliError(seeHelp(session, 'Shell not specified.'));
    if (more.length > 0) throw new CliError(seeHelp(session, 'Too many arguments. Expected only the shell type.'));
    if (!SHELLS.includes(shell)) throw new CliError(seeHelp(session, `Unsupported shell type ${goQuote(shell)}.`));
    throw new CliError(
      `there is no ${shell} here to load completion code into: this terminal completes what you type when you press Tab`,
    );
  },
};
