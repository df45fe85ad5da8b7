import { milliValue } from '../quantity.ts';
import type { Container, PodSpec } from '../types.ts';

const COUNTED = ['cpu', 'memory'] as const;

/**
 * The quality-of-service class: Guaranteed when every container's cpu and memory limits are set and equal its
 * requests, BestEffort when nothing is set, Burstable otherwise (pkg/apis/core/v1/helper/qos).
 */
export function qosClass(spec: PodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const podLevel = spec.resources;
  if (podLevel && (hasAny(podLevel.requests) || hasAny(podLevel.limits))) {
    return isGuaranteed(podLevel) ? 'Guaranteed' : 'Burstable';
  }
  let any = false;
  let guaranteed = true;
  const look = (container: Container): void => {
    const { limits, requests } = container.resources ?? {};
    if (hasAny(limits) || hasAny(requests)) any = true;
    if (guaranteed && !isGuaranteed(container.resources)) guaranteed = false;
  };
  spec.containers?.forEach(look);
  spec.initContainers?.forEach(look);
  return !any ? 'BestEffort' : guaranteed ? 'Guaranteed' : 'Burstable';
}

type ResourceList = Readonly<Record<string, string | number>> | undefined;

const hasAny = (list: ResourceList): boolean =>
  list !== undefined && COUNTED.some((name) => milliValue(list[name]) > 0);

function isGuaranteed(resources: { limits?: ResourceList; requests?: ResourceList } | undefined): boolean {
  return COUNTED.every((name) => {
    const limit = milliValue(resources?.limits?.[name]);
    return limit > 0 && milliValue(resources?.requests?.[name]) === limit;
  });
}
