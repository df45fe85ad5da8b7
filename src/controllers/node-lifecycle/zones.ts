import type { Node } from '../../api/types.ts';
import { TokenBucket } from '../../client/index.ts';

/** Nodes per second that lose their Pods in a healthy zone. */
const EVICTIONS_PER_SECOND = 0.1;
/** The same in a large zone of which a good part is down. */
const SECONDARY_PER_SECOND = 0.01;
const UNHEALTHY_SHARE = 0.55;
const LARGE_ZONE_NODES = 50;

/** A token bucket that never lets anything through. */
const NEVER = new TokenBucket(0, 0);

type ZoneState = 'Initial' | 'Normal' | 'PartialDisruption' | 'FullDisruption';

export function zoneOf({ metadata }: Node): string {
  const region = metadata.labels?.['topology.kubernetes.io/region'] ?? '';
  const zone = metadata.labels?.['topology.kubernetes.io/zone'] ?? '';
  return `${region}:\u0000:${zone}`;
}

interface Zone {
  state: ZoneState;
  bucket: TokenBucket;
}

/**
 * Decides how fast Nodes may lose their Pods. When much of a zone is down at once, or all of it everywhere, it is
 * likelier that the control plane cannot see them than that they are gone.
 */
export class Zones {
  readonly #zones = new Map<string, Zone>();
  /** Nothing anywhere is ready: no Pods are driven off at all. */
  allDown = false;

  assess(nodes: Iterable<{ readonly zone: string; readonly ready: boolean }>): void {
    const counts = new Map<string, { ready: number; notReady: number }>();
    for (const { zone, ready } of nodes) {
      let count = counts.get(zone);
      if (!count) counts.set(zone, (count = { ready: 0, notReady: 0 }));
      if (ready) count.ready++;
      else count.notReady++;
    }
    const states = [...counts].map(([zone, count]) => ({
      zone,
      state: stateOf(count),
      size: count.ready + count.notReady,
    }));
    this.allDown = states.length > 0 && states.every(({ state }) => state === 'FullDisruption');
    for (const { zone, state, size } of states) {
      const known = this.#zones.get(zone);
      if (known?.state === state) continue;
      this.#zones.set(zone, { state, bucket: bucketOf(state, size) });
    }
  }

  /** Takes a permit to drive the Pods off one Node of the zone. */
  permit(zone: string, nowMs: number): boolean {
    if (this.allDown) return false;
    let known = this.#zones.get(zone);
    if (!known) this.#zones.set(zone, (known = { state: 'Initial', bucket: bucketOf('Initial', 0) }));
    return known.bucket.tryAccept(nowMs);
  }
}

function stateOf({ ready, notReady }: { ready: number; notReady: number }): ZoneState {
  if (ready === 0 && notReady > 0) return 'FullDisruption';
  if (notReady > 2 && notReady / (notReady + ready) >= UNHEALTHY_SHARE) return 'PartialDisruption';
  return 'Normal';
}

function bucketOf(state: ZoneState, size: number): TokenBucket {
  if (state !== 'PartialDisruption') return new TokenBucket(EVICTIONS_PER_SECOND, 1);
  return size > LARGE_ZONE_NODES ? new TokenBucket(SECONDARY_PER_SECOND, 1) : NEVER;
}
