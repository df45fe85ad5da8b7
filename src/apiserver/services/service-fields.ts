import { checkFamiliesAndAddresses, isExternallyReachable } from '../../api/core/service-checks.ts';
import { invalid } from '../../api/field-error.ts';
import type { FieldError } from '../../api/kind.ts';
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
  if (needsClusterIp(old) && !needsClusterIp(spec)) {
    if (same(spec.clusterIPs, old.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
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
  if (
    isExternallyReachable(old) &&
    !isExternallyReachable(spec) &&
    spec.externalTrafficPolicy === old.externalTrafficPolicy
  ) {
    delete spec.externalTrafficPolicy;
  }
}

const nodePortList = ({ ports }: ServiceSpec): (number | undefined)[] => (ports ?? []).map(({ nodePort }) => nodePort);

/** What must hold before addresses are allocated (ValidateServiceClusterIPsRelatedFields). */
export function checkAddressFields(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  checkFamiliesAndAddresses(spec, errors);
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
