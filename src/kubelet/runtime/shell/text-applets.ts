import type { Program } from '../process.ts';
import type { Task } from '../../task.ts';
import { fail, options, readFile, type Applets, type Command } from './command.ts';

/** The text of the named files, or of standard input; undefined when one is missing, after saying so. */
function* texts(command: Command, paths: readonly string[]): Task<string | undefined> {
  if (paths.length === 0) return yield* command.input.all();
  let text = '';
  for (const path of paths) {
    if (path === '-') {
      text += yield* command.input.all();
      continue;
    }
    const file = readFile(command, path);
    if (!file) {
      fail(
        command,
        `${command.name === 'cat' ? "can't open " : ''}${command.name === 'cat' ? `'${path}'` : path}: No such file or directory`,
      );
      return undefined;
    }
    text += file.text;
  }
  return text;
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
const joined = (lines: readonly string[]): string => (lines.length > 0 ? `${lines.join('\n')}\n` : '');

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  a: '\x07',
  '0': '\0',
  e: '\x1b',
};
const unescape = (text: string): string => text.replace(/\\([ntr\\a0e])/g, (_, char: string) => ESCAPES[char]!);

function* echo({ args, out }: Command): Program {
  const words = [...args];
  let newline = true;
  let escapes = false;
  while (words[0] && /^-[neE]+$/.test(words[0])) {
    const flag = words.shift()!;
    if (flag.includes('n')) newline = false;
    if (flag.includes('e')) escapes = true;
  }
  const text = words.join(' ');
  out((escapes ? unescape(text) : text) + (newline ? '\n' : ''));
  return 0;
}

function* printf({ args: [format = '', ...values], out }: Command): Program {
  let i = 0;
  do {
    out(
      unescape(format).replace(/%(-?\d*)([sdifx%])/g, (_, width: string, kind: string) => {
        if (kind === '%') return '%';
        const value = values[i++] ?? (kind === 's' ? '' : '0');
        const text = kind === 's' ? value : kind === 'x' ? Number(value).toString(16) : String(Number(value));
        return width.startsWith('-')
          ? text.padEnd(Number(width.slice(1)))
          : width
            ? text.padStart(Number(width), width.startsWith('0') ? '0' : ' ')
            : text;
      }),
    );
  } while (i > 0 && i < values.length);
  return 0;
}

function* cat(command: Command): Program {
  const text = yield* texts(
    command,
    command.args.filter((arg) => arg === '-' || !arg.startsWith('-')),
  );
  if (text === undefined) return 1;
  command.out(text);
  return 0;
}

function* head(command: Command): Program {
  const args = command.args.map((arg) => (/^-\d+$/.test(arg) ? `-n${arg.slice(1)}` : arg));
  const { flags, rest } = options(args, 'nc');
  const text = yield* texts(command, rest);
  if (text === undefined) return 1;
  if (flags.has('c')) command.out(text.slice(0, Number(flags.get('c'))));
  else command.out(joined(linesOf(text).slice(0, Number(flags.get('n') ?? 10))));
  return 0;
}

/** How often `tail -f` looks whether its file grew. */
const FOLLOW_MS = 1000;

function* tail(command: Command): Program {
  const args = command.args.map((arg) => (/^-\d+$/.test(arg) ? `-n${arg.slice(1)}` : arg));
  const { flags, rest } = options(args, 'nc');
  const [path] = rest;
  // It keeps in memory what it may have to print: all of an endless line.
  if (path === '/dev/zero') yield* command.process.exhaustMemory();
  const text = yield* texts(command, rest);
  if (text === undefined) return 1;
  const count = flags.get('n') ?? '10';
  command.out(
    joined(
      count.startsWith('+')
        ? linesOf(text).slice(Number(count) - 1)
        : Number(count) === 0
          ? []
          : linesOf(text).slice(-Number(count)),
    ),
  );
  if (!flags.has('f') && !flags.has('F')) return 0;
  if (path === undefined || path === '/dev/null') yield* command.process.sleep(Infinity);
  for (let seen = text.length; ;) {
    yield* command.process.sleep(FOLLOW_MS);
    const now = readFile(command, path!)?.text ?? '';
    if (now.length > seen) command.out(now.slice(seen));
    seen = now.length;
  }
}

