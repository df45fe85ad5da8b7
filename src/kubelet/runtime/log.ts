/** One line that a container wrote. `time` is virtual milliseconds since the Unix epoch. */
export interface LogLine {
  readonly time: number;
  readonly stream: 'stdout' | 'stderr';
  /** With its newline, unless the container ended in the middle of a line. */
  readonly text: string;
}

/** Lines kept per container; older ones are rotated away. */
const KEPT_LINES = 10_000;

/** Both streams are at the beginning of a line. */
const NOTHING: Readonly<Record<LogLine['stream'], string>> = { stdout: '', stderr: '' };

/** What one container wrote, line by line, and who follows it. */
export class ContainerLog {
  #partial = NOTHING;
  #lines: LogLine[] = [];
  #followers: Set<(line: LogLine | undefined) => void> | undefined;
  #closed = false;

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  get closed(): boolean {
    return this.#closed;
  }

  write(stream: 'stdout' | 'stderr', text: string, time: number): void {
    if (this.#partial[stream] === '' && text.indexOf('\n') === text.length - 1) {
      if (text) this.#add({ time, stream, text });
      return;
    }
    let rest = this.#partial[stream] + text;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      this.#add({ time, stream, text: rest.slice(0, end + 1) });
      rest = rest.slice(end + 1);
    }
    this.#keep(stream, rest);
  }

  /** The container ended: what it wrote without a newline becomes its last line. */
  close(time: number): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.#partial[stream]) this.#add({ time, stream, text: this.#partial[stream] });
    }
    this.#partial = NOTHING;
    this.#closed = true;
    for (const follower of this.#followers ?? []) follower(undefined);
    this.#followers = undefined;
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

  #add(line: LogLine): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines = this.#lines.slice(KEPT_LINES / 10);
    for (const follower of this.#followers ?? []) follower(line);
  }
}
