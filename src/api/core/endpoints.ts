import { defineKind } from '../define-kind.ts';
import { required } from '../field-error.ts';
import { checkIp, checkOrdinaryIp, ipWarnings } from '../ip.ts';
import type { Kind } from '../kind.ts';
import { checkDnsLabel, checkDnsSubdomain, checkPortNumber, checkQualifiedName } from '../names.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Endpoints } from '../types.ts';
import { checkOneOf, refuse, type Errors } from './common-checks.ts';

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

type Subset = NonNullable<Endpoints['subsets']>[number];
type Address = NonNullable<Subset['addresses']>[number];
type Port = NonNullable<Subset['ports']>[number];

function checkAddress({ ip = '', hostname, nodeName }: Address, path: string, errors: Errors): void {
  refuse(`${path}.ip`, ip, checkIp(ip), errors);
  if (hostname) refuse(`${path}.hostname`, hostname, checkDnsLabel(hostname), errors);
  if (nodeName !== undefined) refuse(`${path}.nodeName`, nodeName, checkDnsSubdomain(nodeName), errors);
  refuse(`${path}.ip`, ip, checkOrdinaryIp(ip), errors);
}

function checkEndpointPort(port: Port, needsName: boolean, path: string, errors: Errors): void {
  if (port.name) refuse(`${path}.name`, port.name, checkDnsLabel(port.name), errors);
  else if (needsName) errors.push(required(`${path}.name`));
  refuse(`${path}.port`, port.port ?? 0, checkPortNumber(port.port ?? 0), errors);
  if (!port.protocol) errors.push(required(`${path}.protocol`));
  else checkOneOf(port.protocol, ['SCTP', 'TCP', 'UDP'], `${path}.protocol`, errors);
  if (port.appProtocol !== undefined)
    refuse(`${path}.appProtocol`, port.appProtocol, checkQualifiedName(port.appProtocol), errors);
}

const ADDRESSES = ['addresses', 'notReadyAddresses'] as const;

function checkEndpoints({ subsets = [] }: Endpoints): Errors {
  const errors: Errors = [];
  subsets.forEach((subset, i) => {
    const at = `subsets[${i}]`;
    if (!ADDRESSES.some((list) => subset[list]?.length))
      errors.push(required(at, 'must specify `addresses` or `notReadyAddresses`'));
    for (const list of ADDRESSES)
      subset[list]?.forEach((address, j) => checkAddress(address, `${at}.${list}[${j}]`, errors));
    const ports = subset.ports ?? [];
    ports.forEach((port, j) => checkEndpointPort(port, ports.length > 1, `${at}.ports[${j}]`, errors));
  });
  return errors;
}

/** Addresses that are written in an unusual way, unless a controller of the cluster wrote them. */
function endpointsWarnings({ metadata, subsets = [] }: Endpoints): string[] {
  if (metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return [];
  return subsets.flatMap((subset, i) =>
    ADDRESSES.flatMap((list) =>
      (subset[list] ?? []).flatMap(({ ip }, j) => ipWarnings(`subsets[${i}].${list}[${j}].ip`, ip)),
    ),
  );
}

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
  validate: checkEndpoints,
  warnings: endpointsWarnings,
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
