import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import type { LabControlStrings } from '../../../i18n/lab-controls.ts';
import type { LabHandle } from '../handle.ts';
import { commonPrefix, inColumns } from './candidates.ts';
import { keepHistory, keptHistory } from './kept-history.ts';
import { LineEditor } from './line-editor.ts';
import { PromptLine } from './prompt-line.ts';
import { terminalTheme } from './theme.ts';

const PROMPT = '$ ';
const CONTINUED = '> ';

/** Below this width, as on a phone, smaller letters keep kubectl's tables together. */
const NARROW_PX = 480;

/**
 * A lab's terminal: xterm.js with a line editor, and the session's shell behind it. It outlives its place on the
 * page, so that changing tabs loses nothing.
 */
export class LabTerminal {
  /** The element to put on the page. */
  readonly element = document.createElement('div');
  readonly #lab: LabHandle;
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #editor: LineEditor;
  readonly #line = new PromptLine();
  /** Keys not yet taken: typed ahead while a command runs, or the rest of a paste. */
  #keys = '';
  /** Lines before this one of a command that goes on. */
  #begun = '';
  #running = false;
  #completedAt = '';
  #escaped = false;
  #midRow = false;

  constructor(lab: LabHandle, words: LabControlStrings) {
    this.#lab = lab;
    this.#editor = new LineEditor(keptHistory(lab.instance));
    this.element.className = 'lab-terminal-screen';
    this.#terminal = new Terminal({
      convertEol: true,
      cursorBlink: false,
      fontFamily:
        'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", "Noto Sans Mono CJK SC", monospace',
      lineHeight: 1.2,
      screenReaderMode: true,
      scrollback: 5000,
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.attachCustomKeyEventHandler((event) => this.#keepsKey(event));
    this.#terminal.onData((data) => this.#take(data));
    this.#terminal.onResize(() => {
      if (!this.#running) this.#draw();
    });
    this.#paint();
    new MutationObserver(() => this.#paint()).observe(document.documentElement, { attributeFilter: ['data-theme'] });
    this.#opened = (): void => {
      this.#terminal.open(this.element);
      const { textarea } = this.#terminal;
      textarea?.setAttribute('aria-label', words.terminalInput);
      this.#terminal.write(`\x1b[?2004h\x1b[2m${words.terminalWelcome}\x1b[22m\r\n`);
      this.#draw();
    };
  }

  /** Opens the screen once it is on the page. */
  #opened: (() => void) | undefined;

  /** Puts the terminal into a place on the page. Returns what takes it out again. */
  attach(place: HTMLElement): () => void {
    place.append(this.element);
    this.#opened?.();
    this.#opened = undefined;
    const fit = (): void => {
      this.#terminal.options.fontSize = place.clientWidth < NARROW_PX ? 11 : 13;
      const size = place.clientWidth > 0 ? this.#fit.proposeDimensions() : undefined;
      // The scroll bar lies over the last columns.
      if (size) this.#terminal.resize(Math.max(20, size.cols - 2), Math.max(4, size.rows));
    };
    const observer = new ResizeObserver(fit);
    observer.observe(place);
    fit();
    return () => {
      observer.disconnect();
      this.element.remove();
    };
  }

  focus(): void {
    this.#terminal.focus();
  }

  /** Types a line and presses Enter, after what runs now. */
  run(line: string): void {
    this.#take(`\x15${line}\r`);
  }

