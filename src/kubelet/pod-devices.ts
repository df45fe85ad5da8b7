import { claimReference, isReservedFor, type PodResourceClaim } from '../api/resource/pod-claims.ts';
import { ResourceClaimKind } from '../api/resource/resource-claim.ts';
import { ApiError } from '../api/status.ts';
import type { PodView } from './pod-view.ts';
import type { Task } from './task.ts';

/** A Pod whose devices could not be prepared is looked at again with the periodic sync of all Pods. */
const RETRY_MS = 60_000;

/** Why a claim's devices are not there for the Pod; undefined when they are. */
function obstacle({ pod, context }: PodView, podClaim: PodResourceClaim): string | undefined {
  const { namespace, name: podName } = pod.metadata;
  const reference = claimReference(pod, podClaim);
  if (!reference) return `pod "${namespace}/${podName}": resource claim "${podClaim.name}" not created yet`;
  if (reference.name === undefined) return undefined;
  try {
    const claim = context.client.resource(ResourceClaimKind).get(reference.name, namespace);
    if (!isReservedFor(pod, claim)) {
      return `pod ${podName}(${pod.metadata.uid}) is not allowed to use resource claim ${claim.metadata.name}(${claim.metadata.uid})`;
    }
    const drivers = claim.status?.allocation?.devices?.results?.map(({ driver }) => driver) ?? [];
    const missing = drivers.find((driver) => !context.deviceDrivers.has(driver));
    return missing === undefined ? undefined : `DRA driver ${missing} is not registered`;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return `failed to fetch ResourceClaim ${reference.name} referenced by pod ${podName}: ${error.message}`;
  }
}

/** Has the drivers on the node prepare what a Pod's claims were given, with as many tries as it takes. */
export function* prepareDevices(view: PodView): Task {
  const { kernel, component } = view.context;
  for (;;) {
    let problem: string | undefined;
    for (const podClaim of view.pod.spec.resourceClaims ?? []) problem ??= obstacle(view, podClaim);
    if (problem === undefined) return;
    const message = `Failed to prepare dynamic resources: prepare dynamic resources: ${problem}`;
    view.event('Warning', 'FailedPrepareDynamicResources', message);
    yield (resume) => {
      const timer = kernel.after(RETRY_MS, component, resume, { background: true });
      return () => timer.cancel();
    };
  }
}
