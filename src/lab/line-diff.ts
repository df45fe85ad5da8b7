/** Which lines of two texts are not in both, as numbers from 1. */
export interface LineDiff {
  /** Lines of the second text that are new or different. */
  readonly changed: number[];
  /** Lines of the first text that are gone or different. */
  readonly removed: number[];
}

/** Compares line by line along a longest common subsequence. */
export function diffLines(before: string, after: string): LineDiff {
  const a = before.split('\n');
  const b = after.split('\n');
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const rows = endA - start;
  const columns = endB - start;
  // lengths[i][j]: longest common subsequence of what follows line i of a and line j of b.
  const lengths = Array.from({ length: rows + 1 }, () => new Uint32Array(columns + 1));
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      lengths[i]![j] =
        a[start + i] === b[start + j]
          ? lengths[i + 1]![j + 1]! + 1
          : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  const diff: LineDiff = { changed: [], removed: [] };
  let i = 0;
  let j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && a[start + i] === b[start + j]) {
      i++;
      j++;
    } else if (j < columns && (i === rows || lengths[i]![j + 1]! >= lengths[i + 1]![j]!)) {
      diff.changed.push(start + ++j);
    } else {
      diff.removed.push(start + ++i);
    }
  }
  return diff;
}
