/** Text that flows from one program to the next. */
export interface Input {
  /** Everything up to the end. */
  all(): Promise<string>;
  /** Line by line, without the line ends, as they come. */
  lines(): AsyncIterable<string>;
}

export interface ProgramIo {
  readonly stdin: Input;
  stdout(text: string): void;
  stderr(text: string): void;
  readonly files: Files;
  /** Aborted by Ctrl-C, and when the program that reads the output has ended. */
  readonly signal: AbortSignal;
  /** Virtual time. Rejects when the signal is aborted. */
  sleep(ms: number): Promise<void>;
}

/** A command of the terminal: gets its arguments (without its name), returns its exit code. */
export type Program = (args: readonly string[], io: ProgramIo) => number | Promise<number>;

/** The lab's folder: the editor's files, and what commands write beside them. */
export class Files {
  readonly #texts = new Map<string, string>();

  list(): string[] {
    return [...this.#texts.keys()].sort();
  }

  /** Undefined when there is no such file. */
  read(path: string): string | undefined {
    return this.#texts.get(normal(path));
  }

  write(path: string, text: string): void {
    this.#texts.set(normal(path), text);
  }
}

/** `./web.yaml`, `/lab/web.yaml` and `web.yaml` are one file: the folder is all there is. */
const normal = (path: string): string => path.replace(/^(\.\/|\/lab\/)+/, '');

/** Text that is all there already. */
export const textInput = (text: string): Input => ({
  all: () => Promise.resolve(text),
  lines: async function* () {
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    yield* lines;
  },
});

/** A pipe: one program writes, another reads as it comes. */
export class Pipe implements Input {
  #chunks: string[] = [];
  #ended = false;
  #wake: () => void = () => undefined;

  write(text: string): void {
    this.#chunks.push(text);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async all(): Promise<string> {
    let text = '';
    for await (const chunk of this.#read()) text += chunk;
    return text;
  }

  async *lines(): AsyncIterable<string> {
    let rest = '';
    for await (const chunk of this.#read()) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    if (rest !== '') yield rest;
  }

  async *#read(): AsyncIterable<string> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** The exit code of a command that Ctrl-C ended. */
export const INTERRUPTED = 130;

/** Thrown where a command is interrupted. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}
