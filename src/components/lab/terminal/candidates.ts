import { columns } from './prompt-line.ts';

/** What all of them begin with. */
export function commonPrefix(options: readonly string[]): string {
  let prefix = options[0] ?? '';
  for (const option of options) while (!option.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix;
}

/** The options as a terminal lists them: in columns, top to bottom. */
export function inColumns(options: readonly string[], width: number): string {
  const cell = Math.max(...options.map(columns)) + 2;
  const perRow = Math.max(1, Math.floor(width / cell));
  const rows = Math.ceil(options.length / perRow);
  let out = '';
  for (let row = 0; row < rows; row++) {
    const line = options.filter((_option, i) => i % rows === row);
    out += `${line
      .map((option) => option + ' '.repeat(cell - columns(option)))
      .join('')
      .trimEnd()}\n`;
  }
  return out;
}
