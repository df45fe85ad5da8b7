import { defineKind } from '../define-kind.ts';
import { fillIn, mapShared } from '../draft.ts';
import { invalid } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { EndpointSlice } from '../types.ts';
import { checkEndpointSlice, endpointSliceWarnings } from './endpoint-slice-checks.ts';

/** The first few of a list, then how many more there are. */
function firstThree(items: readonly string[]): string {
  if (items.length === 0) return '<unset>';
  const shown = items.slice(0, 3).join(',');
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown;
}

/** Whoever writes in this version cannot write the field of an older one. */
function dropTopology(draft: EndpointSlice): void {
  if (!draft.endpoints?.some(({ deprecatedTopology }) => deprecatedTopology)) return;
  draft.endpoints = draft.endpoints.map((endpoint) => {
    const { deprecatedTopology: _, ...rest } = endpoint;
    return rest;
  });
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
  prepareForCreate: dropTopology,
  prepareForUpdate: dropTopology,
  validate: checkEndpointSlice,
  validateUpdate(slice, old) {
    const errors = checkEndpointSlice(slice);
    if (slice.addressType !== old.addressType)
      errors.push(invalid('addressType', slice.addressType, 'field is immutable'));
    return errors;
  },
  warnings: (slice, old) => endpointSliceWarnings(slice, !old),
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
