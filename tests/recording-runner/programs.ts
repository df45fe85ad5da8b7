import type { Folder } from './folder.ts';
import { runSed } from './sed.ts';

export interface ProgramIo {
  readonly stdin: string;
  readonly folder: Folder;
  /** Variables that stand before the command. */
  readonly environment?: ReadonlyMap<string, string>;
  out(text: string): void;
  err(text: string): void;
}

/** A command of the recordings' command lines. Returns its exit code. */
export type Program = (args: readonly string[], io: ProgramIo) => number | Promise<number>;

/** A basic regular expression (or an extended one, with -E) as JavaScript's. */
export const posixRegExp = (pattern: string, extended: boolean, flags = ''): RegExp => {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === '\\') {
      const next = pattern[++i] ?? '';
      if (!extended && '(){}|+?'.includes(next)) source += next;
      else source += /[A-Za-z0-9.*[\]^$\\/(){}|+?]/.test(next) ? `\\${next}` : next;
    } else if (c === '[') {
      let end = pattern.indexOf(']', pattern[i + 1] === '^' ? i + 3 : i + 2);
      if (end < 0) end = pattern.length;
      source += pattern
        .slice(i, end + 1)
        .replace(/\\/g, '\\\\')
        .replace(/\[:alnum:\]/g, 'A-Za-z0-9');
      i = end;
    } else if (!extended && '(){}|+?'.includes(c)) source += `\\${c}`;
    else source += c;
  }
  return new RegExp(source, flags);
};

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
const unlines = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
const inputs = (paths: readonly string[], io: ProgramIo): string =>
  paths.length === 0
    ? io.stdin
    : paths.map((path) => (path === '-' ? io.stdin : (io.folder.read(path) ?? ''))).join('');
const letters = (args: readonly string[]): string =>
  args
    .filter((arg) => /^-[A-Za-z]+$/.test(arg))
    .join('')
    .replaceAll('-', '');

/** The options of grep: letters alone, and those that take a value (`-A3`, `-A 3`, `-e PATTERN`). */
const grepOptions = (args: readonly string[]) => {
  let flags = '';
  const values: Record<string, string> = {};
  const patterns: string[] = [];
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!/^-[A-Za-z0-9]/.test(arg)) {
      rest.push(arg);
      continue;
    }
    for (let j = 1; j < arg.length; j++) {
      const letter = arg[j]!;
      if (!'ABCem'.includes(letter)) {
        flags += letter;
        continue;
      }
      const value = arg.slice(j + 1) || args[++i]!;
      if (letter === 'e') patterns.push(value);
      else values[letter] = value;
      break;
    }
  }
  if (patterns.length === 0) patterns.push(rest.shift() ?? '');
  const number = (...letters: string[]): number => Number(letters.map((each) => values[each]).find(Boolean) ?? 0);
  return {
    has: (letter: string) => flags.includes(letter),
    before: number('B', 'C'),
    after: number('A', 'C'),
    most: values['m'] === undefined ? Infinity : Number(values['m']),
    patterns,
    paths: rest,
  };
};

