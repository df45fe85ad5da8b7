import type { Program } from '../process.ts';
import { signalNamed } from '../signal.ts';
import { sizeOf } from '../file-tree.ts';
import { baseName, fail, options, pathOf, readFile, type Applets, type Command } from './command.ts';
import { testExpression } from './test-command.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `1`, `0.5`, `2m`, `infinity`: milliseconds; undefined for what is no duration. */
function durationMs(text: string): number | undefined {
  if (text === 'inf' || text === 'infinity') return Infinity;
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text);
  return match ? Number(match[1]) * (UNITS[match[2] || 's'] ?? 1) * 1000 : undefined;
}

function* sleep(command: Command): Program {
  let total = 0;
  for (const arg of command.args) {
    const ms = durationMs(arg);
    if (ms === undefined) return fail(command, `invalid number '${arg}'`);
    total += ms;
  }
  yield* command.process.sleep(total);
  return 0;
}

function* ls(command: Command): Program {
  const { flags, rest } = options(command.args);
  const { files } = command.process.machine;
  let code = 0;
  for (const path of rest.length > 0 ? rest : ['.']) {
    const absolute = pathOf(command, path);
    if (!files.exists(absolute)) {
      code = fail(command, `${path}: No such file or directory`);
      continue;
    }
    const directory = files.isDirectory(absolute) && !flags.has('d');
    const names = directory ? files.list(absolute).filter((name) => flags.has('a') || !name.startsWith('.')) : [path];
    for (const name of names) {
      const bare = name.replace(/\/$/, '');
      if (!flags.has('l')) {
        command.out(`${bare}\n`);
        continue;
      }
      const entry = directory ? files.read(`${absolute}/${bare}`) : files.read(absolute);
      const bits = (entry?.mode ?? (entry ? 0o644 : 0o755)).toString(8).padStart(3, '0').slice(-3);
      const letters = [...bits]
        .map(
          (digit) =>
            (Number(digit) & 4 ? 'r' : '-') + (Number(digit) & 2 ? 'w' : '-') + (Number(digit) & 1 ? 'x' : '-'),
        )
        .join('');
      command.out(
        `${entry ? '-' : 'd'}${letters}    1 root     root     ${String(entry ? sizeOf(entry) : 4096).padStart(9)} Jan  1 00:00 ${bare}\n`,
      );
    }
  }
  return code;
}

function* touch(command: Command): Program {
  for (const path of command.args) {
    const absolute = pathOf(command, path);
    if (command.process.machine.files.exists(absolute)) continue;
    const fault = command.process.machine.files.write(absolute, '');
    if (fault) return fail(command, `${path}: ${fault}`);
  }
  return 0;
}

function* mkdir(command: Command): Program {
  const { flags, rest } = options(command.args, 'm');
  for (const path of rest) {
    const absolute = pathOf(command, path);
    if (flags.has('p') && command.process.machine.files.isDirectory(absolute)) continue;
    const fault = command.process.machine.files.makeDirectory(absolute);
    if (fault) return fail(command, `can't create directory '${path}': ${fault}`);
  }
  return 0;
}

function* rm(command: Command): Program {
  const { flags, rest } = options(command.args);
  for (const path of rest) {
    const fault = command.process.machine.files.remove(pathOf(command, path));
    if (fault && !flags.has('f')) return fail(command, `can't remove '${path}': ${fault}`);
  }
  return 0;
}

function* cp(command: Command): Program {
  const { rest } = options(command.args);
  const [from = '', to = ''] = rest;
  const file = readFile(command, from);
  if (!file) return fail(command, `can't stat '${from}': No such file or directory`);
  const { files } = command.process.machine;
  const base = baseName(from);
  const target = files.isDirectory(pathOf(command, to)) ? `${pathOf(command, to)}/${base}` : pathOf(command, to);
  const fault = files.write(target, file.text);
  if (fault) return fail(command, `can't create '${to}': ${fault}`);
  if (command.name === 'mv') files.remove(pathOf(command, from));
  return 0;
}

function* tee(command: Command): Program {
  const { flags, rest } = options(command.args);
  const text = yield* command.input.all();
  command.out(text);
  for (const path of rest) {
    const fault = command.process.machine.files.write(pathOf(command, path), text, flags.has('a'));
    if (fault) return fail(command, `${path}: ${fault}`);
  }
  return 0;
}

