import type { Command } from '../cli/command.ts';
import { CliError } from '../errors.ts';

/** Plugins are programs on PATH whose names begin with kubectl-; there is no PATH here, and so there are none. */
export const pluginCommand: Command = {
  name: 'plugin',
  short: 'Provides utilities for interacting with plugins',
  commands: [
    {
      name: 'list',
      short: "List all visible plugin executables on a user's PATH",
      flags: { 'name-only': { type: 'bool' } },
      run: () => {
        throw new CliError('unable to find any kubectl plugins in your PATH');
      },
    },
  ],
};
