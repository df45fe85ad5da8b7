import type { Pod } from '../api/types.ts';
import type { DnsConfig, SandboxConfig } from './runtime/cri.ts';

/** --cluster-dns and --cluster-domain. */
export interface ClusterDnsConfig {
  readonly server: string;
  readonly domain: string;
}

/** Pods of one namespace that ask for nothing special share their configuration. */
const ordinary = new WeakMap<ClusterDnsConfig, Map<string, DnsConfig>>();

/** What a Pod's /etc/resolv.conf says, by its dnsPolicy. */
export function dnsConfig(pod: Pod, dns: ClusterDnsConfig): DnsConfig {
  const { dnsPolicy, hostNetwork, dnsConfig: extra } = pod.spec;
  if (dnsPolicy !== 'ClusterFirst' || hostNetwork || extra) return makeDnsConfig(pod, dns);
  let known = ordinary.get(dns);
  if (!known) ordinary.set(dns, (known = new Map()));
  const namespace = pod.metadata.namespace!;
  let config = known.get(namespace);
  if (!config) known.set(namespace, (config = makeDnsConfig(pod, dns)));
  return config;
}

function makeDnsConfig(pod: Pod, { server, domain }: ClusterDnsConfig): DnsConfig {
  const { dnsPolicy = 'ClusterFirst', hostNetwork, dnsConfig: extra } = pod.spec;
  const cluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
  const ndots = extra?.options?.find(({ name }) => name === 'ndots')?.value;
  return {
    servers: [...(cluster ? [server] : []), ...(extra?.nameservers ?? [])],
    searches: [
      ...(cluster ? [`${pod.metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain] : []),
      ...(extra?.searches ?? []),
    ],
    ndots: ndots === undefined ? (cluster ? 5 : 1) : Number(ndots),
  };
}

/** A Pod's hostname: what it asks for, or its name as far as a hostname can hold it. */
export const hostnameOf = (pod: Pod): string =>
  pod.spec.hostname ?? pod.metadata.name.slice(0, 63).replace(/[-.]+$/, '');

export function sandboxConfig(
  pod: Pod,
  attempt: number,
  podCidr: string | undefined,
  dns: ClusterDnsConfig,
): SandboxConfig {
  const { name, namespace, uid } = pod.metadata;
  return {
    uid: uid!,
    name,
    namespace: namespace!,
    attempt,
    hostname: pod.spec.hostNetwork ? (pod.spec.nodeName ?? '') : hostnameOf(pod),
    hostNetwork: pod.spec.hostNetwork ?? false,
    podCidr,
    dns: dnsConfig(pod, dns),
    ...(pod.spec.subdomain ? { hostDomain: `${pod.spec.subdomain}.${namespace}.svc.${dns.domain}` } : {}),
    ...(pod.spec.hostAliases ? { hostAliases: pod.spec.hostAliases } : {}),
  };
}
