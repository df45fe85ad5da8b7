import type { Service } from '../../api/types.ts';

export type ServiceSpec = Service['spec'];
export type ServicePort = NonNullable<ServiceSpec['ports']>[number];

/** What the type of a Service entitles it to. */
export const needsClusterIp = ({ type }: ServiceSpec): boolean => type !== 'ExternalName';

export const needsNodePorts = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);

/** A Service of these types may have node ports, whether or not it asks for them. */
export const mayHaveNodePorts = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer';

export const needsHealthCheckNodePort = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

export const isHeadless = ({ clusterIP, clusterIPs }: ServiceSpec): boolean =>
  clusterIP === 'None' || clusterIPs?.[0] === 'None';

export const clusterIpsOf = (spec: ServiceSpec): readonly string[] =>
  (spec.clusterIPs ?? []).filter((ip) => ip !== '' && ip !== 'None');

/** Every node port that a Service holds, once each. */
export const nodePortsOf = (spec: ServiceSpec): ReadonlySet<number> => {
  const ports = (spec.ports ?? []).flatMap(({ nodePort }) => (nodePort ? [nodePort] : []));
  return new Set(spec.healthCheckNodePort ? [...ports, spec.healthCheckNodePort] : ports);
};
