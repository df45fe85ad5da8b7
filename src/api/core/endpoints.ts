import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Endpoints } from '../types.ts';

/** At most three `address:port`, then how many more there are. */
function summary(endpoints: Endpoints): string {
  const subsets = endpoints.subsets ?? [];
  if (subsets.length === 0) return '<none>';
  const list: string[] = [];
  let count = 0;
  let more = false;
  const add = (text: string): void => {
    if (list.length === 3) more = true;
    if (!more) list.push(text);
    count++;
  };
  for (const { addresses, ports } of subsets) {
    if (!ports?.length) addresses?.forEach((address) => add(address.ip));
    else for (const port of ports) addresses?.forEach((address) => add(hostPort(address.ip, port.port)));
  }
  const text = list.join(',');
  if (more) return `${text} + ${count - 3} more...`;
  return text;
}

const hostPort = (ip: string, port: number): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);

/** Endpoints: the older list of the addresses behind a Service. */
export const EndpointsKind: Kind<Endpoints> = defineKind<Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  resource: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Endpoints',
  defaults(draft) {
    if (!draft.subsets) return;
    draft.subsets = draft.subsets.map((subset) =>
      subset.ports?.some((port) => !port.protocol)
        ? { ...subset, ports: subset.ports.map((port) => (port.protocol ? port : { ...port, protocol: 'TCP' })) }
        : subset,
    );
  },
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  columns: [
    nameColumn,
    {
      name: 'Endpoints',
      type: 'string',
      description: 'The set of all endpoints is the union of all subsets.',
      cell: summary,
    },
    ageColumn,
  ],
});
