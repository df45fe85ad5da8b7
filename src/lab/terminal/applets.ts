import type { Input, Program, ProgramIo } from './program.ts';

/** Options as `-n 3`, `-n3`, `-iv`, and what is left. `valued`: letters that take a value. */
function options(args: readonly string[], valued = ''): { flags: Map<string, string>; rest: string[] } {
  const flags = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      rest.push(...args.slice(i + 1));
      break;
    }
    if (!/^-[A-Za-z0-9]/.test(arg)) {
      rest.push(arg);
      continue;
    }
    if (/^-\d+$/.test(arg)) {
      flags.set('n', arg.slice(1));
      continue;
    }
    for (let j = 1; j < arg.length; j++) {
      const letter = arg[j]!;
      if (!valued.includes(letter)) {
        flags.set(letter, '');
        continue;
      }
      flags.set(letter, j + 1 < arg.length ? arg.slice(j + 1) : (args[++i] ?? ''));
      break;
    }
  }
  return { flags, rest };
}

/** The named files one after the other, or standard input. Undefined, and said on stderr, when one is missing. */
function inputs(name: string, paths: readonly string[], io: ProgramIo): Input[] | undefined {
  if (paths.length === 0) return [io.stdin];
  const found: Input[] = [];
  for (const path of paths) {
    const text = path === '-' ? undefined : io.files.read(path);
    if (path === '-') found.push(io.stdin);
    else if (text === undefined) {
      io.stderr(`${name}: ${path}: No such file or directory\n`);
      return undefined;
    } else found.push(textLines(text));
  }
  return found;
}

const textLines = (text: string): Input => ({
  all: () => Promise.resolve(text),
  lines: async function* () {
    yield* text.replace(/\n$/, '').split('\n');
  },
});

async function* allLines(sources: readonly Input[]): AsyncIterable<string> {
  for (const source of sources) yield* source.lines();
}

/** A program that reads all lines and then writes others. */
const filter =
  (name: string, valued: string, change: (lines: string[], flags: Map<string, string>) => string[]): Program =>
  async (args, io) => {
    const { flags, rest } = options(args, valued);
    const sources = inputs(name, rest, io);
    if (!sources) return 1;
    const lines: string[] = [];
    for await (const line of allLines(sources)) lines.push(line);
    for (const line of change(lines, flags)) io.stdout(`${line}\n`);
    return 0;
  };

const grep: Program = async (args, io) => {
  const { flags, rest } = options(args, 'e');
  const pattern = flags.get('e') ?? rest.shift();
  if (pattern === undefined) {
    io.stderr('usage: grep [-ivcowE] PATTERN [FILE...]\n');
    return 2;
  }
  const sources = inputs('grep', rest, io);
  if (!sources) return 2;
  let expression: RegExp;
  try {
    const source = flags.has('F') ? pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : pattern.replaceAll('\\|', '|');
    expression = new RegExp(flags.has('w') ? `\\b(?:${source})\\b` : source, flags.has('i') ? 'gi' : 'g');
  } catch {
    io.stderr(`grep: ${pattern}: not a regular expression\n`);
    return 2;
  }
  let count = 0;
  for await (const line of allLines(sources)) {
    const found = [...line.matchAll(expression)];
    if (found.length > 0 === flags.has('v')) continue;
    count++;
    if (flags.has('q')) return 0;
    if (flags.has('c')) continue;
    if (flags.has('o')) for (const [match] of found) io.stdout(`${match}\n`);
    else io.stdout(`${line}\n`);
  }
  if (flags.has('c')) io.stdout(`${count}\n`);
  return count > 0 ? 0 : 1;
};

const head: Program = async (args, io) => {
  const { flags, rest } = options(args, 'n');
  const sources = inputs('head', rest, io);
  if (!sources) return 1;
  let left = Number(flags.get('n') ?? 10);
  if (left <= 0) return 0;
  for await (const line of allLines(sources)) {
    io.stdout(`${line}\n`);
    if (--left === 0) break;
  }
  return 0;
};

const duration = (text: string): number => {
  const match = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text);
  return match
    ? Number(match[1]) * { '': 1000, s: 1000, m: 60_000, h: 3_600_000 }[match[2] as '' | 's' | 'm' | 'h']
    : NaN;
};

const sleep: Program = async ([time = ''], io) => {
  const ms = duration(time);
  if (Number.isNaN(ms)) {
    io.stderr(`sleep: invalid time interval '${time}'\n`);
    return 1;
  }
  await io.sleep(ms);
  return 0;
};

/** The programs of the terminal that know nothing of Kubernetes: each does what its options here say, as POSIX has it. */
export const applets: Readonly<Record<string, Program>> = {
  true: () => 0,
  false: () => 1,
  echo: (args, io) => {
    const plain = args[0] === '-n';
    io.stdout(args.slice(plain ? 1 : 0).join(' ') + (plain ? '' : '\n'));
    return 0;
  },
  ls: (_args, io) => {
    for (const path of io.files.list()) io.stdout(`${path}\n`);
    return 0;
  },
  cat: async (args, io) => {
    const sources = inputs('cat', args, io);
    if (!sources) return 1;
    for await (const line of allLines(sources)) io.stdout(`${line}\n`);
    return 0;
  },
  grep,
  egrep: grep,
  head,
  sleep,
  tail: filter('tail', 'n', (lines, flags) => {
    const count = flags.get('n') ?? '10';
    return count.startsWith('+') ? lines.slice(Number(count) - 1) : lines.slice(-Number(count) || lines.length);
  }),
  sort: filter('sort', 'kt', (lines, flags) => {
    const order = flags.has('n')
      ? (a: string, b: string): number => Number.parseFloat(a) - Number.parseFloat(b)
      : (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
    const sorted = [...(flags.has('u') ? new Set(lines) : lines)].sort(order);
    return flags.has('r') ? sorted.reverse() : sorted;
  }),
  uniq: filter('uniq', '', (lines, flags) => {
    const runs: { line: string; count: number }[] = [];
    for (const line of lines) {
      if (runs.at(-1)?.line === line) runs.at(-1)!.count++;
      else runs.push({ line, count: 1 });
    }
    return runs.map(({ line, count }) => (flags.has('c') ? `${String(count).padStart(7)} ${line}` : line));
  }),
  wc: filter('wc', '', (lines, flags) => {
    const words = lines.flatMap((line) => line.split(/\s+/).filter((word) => word !== '')).length;
    const characters = lines.reduce((sum, line) => sum + line.length + 1, 0);
    if (flags.has('l')) return [String(lines.length)];
    if (flags.has('w')) return [String(words)];
    if (flags.has('c')) return [String(characters)];
    return [`${lines.length} ${words} ${characters}`];
  }),
  seq: (args, io) => {
    const [first, last] = args.length > 1 ? [Number(args[0]), Number(args[1])] : [1, Number(args[0])];
    for (let i = first; i <= last; i++) io.stdout(`${i}\n`);
    return 0;
  },
};
