import type { PodInfo } from '../cache/pod-info.ts';

/** Where a waiting Pod is. */
export type QueueName = 'active' | 'backoff' | 'unschedulable' | 'none';

/** A Pod that waits for a node (QueuedPodInfo). */
export interface QueuedPod {
  info: PodInfo;
  where: QueueName;
  /** Index in the heap it is in. */
  position: number;
  /** When it entered the queue it is in, virtual milliseconds: ties of priority go to the older. */
  timestamp: number;
  /** Order of arrival in the active queue, for Pods of one timestamp. */
  sequence: number;
  /** How often it has been tried. */
  attempts: number;
  /** How often no node was found: its back-off grows with it. */
  unschedulableCount: number;
  /** How often in a row something went wrong with it. */
  errorCount: number;
  /** When its back-off ends; 0 when there is none. */
  backoffUntil: number;
  /** Plugins that turned it away, by name: only events that they care about bring it back. */
  rejectedBy: ReadonlySet<string>;
  /** The PreEnqueue plugin that keeps it from being tried at all. */
  gatedBy: string | undefined;
  /** Span that put it in the queue. */
  cause: number;
}

export const NO_PLUGINS: ReadonlySet<string> = new Set();

export function queuedPod(info: PodInfo, now: number, cause: number): QueuedPod {
  return {
    info,
    where: 'none',
    position: -1,
    timestamp: now,
    sequence: 0,
    attempts: 0,
    unschedulableCount: 0,
    errorCount: 0,
    backoffUntil: 0,
    rejectedBy: NO_PLUGINS,
    gatedBy: undefined,
    cause,
  };
}
