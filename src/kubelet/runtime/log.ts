import type { ProcessIo } from './process.ts';

/** What a log needs of the kernel. */
interface Clock {
  /** Virtual milliseconds since the Unix epoch. */
  readonly now: number;
}

/** One line that a container wrote. `time` is virtual milliseconds since the Unix epoch. */
export interface LogLine {
  readonly time: number;
  readonly stream: 'stdout' | 'stderr';
  /** With its newline, unless the container ended in the middle of a line. */
  readonly text: string;
}

/** Whole lines of one stream, written at one moment: how a log keeps them. */
interface Passage {
  readonly time: number;
  readonly stream: LogLine['stream'];
  readonly text: string;
}

/** Lines kept per container; older ones are rotated away. */
const KEPT_LINES = 10_000;

/** A log is short up to so many writes. */
const SHORT = 8;

/** Both streams are at the beginning of a line. */
const NOTHING: Readonly<Record<LogLine['stream'], string>> = { stdout: '', stderr: '' };

/** Hears what is written as it is written; without a stream when the container ends. */
export type StreamListener = (stream: LogLine['stream'] | undefined, text: string) => void;

/** What one container wrote, line by line, and who follows it: where the streams of its first process lead. */
export class ContainerLog implements ProcessIo {
  readonly #clock: Clock;
  #partial = NOTHING;
  #passages: Passage[] = [];
  /** Lines in them. */
  #count = 0;
  #followers: Set<(line: LogLine | undefined) => void> | undefined;
  #listeners: Set<StreamListener> | undefined;
  #closed = false;

  /** `clock` says when something is written. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get lines(): readonly LogLine[] {
    return this.#passages.flatMap(linesOf);
  }

  get closed(): boolean {
    return this.#closed;
  }

  out(text: string): void {
    this.#write('stdout', text);
  }

  err(text: string): void {
    this.#write('stderr', text);
  }

  #write(stream: LogLine['stream'], text: string): void {
    for (const listener of this.#listeners ?? []) listener(stream, text);
    const all = this.#partial[stream] + text;
    const end = all.lastIndexOf('\n') + 1;
    if (end > 0) this.#add({ time: this.#clock.now, stream, text: all.slice(0, end) });
    this.#keep(stream, all.slice(end));
  }

  /** The container ended: what it wrote without a newline becomes its last line. */
  close(): void {
    const time = this.#clock.now;
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.#partial[stream]) this.#add({ time, stream, text: this.#partial[stream] });
    }
    this.#partial = NOTHING;
    this.#closed = true;
    for (const follower of this.#followers ?? []) follower(undefined);
    this.#followers = undefined;
    for (const listener of this.#listeners ?? []) listener(undefined, '');
    this.#listeners = undefined;
  }

  /** Calls `listener` with all that is written from now on. Returns what stops it. */
  listen(listener: StreamListener): () => void {
    (this.#listeners ??= new Set()).add(listener);
    return () => this.#listeners?.delete(listener);
  }

  /** Calls `follower` with every later line, then with undefined when the container ends. Returns what stops it. */
  follow(follower: (line: LogLine | undefined) => void): () => void {
    if (this.#closed) {
      follower(undefined);
      return () => undefined;
    }
    (this.#followers ??= new Set()).add(follower);
    return () => this.#followers?.delete(follower);
  }

  #keep(stream: 'stdout' | 'stderr', rest: string): void {
    if (this.#partial[stream] !== rest) this.#partial = { ...this.#partial, [stream]: rest };
  }

  #add(passage: Passage): void {
    // A list that is pushed to keeps room for sixteen more; most logs stay short.
    if (this.#passages.length < SHORT) this.#passages = this.#passages.concat([passage]);
    else this.#passages.push(passage);
    this.#count += countLines(passage.text);
    if (this.#count > KEPT_LINES) this.#rotate();
    if (this.#followers) for (const line of linesOf(passage)) for (const follower of this.#followers) follower(line);
  }

  /** Drops a tenth of the lines, the oldest. */
  #rotate(): void {
    let dropped = 0;
    while (this.#count > (KEPT_LINES * 9) / 10 && dropped < this.#passages.length - 1) {
      this.#count -= countLines(this.#passages[dropped++]!.text);
    }
    this.#passages = this.#passages.slice(dropped);
  }
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function linesOf({ time, stream, text }: Passage): LogLine[] {
  const lines: LogLine[] = [];
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from) + 1 || text.length;
    lines.push({ time, stream, text: text.slice(from, end) });
    from = end;
  }
  return lines;
}
