/** Validation of Services, in Kubernetes' order. */
import { duplicate, forbidden, invalid, notSupported, required } from '../field-error.ts';
import { checkCidr, checkIp, checkOrdinaryIp, isIPv6 } from '../ip.ts';
import type { FieldError } from '../kind.ts';
import { checkLabels } from '../metadata-checks.ts';
import { checkDnsLabel, checkDnsSubdomain, checkPortNumber, checkQualifiedName } from '../names.ts';
import type { Service } from '../types.ts';
import { checkOneOf, checkPort, refuse, type Errors } from './common-checks.ts';
import { internalForm } from './internal-form.ts';

type Spec = Service['spec'];
type ServicePort = NonNullable<Spec['ports']>[number];

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const MAX_AFFINITY_SECONDS = 86_400;
const KUBELET_PORT = 10_250;

const isHeadless = (spec: Spec): boolean => spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === 'None';

function checkByType(spec: Spec, errors: Errors): void {
  const noneFor = (type: string): void => {
    if (isHeadless(spec))
      errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  };
  switch (spec.type) {
    case 'LoadBalancer':
      spec.ports?.forEach(({ port }, i) => {
        if (port === KUBELET_PORT)
          errors.push(
            invalid(`spec.ports[${i}]`, port, `may not expose port ${port} externally since it is used by kubelet`),
          );
      });
      noneFor('LoadBalancer');
      break;
    case 'NodePort':
      noneFor('NodePort');
      break;
    case 'ExternalName': {
      for (const field of ['clusterIPs', 'ipFamilies'] as const)
        if (spec[field]?.length) errors.push(forbidden(`spec.${field}`, 'may not be set for ExternalName services'));
      if (spec.ipFamilyPolicy)
        errors.push(forbidden('spec.ipFamilyPolicy', 'may not be set for ExternalName services'));
      const name = (spec.externalName ?? '').replace(/\.$/, '');
      if (name) refuse('spec.externalName', name, checkDnsSubdomain(name), errors);
      else errors.push(required('spec.externalName'));
    }
  }
}

function checkServicePort(
  port: ServicePort,
  path: string,
  needsName: boolean,
  names: Set<string>,
  errors: Errors,
): void {
  if (port.name) {
    refuse(`${path}.name`, port.name, checkDnsLabel(port.name), errors);
    if (names.has(port.name)) errors.push(duplicate(`${path}.name`, port.name));
    names.add(port.name);
  } else if (needsName) errors.push(required(`${path}.name`));
  refuse(`${path}.port`, port.port ?? 0, checkPortNumber(port.port ?? 0), errors);
  if (!port.protocol) errors.push(required(`${path}.protocol`));
  else checkOneOf(port.protocol, ['SCTP', 'TCP', 'UDP'], `${path}.protocol`, errors);
  checkPort(port.targetPort, `${path}.targetPort`, errors);
  if (port.appProtocol !== undefined)
    refuse(`${path}.appProtocol`, port.appProtocol, checkQualifiedName(port.appProtocol), errors);
}

function checkAffinity(spec: Spec, errors: Errors): void {
  if (!spec.sessionAffinity) errors.push(required('spec.sessionAffinity'));
  else checkOneOf(spec.sessionAffinity, ['ClientIP', 'None'], 'spec.sessionAffinity', errors);
  const path = 'spec.sessionAffinityConfig';
  if (spec.sessionAffinity === 'ClientIP') {
    const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
    if (seconds === undefined) errors.push(required(path, 'when session affinity type is ClientIP'));
    else if (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS)
      errors.push(
        invalid(
          `${path}.clientIP.timeoutSeconds`,
          seconds,
          `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`,
        ),
      );
  } else if (spec.sessionAffinity === 'None' && spec.sessionAffinityConfig)
    errors.push(forbidden(path, 'must not be set when session affinity is None'));
}

