export { AddressPool, contains } from './address-pool.ts';
export { ClusterDns, type ClusterDnsOptions } from './cluster-dns.ts';
export { ClusterNetwork, type ClusterNetworkOptions, type NetworkLatency } from './cluster-network.ts';
export { KubeProxy, type KubeProxyOptions } from './kube-proxy.ts';
export {
  merged,
  rules,
  serviceRules,
  type RuleEndpoint,
  type RuleNode,
  type RuleSet,
  type ServiceRule,
} from './proxy-rules.ts';
export type * from './traffic.ts';