function* grep(command: Command): Program {
  const { flags, rest } = options(command.args, 'em');
  const [pattern, ...paths] = flags.has('e') ? [flags.get('e')!, ...rest] : rest;
  const text = yield* texts(command, paths);
  if (text === undefined) return 2;
  const source = flags.has('F') ? pattern!.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : (pattern ?? '');
  const expression = new RegExp(flags.has('w') ? `\\b(?:${source})\\b` : source, flags.has('i') ? 'i' : '');
  const found = linesOf(text).filter((line) => expression.test(line) !== flags.has('v'));
  if (flags.has('c')) command.out(`${found.length}\n`);
  else if (flags.has('o')) command.out(joined(found.flatMap((line) => line.match(new RegExp(expression, 'g')) ?? [])));
  else if (!flags.has('q')) command.out(joined(found));
  return found.length > 0 ? 0 : 1;
}

function* wc(command: Command): Program {
  const { flags, rest } = options(command.args);
  const text = yield* texts(command, rest);
  if (text === undefined) return 1;
  const counts = { l: text.split('\n').length - 1, w: text.split(/\s+/).filter(Boolean).length, c: text.length };
  const wanted = (['l', 'w', 'c'] as const).filter((key) => flags.size === 0 || flags.has(key));
  const numbers = wanted
    .map((key) => (wanted.length > 1 ? String(counts[key]).padStart(8) : String(counts[key])))
    .join(' ');
  command.out(`${numbers}${rest[0] ? ` ${rest[0]}` : ''}\n`);
  return 0;
}

function* sort(command: Command): Program {
  const { flags, rest } = options(command.args, 'kt');
  const text = yield* texts(command, rest);
  if (text === undefined) return 1;
  let lines = linesOf(text);
  const key = Number(flags.get('k')?.split(/[,.]/)[0] ?? 0);
  const part = (line: string): string => (key > 0 ? (line.split(flags.get('t') ?? /\s+/)[key - 1] ?? '') : line);
  lines.sort((a, b) =>
    flags.has('n')
      ? Number.parseFloat(part(a)) - Number.parseFloat(part(b))
      : part(a) < part(b)
        ? -1
        : part(a) > part(b)
          ? 1
          : 0,
  );
  if (flags.has('r')) lines.reverse();
  if (flags.has('u')) lines = lines.filter((line, i) => line !== lines[i - 1]);
  command.out(joined(lines));
  return 0;
}

function* uniq(command: Command): Program {
  const { flags, rest } = options(command.args);
  const text = yield* texts(command, rest);
  if (text === undefined) return 1;
  const groups: { line: string; count: number }[] = [];
  for (const line of linesOf(text)) {
    const last = groups.at(-1);
    if (last?.line === line) last.count++;
    else groups.push({ line, count: 1 });
  }
  command.out(
    joined(groups.map(({ line, count }) => (flags.has('c') ? `${String(count).padStart(7)} ${line}` : line))),
  );
  return 0;
}

function* cut(command: Command): Program {
  const { flags, rest } = options(command.args, 'dfc');
  const text = yield* texts(command, rest);
  if (text === undefined) return 1;
  const ranges = (flags.get('f') ?? flags.get('c') ?? '1').split(',').map((range) => {
    const [from = '', to = from] = range.split('-');
    return [Number(from || 1), to === '' ? Infinity : Number(to)] as const;
  });
  const wanted = (_: string, i: number): boolean => ranges.some(([from, to]) => i + 1 >= from && i + 1 <= to);
  const separator = flags.has('c') ? '' : (flags.get('d') ?? '\t');
  command.out(joined(linesOf(text).map((line) => line.split(separator).filter(wanted).join(separator))));
  return 0;
}

