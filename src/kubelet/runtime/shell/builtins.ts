import type { Program } from '../process.ts';
import { signalNamed, type Signal } from '../signal.ts';
import { pathOf, readFile } from './command.ts';
import type { Shell, Streams } from './interpreter.ts';
import { Leave } from './leave.ts';
import { testExpression } from './test-command.ts';

/** A command that is part of the shell: it may change the shell itself. */
export type Builtin = (shell: Shell, args: readonly string[], streams: Streams) => Program;

type Plain = (shell: Shell, args: readonly string[], streams: Streams) => number;

const plain = (run: Plain): Builtin =>
  function* (shell, args, streams) {
    return run(shell, args, streams);
  };

const leave = (kind: Leave['kind'], unset: (shell: Shell) => number): Builtin =>
  plain((shell, [value]) => {
    throw new Leave(
      kind,
      value === undefined ? unset(shell) : Number(value) & (kind === 'exit' || kind === 'return' ? 255 : 0xffff),
    );
  });

const test: Builtin = plain(({ process }, args) => Number(!testExpression(process, args)));

const bracket: Builtin = plain(({ process, shellName }, args, streams) => {
  if (args.at(-1) === ']') return Number(!testExpression(process, args.slice(0, -1)));
  streams.err(`${shellName}: [: missing ]\n`);
  return 2;
});

function assign(shell: Shell, words: readonly string[], exported: boolean): number {
  for (const word of words) {
    const at = word.indexOf('=');
    const name = at < 0 ? word : word.slice(0, at);
    if (at >= 0) shell.set(name, word.slice(at + 1));
    if (exported) shell.exported.add(name);
  }
  return 0;
}

function setOptions(shell: Shell, args: readonly string[]): number {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      shell.positional = args.slice(i + 1);
      return 0;
    }
    if (!/^[-+]/.test(arg)) {
      shell.positional = args.slice(i);
      return 0;
    }
    const on = arg.startsWith('-');
    if (arg.includes('e')) shell.errexit = on;
    if (arg.includes('x')) shell.xtrace = on;
    if (arg.includes('u')) shell.nounset = on;
    if (arg.endsWith('o')) i++;
  }
  return 0;
}

function* read(shell: Shell, args: readonly string[], streams: Streams): Program {
  const names = args.filter((arg) => !arg.startsWith('-'));
  const line = yield* streams.input.line();
  if (line === undefined) return 1;
  const words = line
    .replace(/\n$/, '')
    .trim()
    .split(/[ \t]+/);
  const targets = names.length > 0 ? names : ['REPLY'];
  targets.forEach((name, i) => shell.set(name, (i === targets.length - 1 ? words.slice(i).join(' ') : words[i]) ?? ''));
  return 0;
}

const kill: Builtin = plain((shell, args, streams) => {
  const words = [...args];
  let signal: Signal = 'SIGTERM';
  if (words[0] === '-s') signal = signalNamed(words.splice(0, 2)[1] ?? '') ?? signal;
  else if (words[0]?.startsWith('-')) signal = signalNamed(words.shift()!.slice(1)) ?? signal;
  let code = 0;
  for (const word of words) {
    const pid = Number(word.replace(/^%/, ''));
    const job = shell.jobs.find(({ process }) => process.pid === pid);
    if (job) job.process.kill(signal);
    else if (pid === shell.process.pid) shell.process.kill(signal);
    else if (!shell.process.machine.signal(pid, signal)) {
      streams.err(`${shell.shellName}: can't kill pid ${word}: No such process\n`);
      code = 1;
    }
  }
  return code;
});

export const BUILTINS: Readonly<Record<string, Builtin>> = {
  ':': plain(() => 0),
  '[': bracket,
  test,
  break: leave('break', () => 1),
  continue: leave('continue', () => 1),
  return: leave('return', ({ status }) => status),
  exit: leave('exit', ({ status }) => status),
  cd: plain((shell, [path = '/root'], streams) => {
    const to = pathOf(shell, path);
    if (!shell.process.machine.files.isDirectory(to)) {
      streams.err(`${shell.shellName}: cd: can't cd to ${path}: No such file or directory\n`);
      return 2;
    }
    shell.process.cwd = to;
    shell.set('PWD', to);
    return 0;
  }),
  pwd: plain(({ process }, _, streams) => {
    streams.out(`${process.cwd}\n`);
    return 0;
  }),
  export: plain((shell, args) => assign(shell, args, true)),
  local: plain((shell, args) => assign(shell, args, false)),
  readonly: plain((shell, args) => assign(shell, args, false)),
  unset: plain((shell, args) => {
    for (const name of args) shell.variables.delete(name);
    return 0;
  }),
  set: plain((shell, args) => setOptions(shell, args)),
  shift: plain((shell, [count = '1']) => {
    shell.positional = shell.positional.slice(Number(count));
    return 0;
  }),
  trap: plain((shell, args, streams) => {
    const [action, ...names] = args;
    if (action === undefined) return 0;
    for (const name of names) {
      if (!shell.setTrap(action, name)) {
        streams.err(`${shell.shellName}: trap: ${name}: invalid signal specification\n`);
        return 1;
      }
    }
    return 0;
  }),
  kill,
  read,
  *wait(shell, args, streams) {
    return yield* shell.waitForJobs(args.map(Number), streams);
  },
  *eval(shell, args, streams) {
    return yield* shell.evaluate(args.join(' '), streams);
  },
  *'.'(shell, [path = ''], streams) {
    const file = readFile(shell, path);
    if (file) return yield* shell.evaluate(file.text, streams);
    streams.err(`${shell.shellName}: .: can't open '${path}': No such file or directory\n`);
    return 2;
  },
  *exec(shell, [name, ...args], streams) {
    if (name === undefined) return 0;
    const { process } = shell;
    const main = process.machine.executable(name);
    if (!main) {
      streams.err(`${shell.shellName}: exec: ${name}: not found\n`);
      throw new Leave('exit', 127);
    }
    Object.assign(process.env, shell.environment());
    throw new Leave('exit', yield* process.become(main, [name, ...args]));
  },
  *command(shell, args, streams) {
    const [name, ...rest] = args;
    if (name === '-v') {
      const known =
        rest[0] !== undefined && (rest[0] in BUILTINS || shell.process.machine.executable(rest[0]) !== undefined);
      if (known) streams.out(`${rest[0]}\n`);
      return known ? 0 : 127;
    }
    return name === undefined ? 0 : yield* shell.invoke(name, rest, streams);
  },
};
