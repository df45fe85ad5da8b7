import { posixRegExp, type Program } from './programs.ts';

interface Address {
  readonly matches: (line: string, number: number, last: boolean) => boolean;
}
interface Edit {
  readonly from?: Address;
  readonly to?: Address;
  readonly negated: boolean;
  readonly command: string;
  readonly regExp?: RegExp;
  readonly replacement?: string;
  inside: boolean;
}

/** The sed of the recordings: s, p, d with line, `$`, pattern and range addresses; -n, -i, -e, -E. */
export const runSed: Program = (args, io) => {
  let quiet = false;
  let inPlace = false;
  let extended = false;
  const scripts: string[] = [];
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '-n') quiet = true;
    else if (arg === '-i') inPlace = true;
    else if (arg === '-E' || arg === '-r') extended = true;
    else if (arg === '-e') scripts.push(args[++i]!);
    else rest.push(arg);
  }
  if (scripts.length === 0) scripts.push(rest.shift()!);
  const edits = parse(scripts.join('\n'), extended);
  const run = (text: string): string => edit(text, edits, quiet);
  if (rest.length === 0) io.out(run(io.stdin));
  for (const path of rest) {
    const text = io.folder.read(path);
    if (text === undefined) {
      io.err(`sed: can't read ${path}: No such file or directory\n`);
      return 2;
    }
    if (inPlace) io.folder.write(path, run(text));
    else io.out(run(text));
  }
  return 0;
};

const parse = (script: string, extended: boolean): Edit[] => {
  const edits: Edit[] = [];
  let i = 0;
  const delimited = (delimiter: string): string => {
    let text = '';
    let bracket = false;
    for (; i < script.length && (script[i] !== delimiter || bracket); i++) {
      if (script[i] === '\\' && script[i + 1] === delimiter) text += script[++i]!;
      else if (script[i] === '\\') text += script[i]! + script[++i]!;
      else {
        if (script[i] === '[') bracket = true;
        else if (script[i] === ']') bracket = false;
        text += script[i]!;
      }
    }
    i++;
    return text;
  };
  const address = (): Address | undefined => {
    if (script[i] === '/') {
      i++;
      const regExp = posixRegExp(delimited('/'), extended);
      return { matches: (line) => regExp.test(line) };
    }
    if (script[i] === '$') {
      i++;
      return { matches: (_, __, last) => last };
    }
    const number = /^\d+/.exec(script.slice(i))?.[0];
    if (number === undefined) return undefined;
    i += number.length;
    return { matches: (_, at) => at === Number(number) };
  };
  while (i < script.length) {
    if (/[\s;]/.test(script[i]!)) {
      i++;
      continue;
    }
    const from = address();
    let to: Address | undefined;
    if (script[i] === ',') {
      i++;
      to = address();
    }
    const negated = script[i] === '!';
    if (negated) i++;
    const command = script[i++]!;
    if (command !== 's') {
      edits.push({ ...(from ? { from } : {}), ...(to ? { to } : {}), negated, command, inside: false });
      continue;
    }
    const delimiter = script[i++]!;
    const pattern = delimited(delimiter);
    const replacement = delimited(delimiter);
    const flags = /^[gpI0-9]*/.exec(script.slice(i))![0];
    i += flags.length;
    edits.push({
      ...(from ? { from } : {}),
      ...(to ? { to } : {}),
      negated,
      command,
      inside: false,
      replacement,
      regExp: posixRegExp(pattern, extended, `${flags.includes('g') ? 'g' : ''}${flags.includes('I') ? 'i' : ''}`),
    });
  }
  return edits;
};

const applies = (each: Edit, line: string, number: number, last: boolean): boolean => {
  if (!each.from) return true;
  if (!each.to) return each.from.matches(line, number, last) !== each.negated;
  if (each.inside) {
    if (each.to.matches(line, number, last)) each.inside = false;
    return !each.negated;
  }
  if (!each.from.matches(line, number, last)) return each.negated;
  each.inside = true;
  return !each.negated;
};

const edit = (text: string, edits: readonly Edit[], quiet: boolean): string => {
  const ended = text.endsWith('\n');
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  let out = '';
  lines.forEach((original, index) => {
    let line = original;
    let deleted = false;
    const last = index === lines.length - 1;
    const end = last && !ended ? '' : '\n';
    for (const each of edits) {
      if (deleted || !applies(each, line, index + 1, last)) continue;
      if (each.command === 'd') deleted = true;
      else if (each.command === 'p') out += line + end;
      else if (each.command === 's')
        line = line.replace(each.regExp!, (...found: unknown[]) => replaced(each.replacement!, found));
    }
    if (!deleted && !quiet) out += line + end;
  });
  return out;
};

const replaced = (replacement: string, found: readonly unknown[]): string =>
  replacement.replace(/\\(\d)|\\(.)|&/g, (whole, group: string | undefined, escaped: string | undefined) => {
    if (group !== undefined) return String(found[Number(group)] ?? '');
    if (escaped !== undefined) return escaped === 'n' ? '\n' : escaped === 't' ? '\t' : escaped;
    return whole === '&' ? String(found[0]) : whole;
  });