function checkFamiliesAndAddresses(spec: Spec, errors: Errors): void {
  if (spec.type === 'ExternalName') return;
  const families = new Set<string>();
  spec.ipFamilies?.forEach((family, i) => {
    checkOneOf(family, ['IPv4', 'IPv6'], `spec.ipFamilies[${i}]`, errors);
    if (families.has(family)) errors.push(duplicate(`spec.ipFamilies[${i}]`, family));
    families.add(family);
  });
  if (spec.ipFamilyPolicy !== undefined)
    checkOneOf(
      spec.ipFamilyPolicy,
      ['PreferDualStack', 'RequireDualStack', 'SingleStack'],
      'spec.ipFamilyPolicy',
      errors,
    );
  const addresses = spec.clusterIPs ?? [];
  const before = errors.length;
  addresses.forEach((address, i) => {
    if (i === 0 && address === 'None') {
      if (addresses.length > 1)
        errors.push(invalid('spec.clusterIPs', addresses, "'None' must be the first and only value"));
      return;
    }
    refuse(`spec.clusterIPs[${i}]`, address, checkIp(address), errors);
  });
  if (addresses.length > 2) errors.push(invalid('spec.clusterIPs', addresses, 'may only hold up to 2 values'));
  if (errors.length > before || isHeadless(spec)) return;
  if (addresses.length === 2 && isIPv6(addresses[0]!) === isIPv6(addresses[1]!))
    errors.push(invalid('spec.clusterIPs', addresses, 'may specify no more than one IP for each IP family'));
  addresses.forEach((address, i) => {
    const family = spec.ipFamilies?.[i];
    if (family && isIPv6(address) !== (family === 'IPv6'))
      errors.push(
        invalid(`spec.clusterIPs[${i}]`, address, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``),
      );
  });
}

