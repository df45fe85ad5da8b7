/** Validation of Services, in Kubernetes' order. */
import { duplicate, forbidden, invalid, notSupported, required } from '../field-error.ts';
import { checkCanonicalCidr, checkIp, checkOrdinaryIp, cidrWarnings, ipWarnings, isIPv6 } from '../ip.ts';
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

const isHeadless = (spec: Spec): boolean => spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === 'None';

function checkByType(spec: Spec, errors: Errors): void {
  const noneFor = (type: string): void => {
    if (isHeadless(spec))
      errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  };
  switch (spec.type) {
    case 'LoadBalancer':
    case 'NodePort':
      noneFor(spec.type);
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

/** Families and addresses, each for itself and together (ValidateServiceClusterIPsRelatedFields). */
export function checkFamiliesAndAddresses(spec: Spec, errors: Errors): void {
  if (spec.type === 'ExternalName') return;
  checkSingleAddress(spec, errors);
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
  let bad = false;
  addresses.forEach((address, i) => {
    if (i === 0 && address === 'None') {
      if (addresses.length > 1) {
        bad = true;
        errors.push(invalid('spec.clusterIPs', addresses, "'None' must be the first and only value"));
      }
      return;
    }
    const messages = checkIp(address);
    bad ||= messages.length > 0;
    refuse(`spec.clusterIPs[${i}]`, address, messages, errors);
  });
  if (addresses.length > 2) errors.push(invalid('spec.clusterIPs', addresses, 'may only hold up to 2 values'));
  if (bad || isHeadless(spec)) return;
  if (addresses.length > 1 && new Set(addresses.map(isIPv6)).size === 1)
    errors.push(invalid('spec.clusterIPs', addresses, 'may specify no more than one IP for each IP family'));
  addresses.forEach((address, i) => {
    const family = spec.ipFamilies?.[i];
    if (family && isIPv6(address) !== (family === 'IPv6'))
      errors.push(
        invalid(`spec.clusterIPs[${i}]`, address, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``),
      );
  });
}

/** The first of the addresses, and the address as such, are the same. */
function checkSingleAddress({ clusterIP, clusterIPs = [] }: Spec, errors: Errors): void {
  const path = 'spec.clusterIPs';
  if (!clusterIP) {
    if (clusterIPs.length > 0)
      errors.push(invalid(path, clusterIPs, 'must be empty when `clusterIP` is not specified'));
  } else if (clusterIPs.length === 0) errors.push(required(path));
  else if (clusterIPs[0] !== clusterIP) errors.push(invalid(path, clusterIPs, 'first value must match `clusterIP`'));
}

function checkPortsTogether(spec: Spec, errors: Errors): void {
  if (spec.type === 'ClusterIP')
    spec.ports?.forEach(({ nodePort }, i) => {
      if (nodePort) errors.push(forbidden(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
    });
  const nodePorts = new Set<string>();
  spec.ports?.forEach((port, i) => {
    if (!port.nodePort) return;
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

const RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';

function checkRangesAnnotation(value: string, isLoadBalancer: boolean, errors: Errors): void {
  const path = `metadata.annotations[${RANGES_ANNOTATION}]`;
  if (!isLoadBalancer) errors.push(forbidden(path, ONLY_LOAD_BALANCER));
  if (value.trim() === '') return;
  for (const range of value.split(',')) refuse(path, range.trim(), checkCanonicalCidr(range.trim()), errors);
}

function checkLoadBalancing({ metadata, spec }: Service, errors: Errors): void {
  const isLoadBalancer = spec.type === 'LoadBalancer';
  const annotated = metadata.annotations?.[RANGES_ANNOTATION];
  // Kubernetes spells the field's path with a capital here.
  const ranges = 'spec.LoadBalancerSourceRanges';
  if (spec.loadBalancerSourceRanges?.length) {
    if (!isLoadBalancer) errors.push(forbidden(ranges, ONLY_LOAD_BALANCER));
    spec.loadBalancerSourceRanges.forEach((range, i) =>
      refuse(`${ranges}[${i}]`, range.trim(), checkCanonicalCidr(range.trim()), errors),
    );
  } else if (annotated !== undefined) checkRangesAnnotation(annotated, isLoadBalancer, errors);
  if (!isLoadBalancer && spec.allocateLoadBalancerNodePorts !== undefined)
    errors.push(forbidden('spec.allocateLoadBalancerNodePorts', ONLY_LOAD_BALANCER));
  checkLoadBalancerClass(spec, errors);
}

function checkLoadBalancerClass({ type, loadBalancerClass: name }: Spec, errors: Errors): void {
  const path = 'spec.loadBalancerClass';
  if (name === undefined) return;
  if (type === 'LoadBalancer') refuse(path, name, checkQualifiedName(name), errors);
  else errors.push(forbidden(path, ONLY_LOAD_BALANCER));
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

const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';

export function checkService(service: Service): FieldError[] {
  const errors: FieldError[] = [];
  const { metadata, spec } = service;
  const hints = metadata.annotations?.[TOPOLOGY_HINTS];
  const mode = metadata.annotations?.[TOPOLOGY_MODE];
  if (hints !== undefined && mode !== undefined && hints !== mode)
    errors.push(
      invalid(
        `metadata.annotations[${TOPOLOGY_MODE}]`,
        mode,
        `must match annotations[${TOPOLOGY_HINTS}] when both are specified`,
      ),
    );
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
  checkLoadBalancing(service, errors);
  checkTrafficPolicies(spec, errors);
  return errors;
}

/** An address, once given, stays, unless the Service needs none before or after. */
function checkAddressUpdate({ spec }: Service, { spec: old }: Service, errors: Errors): void {
  const { clusterIPs: next = [] } = spec;
  const { clusterIPs: before = [] } = old;
  if (isHeadless(spec) && isHeadless(old)) return;
  const path = 'spec.clusterIPs';
  if (next.length === before.length)
    before.forEach((address, i) => {
      if (next[i] !== address) errors.push(invalid(`${path}[${i}]`, next, 'may not change once set'));
    });
  else if (next.length === 0) errors.push(invalid(`${path}[0]`, next, 'primary clusterIP can not be unset'));
  else if (before.length > 0 && next[0] !== before[0])
    errors.push(invalid(`${path}[0]`, next, 'may not change once set'));
  if (before.length > next.length && next.length === 1) checkRelease(spec, 'clusterIP', errors);
}

/** The second of two is given back on purpose only. */
function checkRelease({ ipFamilyPolicy }: Spec, what: string, errors: Errors): void {
  if (ipFamilyPolicy !== 'SingleStack')
    errors.push(
      invalid(
        'spec.ipFamilyPolicy',
        ipFamilyPolicy,
        `must be set to 'SingleStack' when releasing the secondary ${what}`,
      ),
    );
}

function checkFamilyUpdate({ spec }: Service, { spec: old }: Service, errors: Errors): void {
  const { ipFamilies: next = [], clusterIPs: addresses = [] } = spec;
  const { ipFamilies: before = [] } = old;
  if (isHeadless(spec) || isHeadless(old)) return;
  const path = 'spec.ipFamilies[0]';
  if (next.length === before.length)
    before.forEach((family, i) => {
      if (next[i] !== family) errors.push(invalid(path, next, 'may not change once set'));
    });
  else {
    if (before.length > next.length && addresses.length === 0)
      errors.push(invalid(path, next, 'primary ipFamily can not be unset'));
    if (before.length > 0 && next.length > 0 && next[0] !== before[0])
      errors.push(invalid(path, addresses, 'may not change once set'));
    if (before.length > next.length && next.length === 1) checkRelease(spec, 'ipFamily', errors);
  }
}

const needsHealthCheck = ({ type, externalTrafficPolicy }: Spec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

export function checkServiceUpdate(service: Service, old: Service): FieldError[] {
  const errors: FieldError[] = [];
  const { spec } = service;
  const { spec: before } = old;
  if (spec.type !== 'ExternalName' && before.type !== 'ExternalName') {
    checkAddressUpdate(service, old, errors);
    checkFamilyUpdate(service, old, errors);
  }
  const { loadBalancerClass } = spec;
  if (spec.type === 'LoadBalancer' && before.type === 'LoadBalancer' && loadBalancerClass !== before.loadBalancerClass)
    errors.push(invalid('spec.loadBalancerClass', loadBalancerClass, 'may not change once set'));
  checkLoadBalancerClass(spec, errors);
  if (
    needsHealthCheck(before) &&
    needsHealthCheck(spec) &&
    (spec.healthCheckNodePort ?? 0) !== (before.healthCheckNodePort ?? 0)
  )
    errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
  return [...errors, ...checkService(service)];
}

/** What a load balancer says of itself (ValidateLoadBalancerStatus). */
export function checkServiceStatusUpdate({ spec, status }: Service): FieldError[] {
  const errors: FieldError[] = [];
  const path = 'status.loadBalancer.ingress';
  const ingress = status?.loadBalancer?.ingress ?? [];
  if (spec.type !== 'LoadBalancer' && ingress.length > 0)
    return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  ingress.forEach(({ ip, ipMode, hostname }, i) => {
    const at = `${path}[${i}]`;
    if (ip) refuse(`${at}.ip`, ip, checkIp(ip), errors);
    if (ipMode === undefined) {
      if (ip) errors.push(required(`${at}.ipMode`, 'must be specified when `ip` is set'));
    } else if (!ip) errors.push(forbidden(`${at}.ipMode`, 'may not be specified when `ip` is not set'));
    else checkOneOf(ipMode, ['Proxy', 'VIP'], `${at}.ipMode`, errors);
    if (!hostname) return;
    refuse(`${at}.hostname`, hostname, checkDnsSubdomain(hostname), errors);
    if (checkIp(hostname).length === 0)
      errors.push(invalid(`${at}.hostname`, hostname, 'must be a DNS name, not an IP address'));
  });
  return errors;
}

/** pkg/api/service/warnings.go, in its order. */
export function serviceWarnings({ metadata, spec }: Service): string[] {
  const warnings: string[] = [];
  const { type, clusterIPs = [], externalIPs = [], loadBalancerIP, trafficDistribution } = spec;
  const headless = type === 'ClusterIP' && spec.clusterIP === 'None';
  if (metadata.annotations?.[TOPOLOGY_HINTS] !== undefined)
    warnings.push(`annotation ${TOPOLOGY_HINTS} is deprecated, please use ${TOPOLOGY_MODE} instead`);
  if (spec.clusterIP && spec.clusterIP !== 'None' && type !== 'ExternalName')
    clusterIPs.forEach((address, i) => warnings.push(...ipWarnings(`spec.clusterIPs[${i}]`, address)));
  if (headless) {
    if (loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services');
    if (externalIPs.length > 0) warnings.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services');
  }
  externalIPs.forEach((address, i) => warnings.push(...ipWarnings(`spec.externalIPs[${i}]`, address)));
  if (externalIPs.length > 0 && !headless && type !== 'ExternalName')
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  if (loadBalancerIP) warnings.push(...ipWarnings('spec.loadBalancerIP', loadBalancerIP));
  spec.loadBalancerSourceRanges?.forEach((range, i) =>
    warnings.push(...cidrWarnings(`spec.loadBalancerSourceRanges[${i}]`, range)),
  );
  if (type === 'ExternalName' && externalIPs.length > 0)
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (type !== 'ExternalName' && spec.externalName)
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (trafficDistribution === 'PreferClose')
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  return warnings;
}
