import type { EndpointSlice } from '../../api/types.ts';

/** Marks a slice that was deleted and should disappear from the cache. */
const DELETED = -1;

/**
 * Remembers what this controller wrote last, to tell its own writes from those of others, and to see when the cache
 * is behind: acting on a stale cache would write endpoints twice.
 */
export class SliceTracker {
  /** Generations by Service key and slice uid. */
  readonly #written = new Map<string, Map<string, number>>();

  written(service: string, { metadata }: EndpointSlice): void {
    this.#of(service).set(metadata.uid!, metadata.generation ?? 0);
  }

  expectDeletion(service: string, { metadata }: EndpointSlice): void {
    this.#of(service).set(metadata.uid!, DELETED);
  }

  /** Whether a slice that shows up is as this controller wrote it. */
  wrote(service: string, { metadata }: EndpointSlice): boolean {
    const known = this.#written.get(service)?.get(metadata.uid!);
    return known === DELETED || (known !== undefined && known >= (metadata.generation ?? 0));
  }

  /** Takes note that a slice is gone. Returns whether this controller deleted it. */
  deleted(service: string, { metadata }: EndpointSlice): boolean {
    const slices = this.#written.get(service);
    const known = slices?.get(metadata.uid!);
    slices?.delete(metadata.uid!);
    return known === DELETED;
  }

  isStale(service: string, cached: readonly EndpointSlice[]): boolean {
    const slices = this.#written.get(service);
    if (!slices || slices.size === 0) return false;
    let seen = 0;
    for (const { metadata } of cached) {
      const known = slices.get(metadata.uid!);
      if (known === DELETED || (known ?? 0) > (metadata.generation ?? 0)) return true;
      if (known !== undefined) seen++;
    }
    for (const generation of slices.values()) if (generation === DELETED) seen++;
    return seen < slices.size;
  }

  forget(service: string): void {
    this.#written.delete(service);
  }

  #of(service: string): Map<string, number> {
    let slices = this.#written.get(service);
    if (!slices) this.#written.set(service, (slices = new Map()));
    return slices;
  }
}