  /**
   * Tab leaves the terminal when there is nothing to complete or Escape came before; Shift-Tab always does. Ctrl-V
   * pastes and, where something is selected, Ctrl-C copies, as everywhere else in a browser.
   */
  #keepsKey(event: KeyboardEvent): boolean {
    const { key, shiftKey, ctrlKey } = event;
    if (ctrlKey && (key.toLowerCase() === 'v' || (key.toLowerCase() === 'c' && this.#terminal.hasSelection())))
      return false;
    if (event.type !== 'keydown') return true;
    const leaves = key === 'Tab' && (shiftKey || this.#escaped || this.#running || this.#editor.text.trim() === '');
    this.#escaped = key === 'Escape';
    return !leaves;
  }

  #take(data: string): void {
    if (this.#running && data.includes('\x03')) {
      this.#keys = data.slice(data.lastIndexOf('\x03') + 1);
      this.#write('^C\n');
      void this.#lab.session().then((session) => session.interrupt());
      return;
    }
    this.#keys += data;
    if (!this.#running) void this.#work();
  }

  /** Takes keys until there are none, or a command runs and then takes the rest. */
  async #work(): Promise<void> {
    this.#running = true;
    while (this.#keys !== '') {
      const { action, rest } = this.#editor.take(this.#keys);
      this.#keys = rest;
      switch (action.type) {
        case 'submit':
          await this.#submit(action.line);
          break;
        case 'interrupt':
          this.#begun = '';
          this.#terminal.write('^C\r\n');
          this.#line.start();
          break;
        case 'clear':
          this.#terminal.write('\x1b[2J\x1b[H');
          this.#line.start();
          break;
        case 'complete':
          await this.#complete();
          break;
        case 'edited':
          break;
      }
    }
    this.#running = false;
    this.#draw();
  }

  async #submit(line: string): Promise<void> {
    this.#terminal.write(this.#line.redraw(this.#prompt, line, line.length, this.#width));
    this.#terminal.write(this.#line.leave(this.#prompt, line, this.#width));
    this.#editor.remember(line);
    keepHistory(this.#lab.instance, this.#editor.history);
    const whole = this.#begun === '' ? line : `${this.#begun}\n${line}`;
    this.#begun = '';
    const command = whole.trim();
    if (command === '') return;
    if (command === 'clear') {
      this.#terminal.write('\x1b[2J\x1b[3J\x1b[H');
      return;
    }
    if (command === 'history') {
      this.#write(this.#editor.history.map((entry, i) => `${String(i + 1).padStart(5)}  ${entry}\n`).join(''));
      return;
    }
    try {
      const session = await this.#lab.session();
      const { incomplete } = await session.exec(whole, (text) => this.#write(text));
      if (incomplete) this.#begun = whole;
    } catch (error) {
      this.#write(`${error instanceof Error ? error.message : String(error)}\n`);
    }
    if (this.#midRow) this.#write('\n');
  }

  async #complete(): Promise<void> {
    const { text, cursor } = this.#editor;
    if (text.trim() === '') return;
    const session = await this.#lab.session();
    const { from, options } = await session.complete(text, cursor);
    const typed = text.slice(from, cursor);
    const [only] = options;
    if (only === undefined) return;
    if (options.length === 1) {
      this.#editor.insert(only.slice(typed.length) + (/[=/]$/.test(only) ? '' : ' '));
      return;
    }
    const shared = commonPrefix(options);
    if (shared.length > typed.length) this.#editor.insert(shared.slice(typed.length));
    else if (this.#completedAt === text) {
      this.#terminal.write(this.#line.redraw(this.#prompt, text, text.length, this.#width));
      this.#terminal.write(this.#line.leave(this.#prompt, text, this.#width));
      this.#write(inColumns(options, this.#width));
    }
    this.#completedAt = this.#editor.text;
  }

  /** Takes on the colours of the page. */
  #paint(): void {
    const theme = terminalTheme();
    this.#terminal.options.theme = theme;
    this.element.style.background = theme.background!;
  }

  get #prompt(): string {
    return this.#begun === '' ? PROMPT : CONTINUED;
  }

  get #width(): number {
    return Math.max(10, this.#terminal.cols);
  }

  #write(text: string): void {
    if (text === '') return;
    this.#midRow = !text.endsWith('\n');
    this.#terminal.write(text);
  }

  #draw(): void {
    this.#terminal.write(this.#line.redraw(this.#prompt, this.#editor.text, this.#editor.cursor, this.#width));
  }
}
