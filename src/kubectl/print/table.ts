import { goValue } from '../../api/go-text.ts';
import { alignTabs, TABLE } from '../cli/tabwriter.ts';
import { kindName, type Mapping } from '../discovery.ts';
import { list, record, sortedKeys, text, type Obj } from '../value.ts';

export interface TableOptions {
  readonly wide?: boolean;
  readonly noHeaders?: boolean;
  readonly withNamespace?: boolean;
  /** The kind put before names: `pod/web`. */
  readonly withKind?: Mapping | undefined;
  readonly labelColumns?: readonly string[];
  readonly showLabels?: boolean;
}

interface Column {
  readonly name: string;
  readonly priority?: number;
  readonly format?: string;
  readonly type?: string;
}

/** Tab-separated lines of server Tables; headers once for tables of the same columns in a row. */
export class TableLines {
  readonly #options: TableOptions;
  #columns = '';
  #lastColumns: readonly Column[] | undefined;
  lines = '';

  constructor(options: TableOptions) {
    this.#options = options;
  }

  add(table: Obj): void {
    const rows = list(table, 'rows');
    if (rows.length === 0) return;
    const given = list(table, 'columnDefinitions') as unknown as Column[];
    // A watch sends the columns with its first event only.
    const columns = given.length > 0 ? given : (this.#lastColumns ?? []);
    this.#lastColumns = columns;
    const shown = columns.flatMap((column, i) => (this.#options.wide || !column.priority ? [i] : []));
    this.#headers(shown.map((i) => columns[i]!.name));
    for (const row of rows) this.#row(row, shown, columns);
  }

  #headers(names: readonly string[]): void {
    const { withNamespace, labelColumns = [], showLabels, noHeaders } = this.#options;
    const all = [
      ...(withNamespace ? ['NAMESPACE'] : []),
      ...names.map((name) => name.toUpperCase()),
      ...labelColumns.map((label) => label.slice(label.lastIndexOf('/') + 1).toUpperCase()),
      ...(showLabels ? ['LABELS'] : []),
    ].join('\t');
    if (!noHeaders && all !== this.#columns) this.lines += `${all}\n`;
    this.#columns = all;
  }

  #row(row: Obj, shown: readonly number[], columns: readonly Column[]): void {
    const { withNamespace, withKind, labelColumns = [], showLabels } = this.#options;
    const cells = row['cells'] as readonly unknown[];
    const labels = record(row, 'object', 'metadata', 'labels');
    this.lines += `${[
      ...(withNamespace ? [text(row, 'object', 'metadata', 'namespace')] : []),
      ...shown.map((i) => {
        const cell = cellText(cells[i]);
        const isName = columns[i]!.name.toLowerCase() === 'name' || columns[i]!.format === 'name';
        return isName && withKind ? `${kindName(withKind.group, withKind.kind)}/${cell}` : cell;
      }),
      ...labelColumns.map((label) => labels[label] ?? ''),
      ...(showLabels ? [labelText(labels)] : []),
    ].join('\t')}\n`;
  }
}

/** `a=b,c=d`, or `<none>`. */
export const labelText = (labels: Readonly<Record<string, string>>): string =>
  sortedKeys(labels)
    .map((key) => `${key}=${labels[key]}`)
    .join(',') || '<none>';

const cellText = (cell: unknown): string => {
  if (cell === null || cell === undefined) return '';
  const value = goValue(cell);
  const end = value.search(/[\f\n\r]/);
  return escapeTerminal(end < 0 ? value : `${value.slice(0, end)}...`);
};

/** Makes terminal escapes visible instead of acting on them. */
export const escapeTerminal = (value: string): string => value.replaceAll('\x1b', '^[').replaceAll('\r', '\\r');

export const alignTable = (lines: string, remembered?: number[]): string =>
  alignTabs(lines, remembered ? { ...TABLE, remembered } : TABLE);

/** A Table for objects that have none: NAME and AGE. `age` tells the age of a creationTimestamp. */
export const plainTable = (objects: readonly Obj[], age: (timestamp: string) => string): Obj => ({
  kind: 'Table',
  columnDefinitions: [
    { name: 'Name', type: 'string', format: 'name' },
    { name: 'Age', type: 'string' },
  ],
  rows: objects.map((object) => ({
    cells: [text(object, 'metadata', 'name'), age(text(object, 'metadata', 'creationTimestamp'))],
    object,
  })),
});
