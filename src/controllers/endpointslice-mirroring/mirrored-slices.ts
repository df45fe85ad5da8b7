import { isIPv4, isIPv6 } from '../../api/ip.ts';
import type { Endpoints } from '../../api/types.ts';
import type { AddressType, Endpoint, EndpointPort } from '../endpointslice/desired-endpoints.ts';
import type { SliceContent } from '../endpointslice/slice-changes.ts';

type Subset = NonNullable<Endpoints['subsets']>[number];
type Address = NonNullable<Subset['addresses']>[number];

/** Addresses of one subset that are mirrored at most: --mirroring-max-endpoints-per-subset. */
export const MAX_ADDRESSES = 1000;

interface Mirror {
  /** One for each address family and set of ports. */
  readonly contents: readonly SliceContent[];
  /** Addresses that are none. */
  readonly invalid: number;
  /** Addresses beyond the limit. */
  readonly beyond: number;
}

function endpointOf({ ip, targetRef, nodeName, hostname }: Address, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(targetRef ? { targetRef } : {}),
  };
}

const portsOf = ({ ports = [] }: Subset): EndpointPort[] =>
  ports.map(({ name = '', protocol = 'TCP', port, appProtocol }) => ({
    name,
    protocol,
    port,
    ...(appProtocol === undefined ? {} : { appProtocol }),
  }));

const familyOf = (ip: string): AddressType | undefined => (isIPv4(ip) ? 'IPv4' : isIPv6(ip) ? 'IPv6' : undefined);

/** What the EndpointSlices of hand-made Endpoints hold: subset by subset, one slice for each address family. */
export function mirrored({ subsets = [] }: Endpoints): Mirror {
  const contents = new Map<string, SliceContent & { readonly endpoints: Endpoint[] }>();
  let invalid = 0;
  let beyond = 0;
  for (const subset of subsets) {
    const ports = portsOf(subset);
    const key = JSON.stringify(ports);
    let room = MAX_ADDRESSES;
    const add = (address: Address, ready: boolean): void => {
      const addressType = familyOf(address.ip);
      if (!addressType) invalid++;
      else if (room-- <= 0) beyond++;
      else {
        let content = contents.get(`${addressType} ${key}`);
        if (!content) contents.set(`${addressType} ${key}`, (content = { addressType, ports, endpoints: [] }));
        content.endpoints.push(endpointOf(address, ready));
      }
    };
    for (const address of subset.addresses ?? []) add(address, true);
    for (const address of subset.notReadyAddresses ?? []) add(address, false);
  }
  return { contents: [...contents.values()], invalid, beyond };
}
