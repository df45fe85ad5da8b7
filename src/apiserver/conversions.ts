import type { Kind } from '../api/kind.ts';
import type { Conversion } from './endpoint.ts';
import { eventConversion } from './event-conversion.ts';

/** Served versions that are stored as another one, by `group/version/resource`. */
const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  'events.k8s.io/v1/events': eventConversion,
};

export const conversionOf = ({ group, version, resource }: Kind): Conversion | undefined =>
  CONVERSIONS[`${group}/${version}/${resource}`];
