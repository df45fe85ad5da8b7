import { duplicate, forbidden, invalid, notSupported } from '../../api/field-error.ts';
import type { FieldError } from '../../api/kind.ts';
import { parseIpv4 } from './ip-allocator.ts';
import {
  isHeadless,
  mayHaveNodePorts,
  needsClusterIp,
  needsHealthCheckNodePort,
  nodePortsOf,
  type ServicePort,
  type ServiceSpec,
} from './service-needs.ts';

const same = (a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean =>
  (a?.length ?? 0) === (b?.length ?? 0) && (a ?? []).every((item, i) => item === b?.[i]);

/** Fills in what the server had allocated and the writer of an update left out. */
export function keepAllocated(spec: ServiceSpec, old: ServiceSpec): void {
  if (needsClusterIp(old) && needsClusterIp(spec)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    if (!spec.clusterIPs?.length && spec.clusterIP === old.clusterIP && old.clusterIPs)
      spec.clusterIPs = old.clusterIPs;
  }
  if (mayHaveNodePorts(old) && mayHaveNodePorts(spec) && spec.ports) {
    const before = nodePortsOf(old);
    const used = new Set([...nodePortsOf(spec)].filter((port) => before.has(port)));
    const byName = new Map((old.ports ?? []).map(({ name = '', nodePort }) => [name, nodePort]));
    spec.ports = spec.ports.map((port) => {
      const known = port.nodePort ? undefined : byName.get(port.name ?? '');
      if (!known || used.has(known)) return port;
      used.add(known);
      return { ...port, nodePort: known };
    });
  }
  if (needsHealthCheckNodePort(old) && needsHealthCheckNodePort(spec) && old.healthCheckNodePort) {
    spec.healthCheckNodePort ||= old.healthCheckNodePort;
  }
}

/** clusterIP and clusterIPs[0] are the same thing: whichever the writer changed decides. */
export function alignClusterIps(spec: ServiceSpec, old: ServiceSpec | undefined): void {
  if (!old) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    return;
  }
  if ((spec.clusterIP ?? '') === (old.clusterIP ?? '')) {
    if (!spec.clusterIPs?.length && spec.clusterIP && needsClusterIp(spec)) spec.clusterIPs = [spec.clusterIP];
    return;
  }
  if (!same(spec.clusterIPs, old.clusterIPs)) return;
  if (!spec.clusterIP) delete spec.clusterIPs;
  else spec.clusterIPs = [spec.clusterIP, ...(spec.clusterIPs ?? []).slice(1)];
}

/** Clears what belonged to the old type and was carried over unchanged (dropTypeDependentFields). */
export function dropFieldsOfOldType(spec: ServiceSpec, old: ServiceSpec): void {
  if (needsClusterIp(old) && !needsClusterIp(spec) && same(spec.clusterIPs, old.clusterIPs)) {
    delete spec.clusterIP;
    delete spec.clusterIPs;
    if (same(spec.ipFamilies, old.ipFamilies)) delete spec.ipFamilies;
    if (spec.ipFamilyPolicy === old.ipFamilyPolicy) delete spec.ipFamilyPolicy;
    if (spec.internalTrafficPolicy === old.internalTrafficPolicy) delete spec.internalTrafficPolicy;
  }
  if (mayHaveNodePorts(old) && !mayHaveNodePorts(spec) && same(nodePortList(spec), nodePortList(old))) {
    spec.ports = (spec.ports ?? []).map(({ nodePort: _freed, ...port }): ServicePort => port);
  }
  if (
    needsHealthCheckNodePort(old) &&
    !needsHealthCheckNodePort(spec) &&
    spec.healthCheckNodePort === old.healthCheckNodePort
  ) {
    delete spec.healthCheckNodePort;
  }
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts === old.allocateLoadBalancerNodePorts)
      delete spec.allocateLoadBalancerNodePorts;
    if (spec.loadBalancerClass === old.loadBalancerClass) delete spec.loadBalancerClass;
  }
  const external = (of: ServiceSpec): boolean => mayHaveNodePorts(of) || (of.externalIPs?.length ?? 0) > 0;
  if (external(old) && !external(spec) && spec.externalTrafficPolicy === old.externalTrafficPolicy) {
    delete spec.externalTrafficPolicy;
  }
}

const nodePortList = ({ ports }: ServiceSpec): (number | undefined)[] => (ports ?? []).map(({ nodePort }) => nodePort);

const FAMILIES = ['IPv4', 'IPv6'];
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

/** What must hold before addresses are allocated (ValidateServiceClusterIPsRelatedFields). */
export function checkAddressFields(spec: ServiceSpec, old: ServiceSpec | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const ips = spec.clusterIPs ?? [];
  if (!needsClusterIp(spec)) {
    if (ips.length > 0 && !(old && same(ips, old.clusterIPs))) {
      errors.push(forbidden('spec.clusterIPs', 'may not be set for ExternalName services'));
    }
    return errors;
  }
  const seen = new Set<string>();
  spec.ipFamilies?.forEach((family, i) => {
    const field = `spec.ipFamilies[${i}]`;
    if (!FAMILIES.includes(family)) errors.push(notSupported(field, family, FAMILIES));
    else if (seen.has(family)) errors.push(duplicate(field, family));
    seen.add(family);
  });
  if (spec.ipFamilyPolicy && !POLICIES.includes(spec.ipFamilyPolicy)) {
    errors.push(notSupported('spec.ipFamilyPolicy', spec.ipFamilyPolicy, POLICIES));
  }
  ips.forEach((ip, i) => {
    const field = `spec.clusterIPs[${i}]`;
    if (ip === 'None' && i === 0) {
      if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') {
        errors.push(invalid(field, ip, `may not be set to 'None' for ${spec.type} services`));
      }
    } else if (parseIpv4(ip) === undefined && !ip.includes(':')) {
      errors.push(invalid(field, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'));
    }
  });
  if (ips.length > 2) errors.push(invalid('spec.clusterIPs', ips, 'may only hold up to 2 values'));
  const before = old && needsClusterIp(old) ? old.clusterIPs?.[0] : undefined;
  if (before && ips[0] !== before) {
    errors.push(
      invalid(
        'spec.clusterIPs[0]',
        ips,
        ips.length === 0 ? 'primary clusterIP can not be unset' : 'may not change once set',
      ),
    );
  }
  return errors;
}

/** The address families of a Service on a cluster that has IPv4 only. Returns what the writer asked for in vain. */
export function settleFamilies(spec: ServiceSpec): FieldError[] {
  if (!needsClusterIp(spec)) return [];
  if (isHeadless(spec) && !spec.selector) {
    // Whoever makes the endpoints by hand may use both families.
    spec.ipFamilyPolicy ??= 'RequireDualStack';
    spec.ipFamilies ??= spec.ipFamilyPolicy === 'SingleStack' ? ['IPv4'] : ['IPv4', 'IPv6'];
    return [];
  }
  const errors: FieldError[] = [];
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    errors.push(
      invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'),
    );
  }
  spec.ipFamilies?.forEach((family, i) => {
    if (family === 'IPv6') errors.push(invalid(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster'));
  });
  spec.ipFamilyPolicy ??= 'SingleStack';
  spec.ipFamilies ??= ['IPv4'];
  return errors;
}