const charactersOf = (set: string): string[] =>
  [
    ...unescape(set)
      .replace('[:lower:]', 'a-z')
      .replace('[:upper:]', 'A-Z')
      .replace('[:space:]', ' \n\t')
      .replace('[:digit:]', '0-9')
      .matchAll(/([^])-([^])|([^])/g),
  ].flatMap(([, from, to, one]) =>
    one !== undefined
      ? [one]
      : Array.from({ length: to!.charCodeAt(0) - from!.charCodeAt(0) + 1 }, (_, i) =>
          String.fromCharCode(from!.charCodeAt(0) + i),
        ),
  );

function* tr(command: Command): Program {
  const { flags, rest } = options(command.args);
  const text = yield* command.input.all();
  const from = charactersOf(rest[0] ?? '');
  if (flags.has('d')) {
    command.out([...text].filter((char) => !from.includes(char)).join(''));
    return 0;
  }
  const to = charactersOf(rest[1] ?? '');
  command.out(
    [...text]
      .map((char) => (from.includes(char) ? (to[Math.min(from.indexOf(char), to.length - 1)] ?? char) : char))
      .join(''),
  );
  return 0;
}

function* sed(command: Command): Program {
  const { flags, rest } = options(command.args, 'e');
  const [script = '', ...paths] = flags.has('e') ? [flags.get('e')!, ...rest] : rest;
  const text = yield* texts(command, paths);
  if (text === undefined) return 1;
  const substitution = /^s(.)((?:\\.|(?!\1)[^])*)\1((?:\\.|(?!\1)[^])*)\1([gi]*)$/.exec(script.trim());
  const printed = /^(\d+|\$)(?:,(\d+|\$))?p$/.exec(script.trim());
  const lines = linesOf(text);
  if (substitution) {
    const [, , pattern, replacement, modifiers] = substitution;
    const source = flags.has('E') || flags.has('r') ? pattern! : pattern!.replace(/\\([(){}+?|])/g, '$1');
    const expression = new RegExp(source, modifiers);
    command.out(
      joined(
        lines.map((line) =>
          line.replace(expression, replacement!.replace(/\\(\d)/g, '$$$1').replace(/(?<!\\)&/g, '$$&')),
        ),
      ),
    );
    return 0;
  }
  if (printed && flags.has('n')) {
    const at = (mark: string | undefined): number => (mark === '$' ? lines.length : Number(mark));
    command.out(joined(lines.slice(at(printed[1]) - 1, printed[2] ? at(printed[2]) : at(printed[1]))));
    return 0;
  }
  return fail(command, `unsupported command ${script}`);
}

function* seq({ args, out }: Command): Program {
  const numbers = args.map(Number);
  const [first, step, last] =
    numbers.length === 1
      ? [1, 1, numbers[0]!]
      : numbers.length === 2
        ? [numbers[0]!, 1, numbers[1]!]
        : [numbers[0]!, numbers[1]!, numbers[2]!];
  for (let i = first; step > 0 ? i <= last : i >= last; i += step) out(`${i}\n`);
  return 0;
}

function* expr(command: Command): Program {
  const [left = '0', operator, right = '0'] = command.args;
  const a = Number(left);
  const b = Number(right);
  const results: Readonly<Record<string, number>> = {
    '+': a + b,
    '-': a - b,
    '*': a * b,
    '/': Math.trunc(a / b),
    '%': a % b,
    '<': Number(a < b),
    '>': Number(a > b),
    '=': Number(left === right),
  };
  const result = operator === undefined ? left : String(results[operator] ?? 0);
  command.out(`${result}\n`);
  return result === '0' || result === '' ? 1 : 0;
}

/** Commands over text. */
export const TEXT_APPLETS: Applets = { echo, printf, cat, head, tail, grep, wc, sort, uniq, cut, tr, sed, seq, expr };
