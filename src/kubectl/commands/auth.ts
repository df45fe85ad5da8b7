import type { Command } from '../cli/command.ts';
import { canI } from './auth/can-i.ts';
import { whoami } from './auth/whoami.ts';

export const authCommand: Command = {
  name: 'auth',
  short: 'Inspect authorization',
  usage: 'kubectl auth [flags] [options]',
  commands: [canI, whoami],
};
