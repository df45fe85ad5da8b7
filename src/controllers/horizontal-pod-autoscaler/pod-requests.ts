import { podTotals } from '../../api/core/pod-totals.ts';
import { milliValue } from '../../api/quantity.ts';
import type { Pod } from '../../api/types.ts';

/** A request for the Pod as a whole (KEP-2837), where there is one for anything. */
function requestOfPod(pod: Pod, resource: string): number | undefined {
  if (!pod.spec.resources?.requests || Object.keys(pod.spec.resources.requests).length === 0) return undefined;
  const total = podTotals(pod, 'requests')[resource];
  if (!total) throw new Error(`missing pod-level request for ${resource} in Pod ${pod.metadata.name}`);
  return milliValue(total.toString());
}

function requestOfContainers({ metadata, spec }: Pod, resource: string, container: string | undefined): number {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const counted = [...spec.containers, ...sidecars].filter(({ name }) => container === undefined || name === container);
  if (container !== undefined && counted.length === 0)
    throw new Error(`container ${container} not found in Pod ${metadata.name}`);
  let sum = 0;
  for (const { name, resources } of counted) {
    const request = resources?.requests?.[resource];
    if (request === undefined)
      throw new Error(`missing request for ${resource} in container ${name} of Pod ${metadata.name}`);
    sum += milliValue(request);
  }
  return sum;
}

/** What each Pod, or one container of each, requests of a resource, in thousandths. Throws when one requests none. */
export function requestsOf(
  pods: readonly Pod[],
  resource: string,
  container: string | undefined,
): ReadonlyMap<string, number> {
  return new Map(
    pods.map((pod) => [
      pod.metadata.name,
      (container === undefined ? requestOfPod(pod, resource) : undefined) ??
        requestOfContainers(pod, resource, container),
    ]),
  );
}
