import type { Main, Program } from '../process.ts';
import { baseName, ProcessStreams, readFile, type Applets } from './command.ts';
import { Shell, type Streams } from './interpreter.ts';
import { Leave } from './leave.ts';

/** The executable `sh` (and `ash`, `bash`) over a set of applets. */
export const shellMain =
  (applets: Applets): Main =>
  (process) => {
    const name = baseName(process.argv[0]!);
    const streams: Streams = new ProcessStreams(process);
    const args = process.argv.slice(1);
    let flags = '';
    while (args[0]?.startsWith('-') && args[0] !== '-') flags += args.shift()!.slice(1);
    const prepared = (positional: readonly string[], as = name): Shell => {
      const shell = new Shell(process, applets, as, positional);
      shell.errexit = flags.includes('e');
      shell.xtrace = flags.includes('x');
      return shell;
    };
    if (flags.includes('c')) {
      const [script = '', as, ...positional] = args;
      return prepared(positional, as ?? name).run(script, streams);
    }
    const [file, ...positional] = args;
    if (file !== undefined) {
      const script = readFile({ process }, file);
      if (script) return prepared(positional, file).run(script.text.replace(/^#!.*\n/, '\n'), streams);
      return (function* () {
        process.err(`${name}: can't open '${file}': No such file or directory\n`);
        return 2;
      })();
    }
    // What busybox's shell shows before it reads.
    const prompt = (): void => {
      if (process.tty) process.out(`${process.cwd} ${process.user === 0 ? '#' : '$'} `);
    };
    return interactive(prepared([]), streams, prompt);
  };

/** Reads commands line by line until the input ends. */
function* interactive(shell: Shell, streams: Streams, prompt: () => void): Program {
  try {
    for (;;) {
      prompt();
      const line = yield* streams.input.line();
      if (line === undefined) break;
      yield* shell.evaluate(line, streams);
    }
  } catch (leave) {
    if (!(leave instanceof Leave)) throw leave;
    return leave.value;
  }
  return shell.status;
}
