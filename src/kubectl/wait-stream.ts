import type { Rest, RestOptions } from './rest.ts';
import type { KubectlIo } from './io.ts';
import { isObject, type Obj } from './value.ts';

export interface Watched {
  readonly type: string;
  readonly object: Obj;
}

/** The events of a watch one by one, or undefined when the server ended it or the time is up. */
export class EventStream {
  readonly #queue: unknown[] = [];
  #ended = false;
  #wake: () => void = () => undefined;
  readonly #stop: () => void;
  #timedOut = false;
  #text = '';
  readonly #onAbort: () => void;
  readonly #signal: AbortSignal | undefined;

  /** `timeoutMs` of virtual time after which reading ends; undefined: never. */
  constructor(rest: Rest, io: KubectlIo, path: string, options: RestOptions, timeoutMs?: number) {
    this.#stop = rest.stream(path, options, {
      chunk: (data) => {
        this.#queue.push(...this.#decode(data));
        this.#wake();
      },
      end: () => {
        this.#ended = true;
        this.#wake();
      },
    });
    if (timeoutMs !== undefined)
      void io.sleep(timeoutMs).then(
        () => {
          this.#timedOut = true;
          this.#wake();
        },
        () => this.#wake(),
      );
    this.#signal = io.signal;
    this.#onAbort = () => {
      this.#ended = true;
      this.#wake();
    };
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Events may come as values or as lines of JSON. */
  #decode(data: unknown): unknown[] {
    if (isObject(data) && !(data instanceof Uint8Array)) return [data];
    this.#text += data instanceof Uint8Array ? new TextDecoder().decode(data) : String(data);
    const lines = this.#text.split('\n');
    this.#text = lines.pop()!;
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
  }

  async next(): Promise<Watched | undefined> {
    for (;;) {
      if (this.#queue.length > 0) return this.#queue.shift() as Watched;
      if (this.#ended || this.#timedOut) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): void {
    this.#ended = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#stop();
  }
}
