import type { InterPodAffinityArgs } from '../../configuration/kube-scheduler-configuration.ts';
import type { Handle, Plugin, PluginFactory } from '../../framework/plugin.ts';
import { SKIP, status } from '../../framework/status.ts';
import { nodeHelps, podHelps } from './hints.ts';
import { normalizePreferred, preparePreferred, scorePreferred } from './preferred.ts';
import { objection, prepareRequired, reconsider } from './required.ts';

const NAME = 'InterPodAffinity';
const OBJECTIONS = {
  affinity: status('UnschedulableAndUnresolvable', NAME, "node(s) didn't match pod affinity rules"),
  'anti-affinity': status('Unschedulable', NAME, "node(s) didn't match pod anti-affinity rules"),
  'existing anti-affinity': status('Unschedulable', NAME, "node(s) didn't satisfy existing pods anti-affinity rules"),
} as const;

/**
 * podAffinity and podAntiAffinity: puts Pods into domains with, or without, others. Required anti-affinity
 * works both ways; preferences of placed Pods count for the new one too.
 */
export const interPodAffinity = (handle: Handle): Plugin => withArgs({}, handle);

/** The same with other weights, for a profile of one's own. */
export const interPodAffinityWith =
  (args: InterPodAffinityArgs): PluginFactory =>
  (handle) =>
    withArgs(args, handle);

const withArgs = (args: InterPodAffinityArgs, { namespaceLabels }: Handle): Plugin => ({
  name: NAME,
  events: [
    {
      actions: ['AssignedPodAdd', 'PodLabel', 'AssignedPodDelete'],
      helps: (pod, event) => podHelps(pod, event, namespaceLabels),
    },
    { actions: ['NodeAdd', 'NodeLabel'], helps: nodeHelps },
  ],
  preFilter: (cycle) => (prepareRequired(cycle) ? undefined : { status: SKIP }),
  filter(cycle, _pod, node) {
    const found = objection(cycle, node);
    return found && OBJECTIONS[found];
  },
  addPod: reconsider,
  removePod: reconsider,
  preScore: (cycle) => (preparePreferred(cycle, args) ? undefined : SKIP),
  score: scorePreferred,
  normalizeScore: (_cycle, scores, count) => normalizePreferred(scores, count),
});
