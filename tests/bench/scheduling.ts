import type { Hot } from './measure/profile.ts';
import type { SchedulingWorkloadName } from './measure/scheduling-workloads.ts';
import type { Benchmark, Result } from './result.ts';
import { runChild } from './run-child.ts';

const NODES = 5_000;
const FEW_NODES = 500;

/** Pods/s of kube-scheduler with a real API server and etcd, measured once on a machine of two cores. */
const REAL: Partial<Record<SchedulingWorkloadName, number>> = {
  basic: 240,
  'node-affinity': 206,
  'pod-anti-affinity': 48,
  'preferred-pod-affinity': 32,
  'pod-affinity': 25,
};

interface Measured {
  readonly podsPerSecond: number;
  /** The longest that one event took: for so long a worker would not answer. */
  readonly pauseMs: number;
  readonly top: readonly Hot[];
}

/** How many Pods a second find their node in a cluster of 5,000, through the whole API. */
const scheduling = (workload: SchedulingWorkloadName): Benchmark => ({
  name: `scheduling-${workload}-${NODES}`,
  async run() {
    const few = await runChild<Measured>('scheduling.ts', [workload, FEW_NODES]);
    const many = await runChild<Measured>('scheduling.ts', [workload, NODES]);
    const real = REAL[workload];
    const peer = real && { peer: real, peerName: 'kube-scheduler 1.36', ratio: many.podsPerSecond / real };
    const results: Result[] = [
      { name: this.name, unit: 'Pods/s', ours: many.podsPerSecond, ...peer },
      { name: `scheduling-${workload}-${FEW_NODES}`, unit: 'Pods/s', ours: few.podsPerSecond },
      { name: `${this.name}-pause`, unit: 'ms', ours: many.pauseMs },
    ];
    if (workload !== 'basic') return { results };
    const { top } = await runChild<Measured>('scheduling.ts', [workload, NODES, 'profile']);
    return {
      results,
      remarks: [
        'Where the time goes:',
        ...top.map(({ what, percent }) => `  ${percent.toFixed(1).padStart(5)} %  ${what}`),
      ],
    };
  },
});

export const schedulingBenchmarks: readonly Benchmark[] = [
  scheduling('basic'),
  scheduling('node-affinity'),
  scheduling('pod-anti-affinity'),
  scheduling('pod-affinity'),
  scheduling('preferred-pod-affinity'),
  scheduling('topology-spreading'),
  scheduling('preferred-topology-spreading'),
  scheduling('preemption'),
  scheduling('unschedulable'),
];
