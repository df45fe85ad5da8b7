import { fitMessage, preFilterMessage, refusedMessage } from './fit-error.ts';
import type { Framework } from './framework/framework.ts';
import type { PostFilterResult } from './framework/plugin.ts';
import { isRejected, messageOf, type Status } from './framework/status.ts';
import { NO_PLUGINS } from './queue/queued-pod.ts';
import type { Placement } from './scheduling-algorithm.ts';

/** Why a Pod has no node. */
export interface Failure {
  readonly message: string;
  /** Plugins to blame; none when something went wrong. */
  readonly rejectedBy: ReadonlySet<string>;
  readonly reason: 'Unschedulable' | 'SchedulerError';
  readonly nominatedNodeName?: string;
  /** What was tried to make room. */
  readonly preemption?: PostFilterResult;
}

/** What a plugin's refusal, or mistake, after a node was chosen comes to. */
export function failureOf(status: Status): Failure {
  const rejected = isRejected(status);
  return {
    message: rejected ? refusedMessage(status) : messageOf(status),
    rejectedBy: rejected ? new Set([status.plugin]) : NO_PLUGINS,
    reason: rejected ? 'Unschedulable' : 'SchedulerError',
    nominatedNodeName: '',
  };
}

/** Lets plugins make room, and puts what stood in the way into words. */
export function explain(framework: Framework, { cycle, rejections, status, rejectedBy }: Placement): Failure {
  if (rejections.total === 0) {
    const message = 'no nodes available to schedule pods';
    return { message, rejectedBy: NO_PLUGINS, reason: 'Unschedulable', nominatedNodeName: '' };
  }
  if (status && !isRejected(status)) return failureOf(status);
  const found = status ? preFilterMessage(rejections.total, messageOf(status)) : fitMessage(rejections);
  const made = framework.postFilter(cycle, rejections);
  const message = made.status && made.status.reasons.length > 0 ? `${found} ${messageOf(made.status)}` : found;
  const { nominatedNodeName } = made;
  const nomination = nominatedNodeName === undefined ? {} : { nominatedNodeName };
  return { message, rejectedBy, reason: 'Unschedulable', ...nomination, preemption: made };
}
