import { formatTime, parseTime } from '../api/meta.ts';
import type { Pod, Service } from '../api/types.ts';
import { readySinceMs } from './pods.ts';

interface Seen {
  serviceMs: number;
  readonly pods: Map<string, number>;
}

/**
 * The time of the change that made a controller write endpoints anew: the earliest of the Pods and the Service that
 * changed since it last looked. Whoever programs the network measures its delay from there.
 */
export class TriggerTimes {
  readonly #seen = new Map<string, Seen>();

  /** RFC 3339, or undefined when nothing that has a time has changed. */
  compute(key: string, service: Service, pods: readonly Pod[]): string | undefined {
    const seen = this.#seen.get(key);
    const known = seen?.pods ?? new Map<string, number>();
    const times = new Map<string, number>();
    let earliest = Infinity;
    for (const pod of pods) {
      const ms = readySinceMs(pod);
      if (Number.isNaN(ms)) continue;
      const { name } = pod.metadata;
      times.set(name, ms);
      if (ms > (known.get(name) ?? -Infinity)) earliest = Math.min(earliest, ms);
    }
    const serviceMs = parseTime(service.metadata.creationTimestamp ?? '');
    if (serviceMs > (seen?.serviceMs ?? -Infinity)) earliest = Math.min(earliest, serviceMs);
    this.#seen.set(key, { serviceMs, pods: times });
    return earliest === Infinity ? undefined : formatTime(earliest);
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }
}
