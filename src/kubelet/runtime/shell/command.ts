import type { Task } from '../../task.ts';
import { normalizePath, type FileEntry } from '../file-tree.ts';
import type { Main, Process, Program } from '../process.ts';

/** Where a command reads from. */
export interface Input {
  /** The next line with its newline; undefined at the end. */
  line(): Task<string | undefined>;
  all(): Task<string>;
}

/** One invocation of a small command: its arguments and streams. */
export interface Command {
  readonly process: Process;
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly input: Input;
  out(text: string): void;
  err(text: string): void;
}

/** A small command that runs inside its caller's process; returns the exit code. */
export type Applet = (command: Command) => Program;

export type Applets = Readonly<Record<string, Applet>>;

export const textInput = (text: string): Input => {
  let rest = text;
  return {
    *line() {
      if (!rest) return undefined;
      const end = rest.indexOf('\n');
      const line = end < 0 ? rest : rest.slice(0, end + 1);
      rest = rest.slice(line.length);
      return line;
    },
    *all() {
      const all = rest;
      rest = '';
      return all;
    },
  };
};

/** A process's own streams. What writes is made when it is asked for: commands take it out of its object. */
export class ProcessStreams implements Input {
  readonly process: Process;

  constructor(process: Process) {
    this.process = process;
  }

  get input(): Input {
    return this;
  }

  line(): Task<string | undefined> {
    return this.process.readLine();
  }

  *all(): Task<string> {
    let text = '';
    for (let line = yield* this.line(); line !== undefined; line = yield* this.line()) text += line;
    return text;
  }

  get out(): (text: string) => void {
    return (text) => this.process.out(text);
  }

  get err(): (text: string) => void {
    return (text) => this.process.err(text);
  }
}

/** The invocation that is a process's whole program. */
class OwnProcess extends ProcessStreams implements Command {
  get name(): string {
    return baseName(this.process.argv[0]!);
  }

  get args(): readonly string[] {
    return this.process.argv.slice(1);
  }

  get env(): Readonly<Record<string, string>> {
    return this.process.env;
  }
}

/** The name by which a program was called, without the directory. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** An applet as an executable of its own. */
export const asMain =
  (applet: Applet): Main =>
  (process) =>
    applet(new OwnProcess(process));

/** An absolute path: what the command was given, seen from its working directory. */
export const pathOf = ({ process }: Pick<Command, 'process'>, path: string): string =>
  `/${normalizePath(path.startsWith('/') ? path : `${process.cwd}/${path}`)}`;

/** A file as a process sees it, with the devices that every container has. */
export function readFile({ process }: Pick<Command, 'process'>, path: string): FileEntry | undefined {
  const absolute = pathOf({ process }, path);
  if (absolute === '/dev/null') return { text: '' };
  return process.machine.files.read(absolute);
}

export const fail = (command: Command, message: string, code = 1): number => {
  command.err(`${command.name}: ${message}\n`);
  return code;
};

/** Takes single-letter options off the front of the arguments; `withValue` names those that take a value. */
export function options(args: readonly string[], withValue = ''): { flags: Map<string, string>; rest: string[] } {
  const flags = new Map<string, string>();
  let i = 0;
  for (; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      i++;
      break;
    }
    if (!arg.startsWith('-') || arg === '-') break;
    for (let at = 1; at < arg.length; at++) {
      const flag = arg[at]!;
      if (!withValue.includes(flag)) {
        flags.set(flag, '');
        continue;
      }
      flags.set(flag, arg.slice(at + 1) || (args[++i] ?? ''));
      break;
    }
  }
  return { flags, rest: args.slice(i) };
}
