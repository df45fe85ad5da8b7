import { runChild } from './run-child.ts';
import type { Benchmark, Result } from './result.ts';

interface Measured {
  readonly readyMs: number;
  readonly heapPerPod: number;
}

const PEER = '@ngrok/webernetes';
/** Pods that a node takes in either; a little below the 110 of a kubelet. */
const PODS_PER_NODE = 100;
/** Runs of which the fastest counts: one that lasts a moment is at the mercy of whatever else the machine does. */
const RUNS = 3;
/** Theirs lasts minutes with many Pods, which is its own average. */
const peerRunsFor = (replicas: number): number => (replicas > 100 ? 1 : RUNS);

async function fastest(times: number, measure: () => Promise<Measured>): Promise<Measured> {
  let best = await measure();
  for (let i = 1; i < times; i++) {
    const next = await measure();
    if (next.readyMs < best.readyMs) best = next;
  }
  return best;
}

/** A Deployment from apply until all of its Pods are Ready, as fast as each can. */
export const deploy = (replicas: number): Benchmark => ({
  name: `deploy-${replicas}`,
  async run() {
    const nodes = Math.max(3, Math.ceil(replicas / PODS_PER_NODE));
    const ours = await fastest(RUNS, () => runChild('deploy.ts', [replicas, nodes]));
    const traced = await fastest(RUNS, () => runChild('deploy.ts', [replicas, nodes, 'traced']));
    // Stepping its clock pays off for few Pods only; the better of the two counts.
    const drivings = replicas > 100 ? ['wall'] : ['wall', 'step'];
    const theirs: Measured[] = [];
    for (const driving of drivings) {
      const args = [replicas, nodes, driving];
      theirs.push(
        await fastest(peerRunsFor(replicas), () => runChild('deploy-webernetes.ts', args, 'webernetes-modules.ts')),
      );
    }
    const peer = theirs.reduce((best, next) => (next.readyMs < best.readyMs ? next : best));
    const versus = (mine: number, other: number) => ({ ours: mine, peer: other, peerName: PEER, ratio: other / mine });
    const results: Result[] = [
      { name: this.name, unit: 'ms', ...versus(ours.readyMs, peer.readyMs) },
      { name: `${this.name}-traced`, unit: 'ms', ...versus(traced.readyMs, peer.readyMs) },
    ];
    // What a handful of Pods adds is mostly code compiled on first use.
    if (replicas >= 1_000) {
      results.push({ name: `${this.name}-heap`, unit: 'bytes/Pod', ...versus(ours.heapPerPod, peer.heapPerPod) });
    }
    return { results };
  },
});