const grep: Program = (args, io) => {
  const { has, before, after, most, patterns, paths } = grepOptions(args);
  const sources = patterns.map((each) => {
    const { source } = has('F')
      ? new RegExp(each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      : posixRegExp(each, has('E') || has('P'));
    return has('x') ? `^(?:${source})$` : has('w') ? `\\b(?:${source})\\b` : `(?:${source})`;
  });
  const regExp = new RegExp(sources.join('|'), `g${has('i') ? 'i' : ''}`);
  const lines = linesOf(inputs(paths, io));
  const out: string[] = [];
  let matched = 0;
  let printed = -1;
  let until = -1;
  lines.forEach((line, i) => {
    const found = line.match(regExp);
    if ((found !== null) !== has('v') && matched < most) {
      matched++;
      const from = Math.max(printed + 1, i - before);
      if ((before > 0 || after > 0) && printed >= 0 && from > printed + 1) out.push('--');
      for (let k = from; k < i; k++) out.push(lines[k]!);
      until = i + after;
      if (has('o')) out.push(...(found ?? []).filter((text) => text !== ''));
    }
    if (i > until) return;
    if (!has('o')) out.push(has('n') ? `${i + 1}:${line}` : line);
    printed = i;
  });
  if (has('c')) io.out(`${matched}\n`);
  else if (!has('q')) io.out(unlines(out));
  return matched > 0 ? 0 : 1;
};

const collate = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const format = (template: string, args: readonly string[]): string => {
  const rest = [...args];
  let out = '';
  do {
    out += template.replace(/\\(n|t|\\|"|')|%([%sdq])/g, (_, escape: string | undefined, verb: string | undefined) => {
      if (escape) return { n: '\n', t: '\t' }[escape] ?? escape;
      return verb === '%' ? '%' : (rest.shift() ?? '');
    });
  } while (rest.length > 0 && /%[sd]/.test(template));
  return out;
};

const test: Program = (args) => {
  const given = args.at(-1) === ']' ? args.slice(0, -1) : args;
  const [a = '', operator = '', b = ''] = given;
  if (given.length === 1) return a === '' ? 1 : 0;
  if (a === '-z') return operator === '' ? 0 : 1;
  if (a === '-n') return operator === '' ? 1 : 0;
  if (a === '!') return test(given.slice(1), undefined as unknown as ProgramIo) === 0 ? 1 : 0;
  const holds: Record<string, boolean> = {
    '=': a === b,
    '==': a === b,
    '!=': a !== b,
    '-eq': Number(a) === Number(b),
    '-ne': Number(a) !== Number(b),
    '-lt': Number(a) < Number(b),
    '-le': Number(a) <= Number(b),
    '-gt': Number(a) > Number(b),
    '-ge': Number(a) >= Number(b),
  };
  return holds[operator] ? 0 : 1;
};

const head = (count: number, text: string): string => unlines(linesOf(text).slice(0, count));

export const programs: Readonly<Record<string, Program>> = {
  cat: (args, io) => {
    for (const path of args)
      if (path !== '-' && io.folder.read(path) === undefined)
        return io.err(`cat: ${path}: No such file or directory\n`) ?? 1;
    io.out(inputs(args, io));
    return 0;
  },
  echo: (args, io) => {
    const bare = args[0] === '-n';
    io.out((bare ? args.slice(1) : args).join(' ') + (bare ? '' : '\n'));
    return 0;
  },
  printf: ([template = '', ...rest], io) => {
    io.out(format(template, rest));
    return 0;
  },
  grep,
  sed: runSed,
  sort: (args, io) => {
    const flags = letters(args);
    const lines = linesOf(
      inputs(
        args.filter((arg) => !arg.startsWith('-')),
        io,
      ),
    ).sort(flags.includes('n') ? (a, b) => parseFloat(a) - parseFloat(b) || collate(a, b) : collate);
    const kept = flags.includes('u') ? [...new Set(lines)] : lines;
    io.out(unlines(flags.includes('r') ? kept.reverse() : kept));
    return 0;
  },
  uniq: (args, io) => {
    const groups: { line: string; count: number }[] = [];
    for (const line of linesOf(io.stdin)) {
      if (groups.at(-1)?.line === line) groups.at(-1)!.count++;
      else groups.push({ line, count: 1 });
    }
    io.out(
      unlines(
        groups.map(({ line, count }) => (letters(args).includes('c') ? `${String(count).padStart(7)} ${line}` : line)),
      ),
    );
    return 0;
  },
  head: (args, io) => {
    const number = args.find((arg) => /^-\d+$/.test(arg));
    const at = args.indexOf('-n');
    const bytes = args.indexOf('-c');
    if (bytes >= 0) io.out(io.stdin.slice(0, Number(args[bytes + 1])));
    else io.out(head(number ? -Number(number) : at >= 0 ? Number(args[at + 1]) : 10, io.stdin));
    return 0;
  },
  tail: (args, io) => {
    const number = args.find((arg) => /^-\d+$/.test(arg));
    const at = args.indexOf('-n');
    const given = number ? number.slice(1) : at >= 0 ? args[at + 1]! : '10';
    const lines = linesOf(io.stdin);
    io.out(unlines(given.startsWith('+') ? lines.slice(Number(given) - 1) : lines.slice(-Number(given))));
    return 0;
  },
  wc: (args, io) => {
    const flags = letters(args);
    const count = flags.includes('l')
      ? (io.stdin.match(/\n/g)?.length ?? 0)
      : flags.includes('w')
        ? io.stdin.split(/\s+/).filter(Boolean).length
        : new TextEncoder().encode(io.stdin).length;
    io.out(`${count}\n`);
    return 0;
  },
  tr: (args, io) => {
    const flags = letters(args);
    const [from = '', to = ''] = args.filter((arg) => !/^-[a-z]+$/.test(arg));
    const set = new Set(from);
    if (flags.includes('d')) io.out([...io.stdin].filter((c) => set.has(c) === flags.includes('c')).join(''));
    else
      io.out(
        [...io.stdin].map((c) => (set.has(c) ? (to[Math.min(from.indexOf(c), to.length - 1)] ?? '') : c)).join(''),
      );
    return 0;
  },
  cut: (args, io) => {
    const option = (letter: string): string | undefined => args.find((arg) => arg.startsWith(`-${letter}`))?.slice(2);
    const [from = '1', to] = (option('c') ?? option('f') ?? '1').split('-');
    const slice = <T>(items: T[]): T[] =>
      items.slice(Number(from || 1) - 1, to === undefined ? Number(from) : to === '' ? undefined : Number(to));
    const delimiter = option('d') ?? '\t';
    io.out(
      unlines(
        linesOf(io.stdin).map((line) =>
          option('c') ? slice([...line]).join('') : slice(line.split(delimiter)).join(delimiter),
        ),
      ),
    );
    return 0;
  },
  seq: (args, io) => {
    const [from, to] = args.length > 1 ? [Number(args[0]), Number(args[1])] : [1, Number(args[0])];
    for (let i = from; i <= to; i++) io.out(`${i}\n`);
    return 0;
  },
  true: () => 0,
  ':': () => 0,
  false: () => 1,
  test,
  '[': test,
};
