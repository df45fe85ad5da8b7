import type { Timer } from '../kernel/index.ts';
import type { PodView } from './pod-view.ts';
import type { PodVolumes } from './pod-volumes.ts';
import { storageLimits, storageProblem } from './storage-limits.ts';

/** How often containers' layers are measured; volumes only every so many rounds. */
const STORAGE_MS = 10_000;
const VOLUME_ROUNDS = 6;

/** Looks now and then whether a Pod keeps its limits of local storage, if it has any. */
export class StorageWatch {
  #timer: Timer | undefined;

  /** Calls `exceeded` once, with what the Pod's eviction says. */
  start(view: PodView, volumes: PodVolumes, exceeded: (message: string) => void): void {
    const limits = this.#timer ? undefined : storageLimits(view.pod);
    if (!limits) return;
    const { kernel, component, runtime } = view.context;
    const later = (round: number): void => {
      this.#timer = kernel.after(STORAGE_MS, component, () => look(round), { background: true });
    };
    const look = (round: number): void => {
      const measured = round % VOLUME_ROUNDS === 0 ? volumes.trees : undefined;
      const problem = storageProblem(view.pod, limits, measured, view.record, runtime);
      if (problem) exceeded(problem);
      else later(round + 1);
    };
    later(1);
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