function checkPortsTogether(spec: Spec, errors: Errors): void {
  const nodePorts = new Set<string>();
  spec.ports?.forEach((port, i) => {
    if (!port.nodePort) return;
    if (spec.type === 'ClusterIP')
      errors.push(forbidden(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
    const id = `${port.protocol}/${port.nodePort}`;
    if (nodePorts.has(id)) errors.push(duplicate(`spec.ports[${i}].nodePort`, port.nodePort));
    nodePorts.add(id);
  });
  const ports = new Set<string>();
  spec.ports?.forEach(({ protocol, port }, i) => {
    const id = `${protocol}/${port}`;
    if (ports.has(id)) errors.push(duplicate(`spec.ports[${i}]`, internalForm('ServicePort', { protocol, port })));
    ports.add(id);
  });
}

const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";

function checkLoadBalancing(spec: Spec, errors: Errors): void {
  const isLoadBalancer = spec.type === 'LoadBalancer';
  // Kubernetes spells the field's path with a capital here.
  const ranges = 'spec.LoadBalancerSourceRanges';
  if (spec.loadBalancerSourceRanges?.length) {
    if (!isLoadBalancer) errors.push(forbidden(ranges, ONLY_LOAD_BALANCER));
    spec.loadBalancerSourceRanges.forEach((range, i) =>
      refuse(`${ranges}[${i}]`, range, checkCidr(range.trim()), errors),
    );
  }
  if (!isLoadBalancer && spec.allocateLoadBalancerNodePorts !== undefined)
    errors.push(forbidden('spec.allocateLoadBalancerNodePorts', ONLY_LOAD_BALANCER));
  if (spec.loadBalancerClass !== undefined) {
    if (!isLoadBalancer) errors.push(forbidden('spec.loadBalancerClass', ONLY_LOAD_BALANCER));
    else refuse('spec.loadBalancerClass', spec.loadBalancerClass, checkQualifiedName(spec.loadBalancerClass), errors);
  }
}

/** Whether nodes answer for the Service, so that it has an external traffic policy. */
export const isExternallyReachable = ({ type, externalIPs }: Spec): boolean =>
  type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && (externalIPs?.length ?? 0) > 0);

function checkTrafficPolicies(spec: Spec, errors: Errors): void {
  const { externalTrafficPolicy, internalTrafficPolicy, healthCheckNodePort = 0, trafficDistribution } = spec;
  if (!isExternallyReachable(spec)) {
    if (externalTrafficPolicy)
      errors.push(
        invalid(
          'spec.externalTrafficPolicy',
          externalTrafficPolicy,
          'may only be set for externally-accessible services',
        ),
      );
  } else if (!externalTrafficPolicy) errors.push(required('spec.externalTrafficPolicy'));
  else checkOneOf(externalTrafficPolicy, ['Cluster', 'Local'], 'spec.externalTrafficPolicy', errors);
  const needsHealthCheck = spec.type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
  if (!needsHealthCheck) {
    if (healthCheckNodePort !== 0)
      errors.push(
        invalid(
          'spec.healthCheckNodePort',
          healthCheckNodePort,
          "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
        ),
      );
  } else if (healthCheckNodePort === 0) errors.push(required('spec.healthCheckNodePort'));
  else refuse('spec.healthCheckNodePort', healthCheckNodePort, checkPortNumber(healthCheckNodePort), errors);
  if (spec.type !== 'ExternalName' || internalTrafficPolicy !== undefined) {
    if (internalTrafficPolicy === undefined) errors.push(required('spec.internalTrafficPolicy'));
    else checkOneOf(internalTrafficPolicy, ['Cluster', 'Local'], 'spec.internalTrafficPolicy', errors);
  }
  const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
  if (trafficDistribution !== undefined && !distributions.includes(trafficDistribution))
    errors.push(notSupported('spec.trafficDistribution', trafficDistribution, distributions));
}

export function checkService({ spec }: Service): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec.ports?.length && !isHeadless(spec) && spec.type !== 'ExternalName') errors.push(required('spec.ports'));
  checkByType(spec, errors);
  const names = new Set<string>();
  spec.ports?.forEach((port, i) => checkServicePort(port, `spec.ports[${i}]`, spec.ports!.length > 1, names, errors));
  if (spec.selector) checkLabels(spec.selector, 'spec.selector', errors);
  checkAffinity(spec, errors);
  checkFamiliesAndAddresses(spec, errors);
  spec.externalIPs?.forEach((address, i) => {
    const messages = checkIp(address);
    refuse(`spec.externalIPs[${i}]`, address, messages.length > 0 ? messages : checkOrdinaryIp(address), errors);
  });
  if (!spec.type) errors.push(required('spec.type'));
  else checkOneOf(spec.type, TYPES, 'spec.type', errors);
  checkPortsTogether(spec, errors);
  checkLoadBalancing(spec, errors);
  checkTrafficPolicies(spec, errors);
  return errors;
}

/** An address, once given, stays. */
export function checkServiceUpdate(service: Service, old: Service): FieldError[] {
  const errors: FieldError[] = [];
  const { clusterIPs: next = [], type } = service.spec;
  const { clusterIPs: before = [], type: oldType } = old.spec;
  if (type !== 'ExternalName' && oldType !== 'ExternalName' && before.length > 0) {
    if (next.length === 0) errors.push(invalid('spec.clusterIPs[0]', next, 'primary clusterIP can not be unset'));
    next.forEach((address, i) => {
      if (before[i] !== undefined && before[i] !== address)
        errors.push(invalid(`spec.clusterIPs[${i}]`, next, 'may not change once set'));
    });
  }
  const { loadBalancerClass } = service.spec;
  if (type === 'LoadBalancer' && oldType === 'LoadBalancer' && loadBalancerClass !== old.spec.loadBalancerClass)
    errors.push(invalid('spec.loadBalancerClass', loadBalancerClass, 'may not change once set'));
  return [...errors, ...checkService(service)];
}

export function serviceWarnings({ spec }: Service): string[] {
  const warnings: string[] = [];
  if (spec.externalIPs?.length)
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  if (spec.type !== 'ExternalName' && spec.externalName)
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (isHeadless(spec)) {
    if (spec.loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services');
    if (spec.externalIPs?.length) warnings.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity && spec.sessionAffinity !== 'None')
      warnings.push('spec.SessionAffinity is ignored for headless services');
  }
  return warnings;
}
