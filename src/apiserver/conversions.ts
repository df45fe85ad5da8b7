import { fromV1, toV1 } from '../api/autoscaling/v1-conversion.ts';
import type { Kind } from '../api/kind.ts';
import type { Conversion } from './endpoint.ts';
import { eventConversion } from './event-conversion.ts';

/** Served versions that are stored as another one, by `group/version/resource`. */
const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  'events.k8s.io/v1/events': eventConversion,
  'autoscaling/v1/horizontalpodautoscalers': {
    stored: { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers' },
    fromStored: toV1,
    toStored: fromV1,
  },
};

export const conversionOf = ({ group, version, resource }: Kind): Conversion | undefined =>
  CONVERSIONS[`${group}/${version}/${resource}`];
