import { fillIn, mapShared } from '../draft.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { EndpointSlice } from '../types.ts';

/** The first few of a list, then how many more there are. */
function firstThree(items: readonly string[]): string {
  if (items.length === 0) return '<unset>';
  const shown = items.slice(0, 3).join(',');
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown;
}

/** EndpointSlices: the addresses behind a Service, at most a hundred to a slice. */
export const EndpointSliceKind: Kind<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  resource: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  hasGeneration: true,
  defaults(draft) {
    if (!draft.ports) return;
    draft.ports = mapShared(draft.ports, (port) => fillIn(port, { name: '', protocol: 'TCP' }));
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
        firstThree(
          (slice.ports ?? []).map((port) => (port.port !== undefined ? String(port.port) : port.name || '*')),
        ),
    },
    {
      name: 'Endpoints',
      type: 'string',
      description: 'endpoints is a list of unique endpoints in this slice.',
      cell: (slice) => firstThree((slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses)),
    },
    ageColumn,
  ],
};
