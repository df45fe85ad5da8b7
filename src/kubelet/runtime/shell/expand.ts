import type { DoubleQuotedChild, ParameterExpansionPart, Word, WordPart } from 'unbash';
import type { Task } from '../../task.ts';
import { normalizePath } from '../file-tree.ts';
import { evaluate } from './arithmetic.ts';
import type { Shell, Streams } from './interpreter.ts';
import { Leave } from './leave.ts';
import { patternExpression, removeMatch } from './pattern.ts';

/** A piece of a word: quoted pieces are neither split nor matched against files. */
interface Piece {
  readonly text: string;
  readonly quoted: boolean;
  /** Came out of an expansion. */
  readonly expanded: boolean;
}

/** A word as one text, without splitting: assignments, redirections, case subjects. */
export function* expandText(shell: Shell, word: Word, streams: Streams): Task<string> {
  if (!word.parts) return tilde(word.value);
  let text = '';
  for (const part of word.parts) for (const piece of yield* pieces(shell, part, streams)) text += piece.text;
  return text;
}

/** A word as the arguments that it becomes: expansions are split at blanks, patterns become file names. */
export function* expandWord(shell: Shell, word: Word, streams: Streams): Task<string[]> {
  if (!word.parts) return [tilde(word.value)];
  const [only] = word.parts;
  if (word.parts.length === 1 && only?.type === 'DoubleQuoted' && only.text === '"$@"') return [...shell.positional];
  const fields: { text: string; glob: boolean; quoted: boolean }[] = [];
  let open = false;
  const append = (text: string, quoted: boolean, glob: boolean): void => {
    const last = fields.at(-1);
    if (open && last) {
      last.text += text;
      last.quoted ||= quoted;
      last.glob ||= glob;
    } else fields.push({ text, quoted, glob });
    open = true;
  };
  for (const part of word.parts) {
    for (const piece of yield* pieces(shell, part, streams)) {
      if (piece.quoted || !piece.expanded) {
        append(piece.text, piece.quoted, part.type === 'Glob');
        continue;
      }
      const words = piece.text.split(/[ \t\n]+/);
      words.forEach((text, i) => {
        if (i > 0) open = false;
        if (text !== '' || (open && i === 0)) append(text, false, /[*?[]/.test(text));
      });
    }
  }
  const kept = fields.filter(({ text, quoted }) => text !== '' || quoted);
  return kept.flatMap(({ text, glob }) => (glob ? globbed(shell, text) : [text]));
}

const tilde = (text: string): string => (text === '~' || text.startsWith('~/') ? `/root${text.slice(1)}` : text);

const expanded = (text: string): Piece[] => [{ text, quoted: false, expanded: true }];

function* pieces(shell: Shell, part: WordPart, streams: Streams): Task<Piece[]> {
  switch (part.type) {
    case 'Literal':
    case 'Glob':
      return [{ text: part.value, quoted: false, expanded: false }];
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [{ text: part.value, quoted: true, expanded: false }];
    case 'DoubleQuoted':
    case 'LocaleString': {
      let text = '';
      for (const child of part.parts) text += yield* quotedText(shell, child, streams);
      return [{ text, quoted: true, expanded: false }];
    }
    case 'SimpleExpansion':
    case 'ParameterExpansion':
    case 'CommandExpansion':
    case 'ArithmeticExpansion':
      return expanded(yield* expansion(shell, part, streams));
    case 'BraceExpansion':
      return [{ text: part.text, quoted: false, expanded: false }];
    default:
      return [{ text: part.text, quoted: false, expanded: false }];
  }
}

function* quotedText(shell: Shell, part: DoubleQuotedChild, streams: Streams): Task<string> {
  return part.type === 'Literal' ? part.value : yield* expansion(shell, part, streams);
}

type Expansion = Exclude<DoubleQuotedChild, { type: 'Literal' }>;

function* expansion(shell: Shell, part: Expansion, streams: Streams): Task<string> {
  switch (part.type) {
    case 'SimpleExpansion':
      return value(shell, part.text.slice(1), streams);
    case 'CommandExpansion':
      return part.script ? yield* shell.capture(part.script, streams) : '';
    case 'ArithmeticExpansion':
      return String(evaluate(part.expression, shell));
    case 'ParameterExpansion':
      return yield* parameter(shell, part, streams);
  }
}

function value(shell: Shell, name: string, streams: Streams): string {
  const found = shell.get(name);
  if (found === undefined && shell.nounset) {
    streams.err(`${shell.shellName}: ${name}: parameter not set\n`);
    throw new Leave('exit', 2);
  }
  return found ?? '';
}

function* parameter(shell: Shell, part: ParameterExpansionPart, streams: Streams): Task<string> {
  const { parameter: name, operation } = part;
  const current = shell.get(name);
  if (part.prefix === '#') return String((current ?? '').length);
  switch (operation?.type) {
    case undefined:
      return value(shell, name, streams);
    case 'Default': {
      const { operator, operand } = operation;
      const missing = current === undefined || (operator.startsWith(':') && current === '');
      if (operator.endsWith('+')) return missing ? '' : yield* expandText(shell, operand, streams);
      if (!missing) return current;
      const text = yield* expandText(shell, operand, streams);
      if (operator.endsWith('=')) shell.set(name, text);
      if (operator.endsWith('?')) {
        streams.err(`${shell.shellName}: ${name}: ${text || 'parameter not set'}\n`);
        throw new Leave('exit', 2);
      }
      return text;
    }
    case 'Remove': {
      const pattern = yield* expandText(shell, operation.operand, streams);
      const front = operation.operator.startsWith('#');
      return removeMatch(current ?? '', pattern, front ? 'front' : 'back', operation.operator.length === 2);
    }
    case 'Replace': {
      const pattern = yield* expandText(shell, operation.pattern, streams);
      const replacement = yield* expandText(shell, operation.replacement, streams);
      const expression = patternExpression(pattern).source.slice(1, -1);
      const at = { '/': '', '//': '', '/#': '^', '/%': '' }[operation.operator];
      const end = operation.operator === '/%' ? '$' : '';
      return (current ?? '').replace(
        new RegExp(at + expression + end, operation.operator === '//' ? 'g' : ''),
        () => replacement,
      );
    }
    case 'Slice': {
      const offset = Number(yield* expandText(shell, operation.offset, streams));
      const length = operation.length ? Number(yield* expandText(shell, operation.length, streams)) : undefined;
      return (current ?? '').slice(offset, length === undefined ? undefined : length < 0 ? length : offset + length);
    }
    case 'CaseModification': {
      const upper = operation.operator.startsWith('^');
      const change = (text: string): string => (upper ? text.toUpperCase() : text.toLowerCase());
      const text = current ?? '';
      return operation.operator.length === 2 ? change(text) : change(text.slice(0, 1)) + text.slice(1);
    }
    default:
      return current ?? '';
  }
}

/** File names that match a pattern; the pattern itself when none does. */
function globbed(shell: Shell, pattern: string): string[] {
  const { files } = shell.process.machine;
  const absolute = pattern.startsWith('/');
  let found = [absolute ? '' : shell.process.cwd];
  for (const part of normalizePath(pattern).split('/')) {
    const expression = patternExpression(part);
    found = found.flatMap((directory) =>
      /[*?[]/.test(part)
        ? files
            .list(directory)
            .map((name) => name.replace(/\/$/, ''))
            .filter((name) => expression.test(name) && (part.startsWith('.') || !name.startsWith('.')))
            .map((name) => `${directory === '/' ? '' : directory}/${name}`)
        : files.exists(`${directory}/${part}`)
          ? [`${directory === '/' ? '' : directory}/${part}`]
          : [],
    );
  }
  if (found.length === 0) return [pattern];
  const prefix = shell.process.cwd === '/' ? '/' : `${shell.process.cwd}/`;
  return found.map((path) => (absolute ? path : path.slice(path.startsWith(prefix) ? prefix.length : 0))).sort();
}
