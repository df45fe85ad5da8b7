const END_OF_INPUT = '\u0004';
const INTERRUPT = '\u0003';
const ERASE = '\u007f';

/**
 * The line discipline of a terminal: what is typed is shown and handed on line by line, what is printed gets its
 * carriage returns.
 */
export class Terminal {
  readonly #show: (text: string) => void;
  #line = '';

  constructor(show: (text: string) => void) {
    this.#show = show;
  }

  print(text: string): void {
    this.#show(text.replace(/\r?\n/g, '\r\n'));
  }

  /** Keys that were pressed; undefined hangs up. `read` gets whole lines, and undefined for the end of input. */
  type(keys: string | undefined, read: (text: string | undefined) => void): void {
    if (keys === undefined) {
      read(undefined);
      return;
    }
    for (const key of keys) {
      if (key === '\r' || key === '\n') {
        this.#show('\r\n');
        read(`${this.#line}\n`);
        this.#line = '';
      } else if (key === END_OF_INPUT) {
        if (this.#line === '') read(undefined);
      } else if (key === INTERRUPT) {
        this.#show('^C\r\n');
        this.#line = '';
        read('\n');
      } else if (key === ERASE) {
        if (this.#line !== '') this.#show('\b \b');
        this.#line = this.#line.slice(0, -1);
      } else {
        this.#show(key);
        this.#line += key;
      }
    }
  }
}
