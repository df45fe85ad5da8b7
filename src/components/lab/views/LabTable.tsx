import type { ComponentChildren } from 'preact';

export interface TableRow {
  readonly key: string | number;
  /** One for each column. */
  readonly cells: readonly ComponentChildren[];
  readonly class?: string | undefined;
}

interface LabTableProps {
  /** The table's accessible name. */
  readonly label: string;
  readonly columns: readonly ComponentChildren[];
  readonly rows: readonly TableRow[];
  /** Shown while there are no rows. */
  readonly empty?: string;
  /** A further class of the table. */
  readonly kind?: string;
  /** The first cell of a row says what the row is about. */
  readonly rowHeaders?: boolean;
}

/** A table of a lab: what every one of them has around its cells. */
export function LabTable({ label, columns, rows, empty, kind = '', rowHeaders = false }: LabTableProps) {
  return (
    <div class="lab-scroll">
      <table class={`lab-table ${kind}`} aria-label={label}>
        <thead>
          <tr>
            {columns.map((title, i) => (
              <th key={i} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells, class: mark }) => (
            <tr key={key} class={mark}>
              {cells.map((cell, i) =>
                rowHeaders && i === 0 ? (
                  <th key={i} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={i}>{cell}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && empty && <p class="lab-quiet">{empty}</p>}
    </div>
  );
}