/** Says the same for ever, as fast as it can: what for is to keep a core busy. */
function* yes(command: Command): Program {
  yield* command.process.burn(1);
  return 0;
}

/** Writes a file of zeros; its size counts, what is in it does not. */
function* dd(command: Command): Program {
  const settings = new Map(command.args.map((arg) => arg.split('=', 2) as [string, string]));
  const unit = /^(\d+)([kKMG]?)$/.exec(settings.get('bs') ?? '512');
  const block = Number(unit?.[1] ?? 512) * ({ k: 1024, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[unit?.[2] ?? ''] ?? 1);
  const count = Number(settings.get('count') ?? Infinity);
  if (!Number.isFinite(count)) yield* command.process.burn(1);
  const to = settings.get('of');
  const source = settings.get('if');
  const file = source && source !== '/dev/zero' && source !== '/dev/urandom' ? readFile(command, source) : undefined;
  const text = file?.text ?? '';
  if (to && to !== '/dev/null') {
    const fault = command.process.machine.files.write(
      pathOf(command, to),
      text,
      false,
      file ? undefined : block * count,
    );
    if (fault) return fail(command, `can't open '${to}': ${fault}`);
  } else if (!to) command.out(text);
  command.err(`${count}+0 records in\n${count}+0 records out\n`);
  return 0;
}

const STRFTIME: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => String(date.getUTCFullYear()),
  m: (date) => String(date.getUTCMonth() + 1).padStart(2, '0'),
  d: (date) => String(date.getUTCDate()).padStart(2, '0'),
  H: (date) => String(date.getUTCHours()).padStart(2, '0'),
  M: (date) => String(date.getUTCMinutes()).padStart(2, '0'),
  S: (date) => String(date.getUTCSeconds()).padStart(2, '0'),
  T: (date) => date.toISOString().slice(11, 19),
  F: (date) => date.toISOString().slice(0, 10),
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  N: (date) => String((date.getTime() % 1000) * 1_000_000).padStart(9, '0'),
  Z: () => 'UTC',
  z: () => '+0000',
  a: (date) => DAYS[date.getUTCDay()]!,
  b: (date) => MONTHS[date.getUTCMonth()]!,
  '%': () => '%',
};
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `date +FORMAT`. */
export const formatDate = (format: string, ms: number): string =>
  format.replace(/%(.)/g, (whole, letter: string) => STRFTIME[letter]?.(new Date(Math.floor(ms))) ?? whole);

function* date({ args, process, out }: Command): Program {
  const format = args.find((arg) => arg.startsWith('+'));
  if (format) out(`${formatDate(format.slice(1), process.now)}\n`);
  else if (args.includes('-Iseconds')) out(`${formatDate('%FT%T+00:00', process.now)}\n`);
  else
    out(
      `${formatDate('%a %b', process.now)} ${String(new Date(Math.floor(process.now)).getUTCDate()).padStart(2)} ${formatDate('%T UTC %Y', process.now)}\n`,
    );
  return 0;
}

function* env(command: Command): Program {
  const { args, out, process } = command;
  const extra: Record<string, string> = {};
  let i = 0;
  for (; args[i]?.includes('='); i++) {
    const at = args[i]!.indexOf('=');
    extra[args[i]!.slice(0, at)] = args[i]!.slice(at + 1);
  }
  const [name, ...rest] = args.slice(i);
  if (name !== undefined) {
    const main = process.machine.executable(name);
    if (!main) return fail(command, `can't execute '${name}': No such file or directory`, 127);
    Object.assign(process.env, command.env, extra);
    return yield* process.become(main, [name, ...rest]);
  }
  for (const [key, value] of Object.entries({ ...command.env, ...extra })) out(`${key}=${value}\n`);
  return 0;
}

function* printenv({ args, env: variables, out }: Command): Program {
  if (args.length === 0) for (const key in variables) out(`${key}=${variables[key]}\n`);
  for (const name of args) {
    if (variables[name] === undefined) return 1;
    out(`${variables[name]}\n`);
  }
  return 0;
}

function* hostname({ args, process: { machine }, out }: Command): Program {
  out(`${args[0] === '-i' || args[0] === '-I' ? machine.ip : machine.hostname}\n`);
  return 0;
}

