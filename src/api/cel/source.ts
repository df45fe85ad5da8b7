/** Something wrong with an expression, and where. */
export interface Issue {
  /** UTF-16 offset in the expression. */
  readonly offset: number;
  readonly message: string;
}

/** cel-go stops counting here. */
const MAX_REPORTED = 100;

interface Place {
  readonly line: number;
  /** Code points before the place in its line. */
  readonly column: number;
  readonly text: string;
}

function placeOf(source: string, offset: number): Place {
  const start = source.lastIndexOf('\n', offset - 1) + 1;
  const end = source.indexOf('\n', offset);
  const line = source.slice(0, start).split('\n').length;
  const text = source.slice(start, end < 0 ? source.length : end);
  return { line, column: [...source.slice(start, offset)].length, text };
}

/** As wide on a terminal as the character that it stands under. */
const mark = (character: string | undefined, narrow: string, wide: string): string =>
  character !== undefined && character.charCodeAt(0) > 0x7f ? wide : narrow;

/** One issue as cel-go shows it: the message, the line, and a pointer. */
function showIssue(source: string, { offset, message }: Issue): string {
  const { line, column, text } = placeOf(source, offset);
  const characters = [...text.replaceAll('\t', ' ')];
  const dots = characters.slice(0, column).map((character) => mark(character, '.', '．'));
  const pointer = dots.join('') + mark(characters[column], '^', '＾');
  return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${characters.join('')}\n | ${pointer}`;
}

/** All issues in the order of their places, as cel-go prints them (common.Errors.ToDisplayString). */
export function showIssues(source: string, issues: readonly Issue[]): string {
  const sorted = [...issues].sort((a, b) => a.offset - b.offset);
  const shown = sorted.slice(0, MAX_REPORTED).map((issue) => showIssue(source, issue));
  const more = sorted.length - shown.length;
  if (more > 0) shown.push(`${more} more errors were truncated`);
  return shown.join('\n');
}

/** An expression that does not parse or does not type-check; the message is the whole of cel-go's display. */
export class CelSyntaxError extends Error {
  readonly issues: readonly Issue[];

  constructor(source: string, issues: readonly Issue[]) {
    super(showIssues(source, issues));
    this.name = 'CelSyntaxError';
    this.issues = issues;
  }

  /** Offset of the first issue. */
  get offset(): number {
    return Math.min(...this.issues.map(({ offset }) => offset));
  }
}
