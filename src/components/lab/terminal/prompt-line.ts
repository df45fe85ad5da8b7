/** How many columns of a terminal a text takes: two for East Asian wide characters and emoji, none for combining marks. */
export function columns(text: string): number {
  let width = 0;
  for (const character of text) width += /\p{Mn}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;

/** Draws a prompt with the line being typed, over as many rows as it takes, and knows where it left the cursor. */
export class PromptLine {
  #rowOfCursor = 0;

  /** What to write to draw it anew over the last drawing, `width` columns wide. */
  redraw(prompt: string, text: string, cursor: number, width: number): string {
    const total = columns(prompt) + columns(text);
    const before = columns(prompt) + columns(text.slice(0, cursor));
    const up = (rows: number): string => (rows > 0 ? `\x1b[${rows}A` : '');
    let out = `${up(this.#rowOfCursor)}\r\x1b[J\x1b[1m${prompt}\x1b[22m${text}`;
    // A full last row leaves the cursor behind its last column; a space and a return bring it to the next row.
    if (total > 0 && total % width === 0) out += ' \r';
    const lastRow = Math.floor(total / width);
    this.#rowOfCursor = Math.floor(before / width);
    const column = before % width;
    out += `${up(lastRow - this.#rowOfCursor)}\r${column > 0 ? `\x1b[${column}C` : ''}`;
    return out;
  }

  /** What to write to leave the line: the cursor goes below it. */
  leave(prompt: string, text: string, width: number): string {
    const lastRow = Math.floor((columns(prompt) + columns(text)) / width);
    const down = lastRow - this.#rowOfCursor;
    this.#rowOfCursor = 0;
    return `${down > 0 ? `\x1b[${down}B` : ''}\r\n`;
  }

  /** Says that the screen was cleared, or other output began a new row. */
  start(): void {
    this.#rowOfCursor = 0;
  }
}
