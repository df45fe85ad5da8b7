import type { Command } from './command.ts';
import { globalFlags } from './flag-sets.ts';

/** The help text of a command: what it is for, its subcommands or flags, its usage line. */
export const helpText = (path: string, command: Command): string => {
  const parts = [command.long ?? `${command.short}.`];
  if (command.aliases?.length) parts.push(`Aliases:\n${[command.name, ...command.aliases].join(', ')}`);
  if (command.examples)
    parts.push(`Examples:\n${command.examples.map(([about, line]) => `  # ${about}\n  ${line}`).join('\n  \n')}`);
  if (command.commands?.length) {
    const width = Math.max(...command.commands.map(({ name }) => name.length));
    const names = [...command.commands].sort((a, b) => (a.name < b.name ? -1 : 1));
    parts.push(
      `Available Commands:\n${names.map(({ name, short }) => `  ${name.padEnd(width)}   ${short}`).join('\n')}`,
    );
  }
  const flags = Object.entries(command.flags ?? {})
    .filter(([name, flag]) => !(name in globalFlags) && !flag.deprecated)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, flag]) => `    ${flag.short ? `-${flag.short}, ` : ''}--${name}=${flagDefault(flag.default, flag.type)}`,
    );
  if (flags.length > 0) parts.push(`Options:\n${flags.join('\n')}`);
  parts.push(`Usage:\n  ${command.usage ?? `${path} [flags] [options]`}`);
  const about = command.commands?.length
    ? `Use "${path} <command> --help" for more information about a given command.\n`
    : '';
  return `${parts.join('\n\n')}\n\n${about}Use "kubectl options" for a list of global command-line options (applies to all commands).\n`;
};

const flagDefault = (value: unknown, type: string): string => {
  if (type === 'bool') return `${value ?? false}:`;
  if (type === 'list' || type === 'array') return '[]:';
  if (type === 'int') return `${value ?? 0}:`;
  if (type === 'duration') return `${value ? `${Number(value) / 1000}s` : '0s'}:`;
  return `'${String(value ?? '')}':`;
};
