import type { Hot } from './measure/profile.ts';
import type { Benchmark } from './result.ts';
import { runChild } from './run-child.ts';

const NODES = 5_000;
const PODS = 10_000;
/** kube-scheduler with a real API server and etcd, measured once on a machine of two cores. */
const REAL_PODS_PER_SECOND = 240;

interface Measured {
  readonly podsPerSecond: number;
  readonly top: readonly Hot[];
}

/** How many Pods a second find their node in a cluster of 5,000, through the whole API. */
export const schedulingBasic: Benchmark = {
  name: 'scheduling-basic-5000',
  async run() {
    const { podsPerSecond } = await runChild<Measured>('scheduling.ts', [NODES, PODS]);
    const { top } = await runChild<Measured>('scheduling.ts', [NODES, PODS, 'profile']);
    const peer = {
      peer: REAL_PODS_PER_SECOND,
      peerName: 'kube-scheduler 1.36',
      ratio: podsPerSecond / REAL_PODS_PER_SECOND,
    };
    return {
      results: [{ name: this.name, unit: 'Pods/s', ours: podsPerSecond, ...peer }],
      remarks: [
        'Where the time goes:',
        ...top.map(({ what, percent }) => `  ${percent.toFixed(1).padStart(5)} %  ${what}`),
      ],
    };
  },
};
