import type { Timer } from '../kernel/index.ts';
import type { PodView } from './pod-view.ts';
import type { PodVolumes } from './pod-volumes.ts';
import { storageLimits, storageProblem } from './storage-limits.ts';

/** How often containers' layers are measured; volumes only every so many rounds. */
const STORAGE_MS = 10_000;
const VOLUME_ROUNDS = 6;

/** Looks at a Pod's storage now and then, until it is stopped. */
export class StorageWatch {
  readonly #view: PodView;
  readonly #look: (round: number) => void;
  #timer: Timer | undefined;

  /** `look` is told which look it is, counted from one. */
  constructor(view: PodView, look: (round: number) => void) {
    this.#view = view;
    this.#look = look;
    this.#later(1);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #later(round: number): void {
    const { kernel, component } = this.#view.context;
    const look = (): void => {
      this.#later(round + 1);
      this.#look(round);
    };
    this.#timer = kernel.after(STORAGE_MS, component, look, { background: true });
  }
}

/**
 * Watches whether a Pod keeps its limits of local storage, if it has any. Calls `exceeded` with what the Pod's eviction
 * says, which stops the watch.
 */
export function watchStorage(
  view: PodView,
  volumes: PodVolumes,
  exceeded: (message: string) => void,
): StorageWatch | undefined {
  const limits = storageLimits(view.pod);
  if (!limits) return undefined;
  return new StorageWatch(view, (round) => {
    const measured = round % VOLUME_ROUNDS === 0 ? volumes : undefined;
    const problem = storageProblem(view.pod, limits, measured, view.record, view.context.runtime);
    if (problem) exceeded(problem);
  });
}
