import type { EndpointSlice, Node, Pod, Service } from '../../api/types.ts';
import { isPodReady } from '../pods.ts';
import { endpointHostname, hasEndpoint, podAddresses, targetPort } from '../services.ts';

export type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];
export type EndpointPort = NonNullable<EndpointSlice['ports']>[number];
export type AddressType = 'IPv4' | 'IPv6';

/** Endpoints that share a set of ports and may therefore share slices. */
export interface EndpointGroup {
  readonly addressType: AddressType;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Endpoint[];
}

const ZONE = 'topology.kubernetes.io/zone';

export const addressTypesOf = ({ spec }: Service): readonly AddressType[] =>
  spec.ipFamilies?.length ? (spec.ipFamilies as AddressType[]) : ['IPv4'];

export const groupKey = (addressType: string, ports: readonly EndpointPort[]): string =>
  `${addressType} ${ports
    .map((p) => `${p.name ?? ''}/${p.protocol ?? ''}/${p.port ?? ''}/${p.appProtocol ?? ''}`)
    .sort()
    .join(' ')}`;

/** What tells one endpoint from another; everything else about it may change. */
export const endpointKey = ({ addresses, hostname, nodeName, targetRef }: Endpoint): string =>
  `${targetRef?.uid ?? ''} ${addresses.join(',')} ${hostname ?? ''} ${nodeName ?? ''}`;

export interface Desired {
  readonly groups: Map<string, EndpointGroup>;
  /** Pods left out because their Node is not known; they are to be looked at again. */
  readonly skipped: readonly string[];
}

/** The endpoints of a Service, grouped by address family and ports; `hint` says for whom each is meant. */
export function desiredEndpoints(
  service: Service,
  pods: readonly Pod[],
  nodeOf: (name: string) => Node | undefined,
  hint: (endpoint: Endpoint) => Endpoint,
): Desired {
  const groups = new Map<string, EndpointGroup>();
  const skipped: string[] = [];
  const publishNotReady = service.spec.publishNotReadyAddresses === true;
  for (const pod of pods) {
    if (!hasEndpoint(pod)) continue;
    const node = nodeOf(pod.spec.nodeName ?? '');
    if (!node && !publishNotReady) {
      skipped.push(pod.metadata.name);
      continue;
    }
    const ports = portsOf(service, pod);
    for (const addressType of addressTypesOf(service)) {
      const addresses = podAddresses(pod).filter((ip) => ip.includes(':') === (addressType === 'IPv6'));
      if (addresses.length === 0) continue;
      const key = groupKey(addressType, ports);
      let group = groups.get(key);
      if (!group) groups.set(key, (group = { addressType, ports, endpoints: [] }));
      group.endpoints.push(hint(endpointOf(service, pod, node, addresses)));
    }
  }
  return { groups, skipped };
}

function endpointOf(service: Service, pod: Pod, node: Node | undefined, addresses: string[]): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = endpointHostname(pod, service);
  const zone = node?.metadata.labels?.[ZONE];
  const { name, namespace, uid } = pod.metadata;
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    ...(zone === undefined ? {} : { zone }),
    targetRef: { kind: 'Pod', namespace: namespace!, name, uid: uid! },
  };
}

function portsOf(service: Service, pod: Pod): EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const port of service.spec.ports ?? []) {
    const number = targetPort(pod, port);
    if (number === undefined) continue;
    ports.push({
      name: port.name ?? '',
      protocol: port.protocol ?? 'TCP',
      port: number,
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    });
  }
  return ports;
}
