import type { Attributes, Kernel } from '../kernel/index.ts';
import type { WorkQueue } from './work-queue.ts';

/** Virtual time from a key's arrival in the queue to its processing. */
const QUEUE_LATENCY_MS = 1;

/** How often a worker looks whether the caches that it needs have filled (client-go's WaitForCacheSync). */
const SYNC_POLL_MS = 100;

export interface ReconcilerOptions {
  readonly kernel: Kernel;
  /** Lane of the reconciles. */
  readonly component: string;
  readonly queue: WorkQueue;
  /** Brings the world one step closer to what the object says. Throwing means: try again later. */
  readonly reconcile: (key: string) => void;
  /** Nothing is processed until this holds. */
  readonly hasSynced?: () => boolean;
  /** Retries after which a failing key is dropped; endless unless given. */
  readonly maxRetries?: number;
  readonly latencyMs?: number;
  /** Virtual time that the processing of a key takes: so long it does not come again. */
  readonly busyMs?: (key: string) => number;
  /** What the span of a reconcile is called; `reconcile` unless given. */
  readonly verb?: string;
}

/**
 * Takes keys from a queue and reconciles each in a kernel event and a span of its own, `reconcile <key>`, caused
 * by whatever first queued the key; it says how many keys wait behind it (`depth`) and how often this one failed before
 * (`retries`). A failure is put back with exponential delay (`retryMs`); a success clears the record.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  #stopped = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    options.queue.onReady(() => this.#schedule(options.latencyMs ?? QUEUE_LATENCY_MS));
  }

  stop(): void {
    this.#stopped = true;
    this.#options.queue.close();
  }

  #schedule(delayMs: number): void {
    this.#options.kernel.after(delayMs, this.#options.component, () => this.#process());
  }

  #process(): void {
    const { kernel, component, queue, hasSynced, verb = 'reconcile' } = this.#options;
    if (this.#stopped) return;
    if (hasSynced && !hasSynced()) {
      this.#schedule(SYNC_POLL_MS);
      return;
    }
    const item = queue.take();
    if (!item) return;
    const { key, cause } = item;
    const { trace } = kernel;
    const span = trace.start(component, `${verb} ${key}`, this.#circumstances(key), cause);
    trace.within(span, () => {
      try {
        this.#options.reconcile(key);
        queue.forget(key);
        trace.end(span);
      } catch (error) {
        const retryMs = this.#retry(key, error);
        trace.end(span, {
          error: error instanceof Error ? error.message : String(error),
          ...(retryMs === undefined ? {} : { retryMs }),
        });
      } finally {
        this.#finish(key);
      }
    });
  }

  #finish(key: string): void {
    const { kernel, component, queue, busyMs } = this.#options;
    const ms = busyMs?.(key) ?? 0;
    if (ms === 0) queue.done(key);
    else kernel.after(ms, component, () => queue.done(key));
  }

  #circumstances(key: string): Attributes {
    const { queue } = this.#options;
    const retries = queue.requeues(key);
    return retries === 0 ? { key, depth: queue.length } : { key, depth: queue.length, retries };
  }

  /** Puts a key that failed back; after how long it comes again, undefined when it is given up. */
  #retry(key: string, error: unknown): number | undefined {
    // A bug is not a reason to try again: let it surface.
    if (!(error instanceof Error) || error instanceof TypeError || error instanceof ReferenceError) throw error;
    const { queue, maxRetries = Infinity } = this.#options;
    if (queue.requeues(key) < maxRetries) return queue.addRateLimited(key);
    queue.forget(key);
    return undefined;
  }
}
