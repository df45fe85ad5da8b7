/**
 * Elastic tab stops as Go's text/tabwriter lays them out: a column is a run of consecutive lines that have a
 * tab-terminated cell at that position; the last cell of a line belongs to no column.
 */
export interface TabOptions {
  readonly minWidth: number;
  readonly padding: number;
  /** Column widths of earlier blocks, kept as a minimum and widened in place (for watches). */
  readonly remembered?: number[];
}

/** How kubectl's tables are spaced. */
export const TABLE: TabOptions = { minWidth: 6, padding: 3 };
/** How kubectl describe is spaced. */
export const DESCRIBE: TabOptions = { minWidth: 0, padding: 2 };

const widthOf = (text: string): number => {
  let width = 0;
  for (const _ of text) width++;
  return width;
};

export const alignTabs = (text: string, options: TabOptions): string => {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const widths: number[][] = lines.map(() => []);
  const layOut = (from: number, to: number, column: number): void => {
    for (let row = from; row < to; row++) {
      if (lines[row]!.length - 1 <= column) continue;
      let end = row;
      let width = options.minWidth;
      for (; end < to && lines[end]!.length - 1 > column; end++)
        width = Math.max(width, widthOf(lines[end]![column]!) + options.padding);
      if (options.remembered) {
        width = Math.max(width, options.remembered[column] ?? 0);
        options.remembered[column] = width;
      }
      for (let r = row; r < end; r++) widths[r]![column] = width;
      layOut(row, end, column + 1);
      row = end - 1;
    }
  };
  layOut(0, lines.length, 0);
  return lines
    .map((cells, row) =>
      cells
        .map((cell, column) =>
          column === cells.length - 1 ? cell : cell + ' '.repeat(Math.max(0, widths[row]![column]! - widthOf(cell))),
        )
        .join(''),
    )
    .join('\n');
};
