/** What a key asks for that editing alone cannot do. */
export type LineAction =
  | { readonly type: 'submit'; readonly line: string }
  | { readonly type: 'interrupt' }
  | { readonly type: 'clear' }
  | { readonly type: 'complete' }
  | { readonly type: 'edited' };

/** Keys as terminals send them, by what they do here. */
const KEYS: readonly (readonly [sequence: string, key: Key])[] = [
  ['\x1b[200~', 'paste-start'],
  ['\x1b[201~', 'paste-end'],
  ['\x1b[1;5D', 'word-left'],
  ['\x1b[1;5C', 'word-right'],
  ['\x1b[1;3D', 'word-left'],
  ['\x1b[1;3C', 'word-right'],
  ['\x1bb', 'word-left'],
  ['\x1bf', 'word-right'],
  ['\x1bd', 'kill-word-right'],
  ['\x1b\x7f', 'kill-word-left'],
  ['\x1b[A', 'older'],
  ['\x1b[B', 'newer'],
  ['\x1bOA', 'older'],
  ['\x1bOB', 'newer'],
  ['\x1b[D', 'left'],
  ['\x1b[C', 'right'],
  ['\x1bOD', 'left'],
  ['\x1bOC', 'right'],
  ['\x1b[H', 'start'],
  ['\x1b[F', 'end'],
  ['\x1bOH', 'start'],
  ['\x1bOF', 'end'],
  ['\x1b[3~', 'delete'],
  ['\x01', 'start'],
  ['\x02', 'left'],
  ['\x03', 'interrupt'],
  ['\x04', 'delete'],
  ['\x05', 'end'],
  ['\x06', 'right'],
  ['\x08', 'backspace'],
  ['\x7f', 'backspace'],
  ['\t', 'complete'],
  ['\x0b', 'kill-right'],
  ['\x0c', 'clear'],
  ['\x0e', 'newer'],
  ['\x10', 'older'],
  ['\x15', 'kill-left'],
  ['\x17', 'kill-word-left'],
  ['\x19', 'yank'],
  ['\r\n', 'submit'],
  ['\r', 'submit'],
  ['\n', 'submit'],
];

type Key =
  | 'backspace'
  | 'clear'
  | 'complete'
  | 'delete'
  | 'end'
  | 'interrupt'
  | 'kill-left'
  | 'kill-right'
  | 'kill-word-left'
  | 'kill-word-right'
  | 'left'
  | 'newer'
  | 'older'
  | 'paste-end'
  | 'paste-start'
  | 'right'
  | 'start'
  | 'submit'
  | 'word-left'
  | 'word-right'
  | 'yank';

