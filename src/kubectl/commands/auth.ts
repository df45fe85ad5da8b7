import type { Command } from '../cli/command.ts';
import { CliError } from '../errors.ts';
import { canI } from './auth/can-i.ts';
import { whoami } from './auth/whoami.ts';

export const authCommand: Command = {
  name: 'auth',
  short: 'Inspect authorization',
  usage: 'kubectl auth [flags] [options]',
  commands: [canI, whoami],
};

const noMetrics = (name: string, short: string): Command => ({
  name,
  short,
  run: () => {
    throw new CliError('Metrics API not available');
  },
});

/** No metrics are gathered here, as on a cluster without metrics-server. */
export const topCommand: Command = {
  name: 'top',
  short: 'Display resource (CPU/memory) usage',
  commands: [
    { ...noMetrics('node', 'Display resource (CPU/memory) usage of nodes'), aliases: ['nodes', 'no'] },
    { ...noMetrics('pod', 'Display resource (CPU/memory) usage of pods'), aliases: ['pods', 'po'] },
  ],
};
