import type { Kernel, Timer } from '../../kernel/index.ts';
import type { KubeObject, UntypedObject, WatchEvent } from '../../api/object.ts';
import { ApiError } from '../../api/status.ts';
import type { WatchHandle, WatchSink } from '../request.ts';
import { farewellOf, type ChangeEvent } from './change-event.ts';
import { selects, type Selection } from './selection.ts';

export interface WatcherOptions {
  readonly kernel: Kernel;
  readonly latencyMs: number;
  readonly selection: Selection;
  readonly indexValue: ((object: UntypedObject) => string) | undefined;
  /** Turns stored objects into those of the version that was asked for. */
  readonly present: ((stored: UntypedObject) => UntypedObject) | undefined;
  readonly bookmarks: boolean;
  readonly sink: WatchSink;
  /** Takes the watcher off the cache's lists. */
  readonly remove: () => void;
}

/** One open watch. What concerns it is collected and delivered, in order, as one kernel event per latency period. */
export class Watcher implements WatchHandle {
  readonly selection: Selection;
  readonly wantsBookmarks: boolean;
  /** Changes up to this revision are old news to it. */
  since = 0;
  readonly #options: WatcherOptions;
  #events: WatchEvent[] = [];
  /** What caused each of the events. */
  #causes: number[] = [];
  readonly #deliver = (): void => this.#deliverAll();
  #flush: Timer | undefined;
  #timeout: Timer | undefined;
  #open = true;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.selection = options.selection;
    this.wantsBookmarks = options.bookmarks;
  }

  /** Queues a change if it concerns the watcher; entering and leaving the selection show as ADDED and DELETED. */
  offer(change: ChangeEvent): void {
    if (change.revision <= this.since) return;
    const { selection, indexValue } = this.#options;
    const { object, previous } = change;
    try {
      const is = object !== undefined && selects(selection, object, indexValue);
      const was = previous !== undefined && selects(selection, previous, indexValue);
      if (is) this.#push(was ? 'MODIFIED' : 'ADDED', object, change.cause);
      else if (was) this.#push('DELETED', farewellOf(change), change.cause);
    } catch (error) {
      // The object cannot be shown in the version that is watched: that ends this watch, not the write.
      if (!(error instanceof ApiError)) throw error;
      this.fail(error.status);
    }
  }

  /** Queues an object that was there when the watch began. */
  initial(object: UntypedObject): void {
    this.#push('ADDED', object, this.#options.kernel.trace.current);
  }

  bookmark(object: KubeObject): void {
    this.#enqueue({ type: 'BOOKMARK', object });
  }

  /** Sends what is queued and then this error, and ends the watch. */
  fail(status: object): void {
    this.#enqueue({ type: 'ERROR', object: status });
    this.closeAfter(this.#options.latencyMs);
  }

  /** Ends the watch from the server's side after a while. */
  closeAfter(delayMs: number): void {
    this.#timeout?.cancel();
    const background = delayMs > this.#options.latencyMs;
    this.#timeout = this.#options.kernel.after(delayMs, 'kube-apiserver', () => this.#close(), { background });
  }

  stop(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#flush?.cancel();
    this.#timeout?.cancel();
    this.#events = [];
    this.#options.remove();
  }

  #close(): void {
    if (!this.#open) return;
    this.#deliverAll();
    this.stop();
    this.#options.sink.closed();
  }

  #push(type: 'ADDED' | 'MODIFIED' | 'DELETED', stored: UntypedObject, cause: number): void {
    const { present } = this.#options;
    this.#enqueue({ type, object: present ? present(stored) : stored }, cause);
  }

  #enqueue(event: WatchEvent, cause = this.#options.kernel.trace.current): void {
    if (!this.#open) return;
    // A list that is pushed to keeps room for sixteen; mostly there is one.
    if (this.#events.length === 0) {
      this.#events = [event];
      this.#causes = [cause];
    } else {
      this.#events.push(event);
      this.#causes.push(cause);
    }
    const { kernel, latencyMs } = this.#options;
    this.#flush ??= kernel.after(latencyMs, 'kube-apiserver', this.#deliver);
  }

  /** Hands the queue to the sink; events of one cause together, so that their effects know it. */
  #deliverAll(): void {
    this.#flush = undefined;
    const events = this.#events;
    const causes = this.#causes;
    this.#events = [];
    for (let start = 0; start < events.length && this.#open;) {
      let end = start + 1;
      while (end < events.length && causes[end] === causes[start]) end++;
      const batch = start === 0 && end === events.length ? events : events.slice(start, end);
      this.#handOver(batch, causes[start]!);
      start = end;
    }
  }

  #handOver(batch: readonly WatchEvent[], cause: number): void {
    this.#options.kernel.trace.within(cause, () => this.#options.sink.events(batch));
  }
}
