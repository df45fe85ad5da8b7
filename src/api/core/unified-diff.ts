/** Lengths of the longest common subsequences of the tails of two lists of lines. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint16Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i]![j] = a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
  return table;
}

interface Line {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

function lines(a: readonly string[], b: readonly string[]): Line[] {
  const common = commonLengths(a, b);
  const out: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push({ mark: ' ', text: a[i++]! });
      j++;
    } else if (j >= b.length || (i < a.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      out.push({ mark: '-', text: a[i++]! });
    } else {
      out.push({ mark: '+', text: b[j++]! });
    }
  }
  return out;
}

/** What is empty has no lines, not an empty one. */
const linesOf = (text: string): string[] => (text === '' ? [] : text.split('\n'));

const CONTEXT = 3;

const range = (start: number, length: number): string =>
  length === 1 ? `${start}` : `${length === 0 ? start - 1 : start},${length}`;

/** A unified diff of two texts, without the lines that name files. Each line ends with a newline. */
export function unifiedDiff(before: string, after: string): string {
  const all = lines(linesOf(before), linesOf(after));
  let out = '';
  let at = 0;
  while (at < all.length) {
    const first = all.findIndex((line, k) => k >= at && line.mark !== ' ');
    if (first < 0) break;
    let end = first;
    for (let k = first, gap = 0; k < all.length && gap <= 2 * CONTEXT; k++) {
      if (all[k]!.mark === ' ') gap++;
      else {
        gap = 0;
        end = k;
      }
    }
    const from = Math.max(at, first - CONTEXT);
    const to = Math.min(all.length, end + CONTEXT + 1);
    const hunk = all.slice(from, to);
    const before = all.slice(0, from);
    const start = (mark: '-' | '+'): number =>
      1 + before.filter((line) => line.mark === ' ' || line.mark === mark).length;
    const size = (mark: '-' | '+'): number => hunk.filter((line) => line.mark === ' ' || line.mark === mark).length;
    out += `@@ -${range(start('-'), size('-'))} +${range(start('+'), size('+'))} @@\n`;
    out += hunk.map((line) => `${line.mark}${line.text}\n`).join('');
    at = to;
  }
  return out;
}
