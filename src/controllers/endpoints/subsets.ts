import type { Endpoints, Pod, Service } from '../../api/types.ts';
import { isPodReady } from '../pods.ts';
import { endpointHostname, hasEndpoint, podAddresses, targetPort } from '../services.ts';

export type Subset = NonNullable<Endpoints['subsets']>[number];
type Address = NonNullable<Subset['addresses']>[number];
type Port = NonNullable<Subset['ports']>[number];

/** Addresses in one Endpoints object at most. */
const MAX_ADDRESSES = 1000;

interface Group {
  readonly ports: readonly Port[];
  readonly ready: Address[];
  readonly notReady: Address[];
}

/**
 * The subsets of a Service's Endpoints: addresses that serve the same ports stand together, those of Pods that are
 * not ready apart. `truncated` when there were too many.
 */
export function subsetsOf(
  service: Service,
  pods: readonly Pod[],
): { readonly subsets: Subset[]; readonly truncated: boolean } {
  const publishNotReady = service.spec.publishNotReadyAddresses === true;
  const groups = new Map<string, Group>();
  for (const pod of pods) {
    if (!hasEndpoint(pod) || (pod.metadata.deletionTimestamp !== undefined && !publishNotReady)) continue;
    const ports = portsOf(service, pod);
    if (ports.length === 0 && (service.spec.ports?.length ?? 0) > 0) continue;
    const key = JSON.stringify(ports);
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { ports, ready: [], notReady: [] }));
    (publishNotReady || isPodReady(pod) ? group.ready : group.notReady).push(addressOf(service, pod));
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  return truncate(sorted);
}

/** Ready addresses are kept before others. */
function truncate(groups: readonly Group[]): { readonly subsets: Subset[]; readonly truncated: boolean } {
  const total = groups.reduce((count, { ready, notReady }) => count + ready.length + notReady.length, 0);
  let room = MAX_ADDRESSES;
  const take = (addresses: Address[]): Address[] => {
    const taken = addresses.sort(byIp).slice(0, room);
    room -= taken.length;
    return taken;
  };
  const ready = groups.map((group) => take(group.ready));
  const subsets = groups.flatMap(({ ports, notReady }, i): Subset[] => {
    const addresses = ready[i]!;
    const notReadyAddresses = take(notReady);
    if (addresses.length + notReadyAddresses.length === 0) return [];
    return [
      {
        ...(addresses.length > 0 ? { addresses } : {}),
        ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
        ...(ports.length > 0 ? { ports: [...ports] } : {}),
      },
    ];
  });
  return { subsets, truncated: total > MAX_ADDRESSES };
}

const byIp = (a: Address, b: Address): number =>
  a.ip === b.ip ? ((a.targetRef?.uid ?? '') < (b.targetRef?.uid ?? '') ? -1 : 1) : a.ip < b.ip ? -1 : 1;

function addressOf(service: Service, pod: Pod): Address {
  const hostname = endpointHostname(pod, service);
  const { name, namespace, uid } = pod.metadata;
  return {
    ip: podAddresses(pod)[0]!,
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace: namespace!, name, uid: uid! },
  };
}

function portsOf(service: Service, pod: Pod): Port[] {
  const ports: Port[] = [];
  for (const port of service.spec.ports ?? []) {
    const number = targetPort(pod, port);
    if (number === undefined) continue;
    ports.push({
      ...(port.name ? { name: port.name } : {}),
      port: number,
      protocol: port.protocol ?? 'TCP',
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    });
  }
  return ports;
}
