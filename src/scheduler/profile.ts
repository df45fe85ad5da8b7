import type { PodEventRecorder } from './event-recorder.ts';
import type { Framework } from './framework/framework.ts';
import type { PluginEntry } from './framework/plugin.ts';

/** A way to schedule, under a name that Pods ask for in spec.schedulerName. One scheduler can have several. */
export interface Profile {
  readonly schedulerName: string;
  /** In order; all profiles of a scheduler order the queue alike. */
  readonly plugins: readonly PluginEntry[];
  /** Of the nodes, how many are looked at until enough fit; 0 or absent adapts to their number. */
  readonly percentageOfNodesToScore?: number;
}

/** A profile at work. */
export interface RunningProfile {
  readonly schedulerName: string;
  readonly framework: Framework;
  readonly recorder: PodEventRecorder;
  readonly percentageOfNodesToScore: number;
}