/** Any other escape sequence: keys that do nothing here. */
// oxlint-disable-next-line no-control-regex -- terminals send control characters
const UNKNOWN = /^\x1b(\[[0-9;?]*[ -/]*[@-~]|O.|.)?/;

const MAX_HISTORY = 500;

/** One line being typed, with history: what readline does for the keys that people use. It draws nothing. */
export class LineEditor {
  text = '';
  /** Offset in UTF-16 code units. */
  cursor = 0;
  readonly history: string[];
  /** Which entry of the history is shown; history.length is the line being typed. */
  #at: number;
  #typed = '';
  #killed = '';
  #pasting = false;

  constructor(history: readonly string[] = []) {
    this.history = [...history];
    this.#at = this.history.length;
  }

  /**
   * Takes the first key of what the terminal sent. Returns what it asks for, and what is left to take: a paste may
   * hold several lines, and each runs before the next is read.
   */
  take(data: string): { action: LineAction; rest: string } {
    const known = KEYS.find(([sequence]) => data.startsWith(sequence));
    if (known) return { action: this.#press(known[1]), rest: data.slice(known[0].length) };
    if (data.startsWith('\x1b')) return { action: { type: 'edited' }, rest: data.slice(UNKNOWN.exec(data)![0].length) };
    // oxlint-disable-next-line no-control-regex -- and text is what is none
    const plain = /^[^\x00-\x1f\x7f]+/.exec(data)?.[0];
    if (plain === undefined) return { action: { type: 'edited' }, rest: data.slice(1) };
    this.insert(plain);
    return { action: { type: 'edited' }, rest: data.slice(plain.length) };
  }

  insert(text: string): void {
    this.text = this.text.slice(0, this.cursor) + text + this.text.slice(this.cursor);
    this.cursor += text.length;
  }

  /** Starts an empty line. */
  clear(): void {
    this.text = '';
    this.cursor = 0;
    this.#typed = '';
    this.#at = this.history.length;
  }

  /** Adds a line to the history, once in a row, and forgets the oldest when there are many. */
  remember(line: string): void {
    if (line.trim() !== '' && this.history.at(-1) !== line) this.history.push(line);
    if (this.history.length > MAX_HISTORY) this.history.splice(0, this.history.length - MAX_HISTORY);
    this.#at = this.history.length;
  }

  #press(key: Key): LineAction {
    switch (key) {
      case 'submit': {
        const line = this.text;
        this.clear();
        return { type: 'submit', line };
      }
      case 'interrupt':
        this.clear();
        return { type: 'interrupt' };
      case 'clear':
        return { type: 'clear' };
      case 'complete':
        if (!this.#pasting) return { type: 'complete' };
        this.insert('  ');
        break;
      case 'paste-start':
      case 'paste-end':
        this.#pasting = key === 'paste-start';
        break;
      case 'left':
        this.cursor -= this.#before(this.cursor).length;
        break;
      case 'right':
        this.cursor += this.#after(this.cursor).length;
        break;
      case 'start':
        this.cursor = 0;
        break;
      case 'end':
        this.cursor = this.text.length;
        break;
      case 'word-left':
        this.cursor = this.#wordStart();
        break;
      case 'word-right':
        this.cursor = this.#wordEnd();
        break;
      case 'backspace':
        this.#remove(this.cursor - this.#before(this.cursor).length, this.cursor);
        break;
      case 'delete':
        this.#remove(this.cursor, this.cursor + this.#after(this.cursor).length);
        break;
      case 'kill-left':
        this.#killed = this.#remove(0, this.cursor);
        break;
      case 'kill-right':
        this.#killed = this.#remove(this.cursor, this.text.length);
        break;
      case 'kill-word-left':
        this.#killed = this.#remove(this.#wordStart(), this.cursor);
        break;
      case 'kill-word-right':
        this.#killed = this.#remove(this.cursor, this.#wordEnd());
        break;
      case 'yank':
        this.insert(this.#killed);
        break;
      case 'older':
        this.#show(this.#at - 1);
        break;
      case 'newer':
        this.#show(this.#at + 1);
        break;
    }
    return { type: 'edited' };
  }

  #show(at: number): void {
    if (at < 0 || at > this.history.length) return;
    if (this.#at === this.history.length) this.#typed = this.text;
    this.#at = at;
    this.text = this.history[at] ?? this.#typed;
    this.cursor = this.text.length;
  }

  #remove(start: number, end: number): string {
    const removed = this.text.slice(start, end);
    this.text = this.text.slice(0, start) + this.text.slice(end);
    this.cursor = start;
    return removed;
  }

  /** The character (perhaps a surrogate pair) before and after an offset. */
  #before(at: number): string {
    return Array.from(this.text.slice(Math.max(0, at - 2), at)).at(-1) ?? '';
  }

  #after(at: number): string {
    return Array.from(this.text.slice(at, at + 2))[0] ?? '';
  }

  #wordStart(): number {
    return /\S*\s*$/.exec(this.text.slice(0, this.cursor))!.index;
  }

  #wordEnd(): number {
    return this.cursor + /^\s*\S*/.exec(this.text.slice(this.cursor))![0].length;
  }
}
