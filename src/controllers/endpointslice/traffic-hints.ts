import type { Service } from '../../api/types.ts';
import type { Endpoint } from './desired-endpoints.ts';

const SAME_ZONE: ReadonlySet<string | undefined> = new Set(['PreferClose', 'PreferSameZone', 'PreferSameNode']);

/**
 * The hints that spec.trafficDistribution gives an endpoint, for kube-proxies that would rather stay near: its zone, and
 * its node where the Service asks for that (KEP-3015). Endpoints that are not ready get none.
 */
export function withTrafficHints({ spec }: Service, endpoint: Endpoint): Endpoint {
  if (!SAME_ZONE.has(spec.trafficDistribution) || !endpoint.conditions?.ready) return endpoint;
  const { zone, nodeName } = endpoint;
  const node = spec.trafficDistribution === 'PreferSameNode' ? nodeName : undefined;
  if (zone === undefined && node === undefined) return endpoint;
  const hints = {
    ...(zone === undefined ? {} : { forZones: [{ name: zone }] }),
    ...(node === undefined ? {} : { forNodes: [{ name: node }] }),
  };
  return { ...endpoint, hints };
}
