import { JobKind } from '../api/batch/job.ts';
import { keyOf, parseTime } from '../api/meta.ts';
import { hasReason } from '../api/status.ts';
import type { Job } from '../api/types.ts';
import type { Controller, ControllerContext } from './context.ts';
import { ControlLoop } from './control-loop.ts';

const NAME = 'ttl-after-finished-controller';

/** When a finished Job is to be deleted, undefined when it is not. */
function expiryMs({ spec, status }: Job): number | undefined {
  const end = status?.conditions?.find(
    ({ type, status: is }) => is === 'True' && (type === 'Complete' || type === 'Failed'),
  );
  if (spec.ttlSecondsAfterFinished === undefined || !end?.lastTransitionTime) return undefined;
  return parseTime(end.lastTransitionTime) + spec.ttlSecondsAfterFinished * 1000;
}

/** Deletes Jobs, and their Pods after them, spec.ttlSecondsAfterFinished after they have ended. */
export function startTtlAfterFinished(context: ControllerContext): Controller {
  const { kernel } = context;
  const jobs = context.informers.for(JobKind);
  const loop = new ControlLoop({
    context,
    name: NAME,
    reconcile: (key) => {
      const job = jobs.getByKey(key);
      const expiry = job && !job.metadata.deletionTimestamp ? expiryMs(job) : undefined;
      if (!job || expiry === undefined) return;
      if (expiry > kernel.now) {
        loop.queue.addAfter(key, expiry - kernel.now);
        return;
      }
      const { name, namespace, uid, resourceVersion } = job.metadata;
      try {
        const preconditions = { uid: uid!, resourceVersion: resourceVersion! };
        loop.client.resource(JobKind).delete(name, namespace, { propagationPolicy: 'Foreground', preconditions });
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error;
      }
    },
  });
  const enqueue = (job: Job): void => {
    if (expiryMs(job) !== undefined) loop.queue.add(keyOf(job));
  };
  loop.on(jobs, { add: enqueue, update: enqueue });
  return loop;
}
