import type { KubeObject } from '../api/object.ts';
import type { UserInfo } from '../apiserver/request.ts';
import {
  EventRecorder,
  Reconciler,
  WorkQueue,
  type Client,
  type Handler,
  type RateLimiter,
  type SharedInformer,
} from '../client/index.ts';
import { controllerUser, type Controller, type ControllerContext } from './context.ts';

/**
 * How long a worker is taken up with one key where a controller writes much: the requests of a sync take their time,
 * and what changes meanwhile is seen together by the next one.
 */
export const BUSY_MS = 5;

export interface ControlLoopOptions {
  readonly context: ControllerContext;
  /** Lane, user agent and event source: `deployment-controller`. */
  readonly name: string;
  /** Event source where it differs from the name. */
  readonly source?: string;
  /** Service account where it differs from the name. */
  readonly account?: string;
  /** Who asks, where that is not a service account of the controller's own. */
  readonly user?: UserInfo;
  readonly reconcile: (key: string) => void;
  /** Retries after which a failing key is dropped. */
  readonly maxRetries?: number;
  readonly limiter?: RateLimiter;
  /** Virtual time from a change to the sync of its key, where it is not the usual. */
  readonly latencyMs?: number;
  /** Virtual time that a sync of one key takes; none unless given. */
  readonly busyMs?: (key: string) => number;
}

/** What most controllers are made of: informers whose changes put keys into a queue, and a reconcile that takes them out. */
export class ControlLoop implements Controller {
  readonly name: string;
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly queue: WorkQueue;
  readonly #reconciler: Reconciler;
  readonly #informers = new Set<{ hasSynced(): boolean }>();
  readonly #removals: (() => void)[] = [];

  constructor({
    context,
    name,
    source = name,
    account = name,
    user,
    reconcile,
    maxRetries,
    limiter,
    latencyMs,
    busyMs,
  }: ControlLoopOptions) {
    const { kernel } = context;
    this.name = name;
    this.client = context.client.as(name, user ?? controllerUser(account));
    this.recorder = new EventRecorder({ kernel, client: this.client, component: source });
    this.queue = new WorkQueue(kernel, name, limiter);
    this.#reconciler = new Reconciler({
      kernel,
      component: name,
      queue: this.queue,
      reconcile,
      maxRetries: maxRetries ?? Infinity,
      ...(latencyMs === undefined ? {} : { latencyMs }),
      ...(busyMs ? { busyMs } : {}),
      hasSynced: () => this.hasSynced(),
    });
  }

  hasSynced(): boolean {
    for (const informer of this.#informers) if (!informer.hasSynced()) return false;
    return true;
  }

  /** Reconciles wait until this informer has listed. */
  needs(informer: { hasSynced(): boolean }): void {
    this.#informers.add(informer);
  }

  /**
   * Listens to an informer; its deliveries show in this controller's lane when they queue something. Returns a function
   * that ends it.
   */
  on<T extends KubeObject>(informer: SharedInformer<T>, handler: Handler<T>): () => void {
    this.needs(informer);
    const remove = informer.addHandler({ component: this.name, lazy: true, ...handler });
    this.#removals.push(remove);
    return () => {
      remove();
      this.#informers.delete(informer);
    };
  }

  /** Does something when the controller stops. */
  onStop(run: () => void): void {
    this.#removals.push(run);
  }

  stop(): void {
    for (const remove of this.#removals) remove();
    this.#reconciler.stop();
  }
}
