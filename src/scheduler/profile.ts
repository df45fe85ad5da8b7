import type { ExtensionPoint } from './configuration/kube-scheduler-configuration.ts';
import type { PodEventRecorder } from './event-recorder.ts';
import type { Framework } from './framework/framework.ts';
import type { PluginEntry } from './framework/plugin.ts';

/** Names of the plugins that take part at each extension point, in order. */
export type ProfilePoints = { readonly [point in ExtensionPoint]?: readonly string[] };

/** A way to schedule, under a name that Pods ask for in spec.schedulerName. One scheduler can have several. */
export interface Profile {
  readonly schedulerName: string;
  /** In order; all profiles of a scheduler order the queue alike. */
  readonly plugins: readonly PluginEntry[];
  /** Where not all plugins take part at all points that they extend, or in another order. */
  readonly points?: ProfilePoints;
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
