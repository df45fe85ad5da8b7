/** Validation of EndpointSlices, in Kubernetes' order. */
import { checkOneOf, refuse, type Errors } from '../core/common-checks.ts';
import { duplicate, invalid, required, tooMany } from '../field-error.ts';
import { checkIp, checkOrdinaryIp, ipWarnings, isIPv4, isIPv6 } from '../ip.ts';
import type { FieldError } from '../kind.ts';
import { checkLabels } from '../metadata-checks.ts';
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from '../names.ts';
import type { EndpointSlice } from '../types.ts';

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];
type AddressType = EndpointSlice['addressType'];

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;
const MAX_TOPOLOGY = 16;
const MAX_HINTS = 8;

function checkDomain(given: string, path: string, errors: Errors): void {
  if (given === '') {
    errors.push(required(path));
    return;
  }
  const name = given.endsWith('.') ? given.slice(0, -1) : given;
  const messages = checkDnsSubdomain(name);
  if (messages.length > 0) {
    errors.push(invalid(path, name, messages.join(',')));
    return;
  }
  const parts = name.split('.');
  if (parts.length < 2) {
    errors.push(invalid(path, name, 'should be a domain with at least two segments separated by dots'));
    return;
  }
  const bad = parts.find((part) => checkDnsLabel(part).length > 0);
  if (bad !== undefined) errors.push(invalid(path, bad, checkDnsLabel(bad).join(',')));
}

function checkAddress(address: string, type: AddressType, path: string, errors: Errors): void {
  if (type === 'FQDN') checkDomain(address, path, errors);
  if (type !== 'IPv4' && type !== 'IPv6') return;
  const messages = checkIp(address);
  refuse(path, address, messages, errors);
  if (messages.length > 0) return;
  if (type === 'IPv4' && !isIPv4(address)) errors.push(invalid(path, address, 'must be an IPv4 address'));
  if (type === 'IPv6' && !isIPv6(address)) errors.push(invalid(path, address, 'must be an IPv6 address'));
  refuse(path, address, checkOrdinaryIp(address), errors);
}

function checkHints(hints: readonly { name: string }[] | undefined, path: string, errors: Errors): void {
  if (!hints) return;
  if (hints.length > MAX_HINTS) {
    errors.push(tooMany(path, hints.length, MAX_HINTS));
    return;
  }
  const names = new Set<string>();
  hints.forEach(({ name }, i) => {
    const at = `${path}[${i}].name`;
    if (names.has(name)) errors.push(duplicate(at, name));
    names.add(name);
    refuse(at, name, checkLabelValue(name), errors);
  });
}

function checkEndpoint(endpoint: Endpoint, type: AddressType, path: string, errors: Errors): void {
  const { addresses = [], nodeName, hostname, hints, deprecatedTopology } = endpoint;
  const at = `${path}.addresses`;
  if (addresses.length === 0) errors.push(required(at, 'must contain at least 1 address'));
  else if (addresses.length > MAX_ADDRESSES) errors.push(tooMany(at, addresses.length, MAX_ADDRESSES));
  addresses.forEach((address, i) => checkAddress(address, type, `${at}[${i}]`, errors));
  if (nodeName !== undefined) refuse(`${path}.nodeName`, nodeName, checkDnsSubdomain(nodeName), errors);
  if (deprecatedTopology) {
    const count = Object.keys(deprecatedTopology).length;
    if (count > MAX_TOPOLOGY) errors.push(tooMany(`${path}.deprecatedTopology`, count, MAX_TOPOLOGY));
    checkLabels(deprecatedTopology, `${path}.deprecatedTopology`, errors);
  }
  if (hostname !== undefined) refuse(`${path}.hostname`, hostname, checkDnsLabel(hostname), errors);
  checkHints(hints?.forZones, `${path}.hints.forZones`, errors);
  checkHints(hints?.forNodes, `${path}.hints.forNodes`, errors);
}

/** Endpoints found good before, by their slice's address type: most of a slice stays as it is when it is written. */
const good = new WeakMap<object, AddressType>();

function checkPorts(ports: NonNullable<EndpointSlice['ports']>, errors: Errors): void {
  if (ports.length > MAX_PORTS) {
    errors.push(tooMany('ports', ports.length, MAX_PORTS));
    return;
  }
  const names = new Set<string>();
  ports.forEach(({ name = '', protocol, appProtocol }, i) => {
    const path = `ports[${i}]`;
    if (name) refuse(`${path}.name`, name, checkDnsLabel(name), errors);
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    checkOneOf(protocol, ['SCTP', 'TCP', 'UDP'], `${path}.protocol`, errors);
    if (appProtocol !== undefined) refuse(`${path}.appProtocol`, appProtocol, checkQualifiedName(appProtocol), errors);
  });
}

export function checkEndpointSlice({ addressType, endpoints: given, ports }: EndpointSlice): FieldError[] {
  const errors: Errors = [];
  if (!addressType) errors.push(required('addressType'));
  else checkOneOf(addressType, ['FQDN', 'IPv4', 'IPv6'], 'addressType', errors);
  const endpoints = given ?? [];
  if (endpoints.length > MAX_ENDPOINTS) errors.push(tooMany('endpoints', endpoints.length, MAX_ENDPOINTS));
  else
    endpoints.forEach((endpoint, i) => {
      if (good.get(endpoint) === addressType) return;
      const before = errors.length;
      checkEndpoint(endpoint, addressType, `endpoints[${i}]`, errors);
      if (errors.length === before) good.set(endpoint, addressType);
    });
  if (ports) checkPorts(ports, errors);
  return errors;
}

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
/** Those who write addresses as they should be. */
const CONTROLLERS: ReadonlySet<string | undefined> = new Set([
  'endpointslice-controller.k8s.io',
  'endpointslicemirroring-controller.k8s.io',
]);

export function endpointSliceWarnings({ metadata, addressType, endpoints }: EndpointSlice, isNew: boolean): string[] {
  const warnings = isNew && addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : [];
  if (CONTROLLERS.has(metadata.labels?.[MANAGED_BY])) return warnings;
  endpoints?.forEach(({ addresses }, i) =>
    addresses.forEach((address, j) => warnings.push(...ipWarnings(`endpoints[${i}].addresses[${j}]`, address))),
  );
  return warnings;
}
