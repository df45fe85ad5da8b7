import type { Command } from './command.ts';

const distance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row.push(Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    previous = row;
  }
  return previous[b.length]!;
};

/** Commands that may have been meant: at most two edits away, or begun with what was typed. */
export const suggestions = (typed: string, commands: readonly Command[]): string[] => {
  const lower = typed.toLowerCase();
  return commands
    .filter(
      ({ name, suggestFor }) =>
        distance(lower, name.toLowerCase()) <= 2 ||
        name.toLowerCase().startsWith(lower) ||
        suggestFor?.some((word) => word.toLowerCase() === lower),
    )
    .map(({ name }) => name);
};