function* id({ args, process: { user }, out }: Command): Program {
  const name = user === 0 ? 'root' : String(user);
  if (args.includes('-u')) out(`${user}\n`);
  else
    out(user === 0 ? 'uid=0(root) gid=0(root) groups=0(root),10(wheel)\n' : `uid=${name} gid=0(root) groups=0(root)\n`);
  return 0;
}

function* ps({ process, out }: Command): Program {
  out('PID   USER     TIME  COMMAND\n');
  for (const { pid, argv } of process.machine.processes()) {
    out(`${String(pid).padStart(5)} root      0:00 ${argv.join(' ')}\n`);
  }
  return 0;
}

function* uname({ args, process: { machine }, out }: Command): Program {
  if (args.includes('-a')) out(`Linux ${machine.hostname} 6.1.0-40-amd64 #1 SMP x86_64 GNU/Linux\n`);
  else
    out(
      `${args.includes('-n') ? machine.hostname : args.includes('-m') ? 'x86_64' : args.includes('-r') ? '6.1.0-40-amd64' : 'Linux'}\n`,
    );
  return 0;
}

/** `timeout SECONDS command`: 143 in busybox when the time is up. */
function* timeout(command: Command): Program {
  const { rest } = options(command.args, 'ks');
  const [limit = '', name = '', ...args] = rest;
  const ms = durationMs(limit);
  const main = command.process.machine.executable(name);
  if (ms === undefined || !main) return fail(command, `can't execute '${name}': No such file or directory`, 127);
  let code: number | undefined;
  const child = command.process.spawn(main, { argv: [name, ...args], env: command.env, io: command }, (exit) => {
    code = exit;
    command.process.notify();
  });
  child.feed(undefined);
  const { kernel, component } = command.process.machine;
  const timer = kernel.after(ms, component, () => child.kill('SIGTERM'), { background: true });
  while (code === undefined) yield* command.process.pause();
  timer.cancel();
  return code;
}

function* which(command: Command): Program {
  let code = 0;
  for (const name of command.args) {
    if (command.process.machine.executable(name)) command.out(`/bin/${name}\n`);
    else code = 1;
  }
  return code;
}

function* basename({ name, args: [path = '', suffix = ''], out }: Command): Program {
  const trimmed = path.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  if (name === 'dirname') out(`${slash > 0 ? trimmed.slice(0, slash) : slash === 0 ? '/' : '.'}\n`);
  else out(`${trimmed.slice(slash + 1).replace(suffix && trimmed.endsWith(suffix) ? suffix : '\0', '')}\n`);
  return 0;
}

function* test({ name, args, process }: Command): Program {
  return Number(!testExpression(process, name === '[' ? args.slice(0, -1) : args));
}

function* kill(command: Command): Program {
  const [first = '', ...rest] = command.args;
  const signal = first.startsWith('-') ? signalNamed(first.slice(1)) : 'SIGTERM';
  if (!signal) return fail(command, `bad signal name '${first.slice(1)}'`);
  for (const pid of first.startsWith('-') ? rest : command.args) {
    if (!command.process.machine.signal(Number(pid), signal))
      return fail(command, `can't kill pid ${pid}: No such process`);
  }
  return 0;
}

function* pwd({ process, out }: Command): Program {
  out(`${process.cwd}\n`);
  return 0;
}

function* succeed(): Program {
  return 0;
}

function* nope(): Program {
  return 1;
}

function* whoami({ process: { user }, out }: Command): Program {
  out(`${user === 0 ? 'root' : user}\n`);
  return 0;
}

function* nproc({ out }: Command): Program {
  out('4\n');
  return 0;
}

/** Commands over files, processes and the machine. */
export const SYSTEM_APPLETS: Applets = {
  true: succeed,
  false: nope,
  test,
  '[': test,
  kill,
  pwd,
  chmod: succeed,
  chown: succeed,
  sync: succeed,
  sleep,
  usleep: sleep,
  ls,
  touch,
  mkdir,
  rm,
  cp,
  mv: cp,
  tee,
  dd,
  yes,
  date,
  env,
  printenv,
  hostname,
  id,
  ps,
  uname,
  timeout,
  which,
  basename,
  dirname: basename,
  whoami,
  nproc,
};
