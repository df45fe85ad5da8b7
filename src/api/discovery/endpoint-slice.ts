import { checkOneOf, refuse } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { fillIn, mapShared } from '../draft.ts';
import { duplicate, invalid, required, tooMany } from '../field-error.ts';
import { isIPv4, isIPv6 } from '../ip.ts';
import type { FieldError, Kind } from '../kind.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../names.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { EndpointSlice } from '../types.ts';

/** The first few of a list, then how many more there are. */
function firstThree(items: readonly string[]): string {
  if (items.length === 0) return '<unset>';
  const shown = items.slice(0, 3).join(',');
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown;
}

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;

function checkEndpointSlice(slice: EndpointSlice): FieldError[] {
  const errors: FieldError[] = [];
  if (!slice.addressType) errors.push(required('addressType'));
  else checkOneOf(slice.addressType, ['FQDN', 'IPv4', 'IPv6'], 'addressType', errors);
  const endpoints = slice.endpoints ?? [];
  if (endpoints.length > MAX_ENDPOINTS) errors.push(tooMany('endpoints', endpoints.length, MAX_ENDPOINTS));
  endpoints.forEach(({ addresses = [] }, i) => {
    const path = `endpoints[${i}].addresses`;
    if (addresses.length === 0) errors.push(required(path, 'must contain at least 1 address'));
    if (addresses.length > MAX_ADDRESSES) errors.push(tooMany(path, addresses.length, MAX_ADDRESSES));
    addresses.forEach((address, j) => {
      const at = `${path}[${j}]`;
      if (slice.addressType === 'FQDN') refuse(at, address, checkDnsSubdomain(address), errors);
      else if (slice.addressType === 'IPv4' && !isIPv4(address))
        errors.push(invalid(at, address, 'must be an IPv4 address'));
      else if (slice.addressType === 'IPv6' && !isIPv6(address))
        errors.push(invalid(at, address, 'must be an IPv6 address'));
    });
  });
  const names = new Set<string>();
  slice.ports?.forEach((port, i) => {
    const at = `ports[${i}]`;
    const name = port.name ?? '';
    if (name) refuse(`${at}.name`, name, checkDnsLabel(name), errors);
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    checkOneOf(port.protocol, ['SCTP', 'TCP', 'UDP'], `${at}.protocol`, errors);
  });
  return errors;
}

/** EndpointSlices: the addresses behind a Service, at most a hundred to a slice. */
export const EndpointSliceKind: Kind<EndpointSlice> = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  resource: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  hasGeneration: true,
  defaults(draft) {
    // Empty lists are written as null here: these fields are never left out.
    if (!draft.endpoints?.length) draft.endpoints = null as unknown as EndpointSlice['endpoints'];
    if (!draft.ports?.length) {
      draft.ports = null as unknown as NonNullable<EndpointSlice['ports']>;
      return;
    }
    draft.ports = mapShared(draft.ports, (port) => fillIn(port, { name: '', protocol: 'TCP' }));
  },
  validate: checkEndpointSlice,
  validateUpdate(slice, old) {
    const errors = checkEndpointSlice(slice);
    if (slice.addressType !== old.addressType)
      errors.push(invalid('addressType', slice.addressType, 'field is immutable'));
    return errors;
  },
  columns: [
    nameColumn,
    {
      name: 'AddressType',
      type: 'string',
      description: 'addressType specifies the type of address carried by this EndpointSlice.',
      cell: (slice) => slice.addressType,
    },
    {
      name: 'Ports',
      type: 'string',
      description: 'ports specifies the list of network ports exposed by each endpoint in this slice.',
      cell: (slice) =>
        firstThree((slice.ports ?? []).map((port) => (port.port !== undefined ? String(port.port) : port.name || '*'))),
    },
    {
      name: 'Endpoints',
      type: 'string',
      description: 'endpoints is a list of unique endpoints in this slice.',
      cell: (slice) => firstThree((slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses)),
    },
    ageColumn,
  ],
});
