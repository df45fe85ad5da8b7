import type { Kernel, Timer } from '../kernel/index.ts';
import { status, type Status } from './framework/status.ts';

interface Waiting {
  readonly proceed: (refusal: Status | undefined) => void;
  readonly timer: Timer | undefined;
}

/** Pods that have a node but that a Permit plugin holds back from binding. */
export class WaitingPods {
  readonly #kernel: Kernel;
  readonly #component: string;
  readonly #waiting = new Map<string, Waiting>();

  constructor(kernel: Kernel, component: string) {
    this.#kernel = kernel;
    this.#component = component;
  }

  hold(uid: string, plugin: string, timeoutMs: number, proceed: Waiting['proceed']): void {
    const refusal = status('Unschedulable', plugin, 'rejected due to timeout after waiting');
    const timer = Number.isFinite(timeoutMs)
      ? this.#kernel.after(timeoutMs, this.#component, () => this.#end(uid, refusal), { background: true })
      : undefined;
    this.#waiting.set(uid, { proceed, timer });
  }

  allow(uid: string): void {
    this.#end(uid, undefined);
  }

  /** Returns false when the Pod is not held. */
  reject(uid: string, refusal: Status): boolean {
    return this.#end(uid, refusal);
  }

  #end(uid: string, refusal: Status | undefined): boolean {
    const waiting = this.#waiting.get(uid);
    if (!waiting) return false;
    this.#waiting.delete(uid);
    waiting.timer?.cancel();
    waiting.proceed(refusal);
    return true;
  }
}
