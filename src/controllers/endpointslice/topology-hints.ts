import { parseQuantity } from '../../api/quantity.ts';
import type { Node, Service } from '../../api/types.ts';
import { findCondition } from '../conditions.ts';
import type { AddressType, Endpoint, EndpointGroup } from './desired-endpoints.ts';

const ZONE = 'topology.kubernetes.io/zone';
const CONTROL_PLANE = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];
const MODES = ['service.kubernetes.io/topology-mode', 'service.kubernetes.io/topology-aware-hints'];

/** How much more than its share an endpoint may have to bear. */
const OVERLOAD = 0.2;

export const ENABLED = 'Topology Aware Hints has been enabled';
export const REMOVED = 'Topology Aware Hints configuration was removed';

/** Whether a Service asks for hints by an annotation. */
export const wantsTopology = ({ metadata: { annotations = {} } }: Service): boolean =>
  MODES.some((key) => annotations[key] === 'Auto' || annotations[key] === 'auto');

/** Each zone's share of the CPUs of all Nodes that are ready; undefined when that cannot be said. */
export function cpuShares(nodes: readonly Node[]): ReadonlyMap<string, number> | undefined {
  const cpus = new Map<string, number>();
  let total = 0;
  for (const { metadata, status } of nodes) {
    const labels = metadata.labels ?? {};
    if (CONTROL_PLANE.some((key) => key in labels)) continue;
    if (findCondition(status?.conditions, 'Ready')?.status !== 'True') continue;
    const zone = labels[ZONE];
    const cpu = parseQuantity(status?.allocatable?.['cpu'] ?? '0').asNumber();
    if (!zone || cpu === 0) return undefined;
    cpus.set(zone, (cpus.get(zone) ?? 0) + cpu);
    total += cpu;
  }
  if (cpus.size < 2) return undefined;
  return new Map([...cpus].sort(([a], [b]) => (a < b ? -1 : 1)).map(([zone, cpu]) => [zone, cpu / total]));
}

/** Whether two versions of a Node count alike. */
export const sameTopology = (a: Node, b: Node): boolean =>
  a.metadata.labels === b.metadata.labels &&
  a.status?.allocatable?.['cpu'] === b.status?.allocatable?.['cpu'] &&
  findCondition(a.status?.conditions, 'Ready')?.status === findCondition(b.status?.conditions, 'Ready')?.status;

/** How many endpoints each zone should have, possibly a fraction; a text when it cannot be done. */
function allocate(shares: ReadonlyMap<string, number> | undefined, count: number): Map<string, number> | string {
  if (!shares) return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
  const numbers = `(${count} endpoints, ${shares.size} zones)`;
  if (shares.size > count) return `Insufficient number of endpoints ${numbers}`;
  const wanted = new Map<string, number>();
  let left = count;
  for (const [zone, share] of shares) {
    const minimum = Math.ceil((share * count) / (1 + OVERLOAD));
    wanted.set(zone, Math.max(share * count, minimum));
    left -= minimum;
    if (left < 0) {
      return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${numbers}`;
    }
  }
  return wanted;
}

/** The zone with the most, and how much that is. */
function most(zones: ReadonlyMap<string, number>): [string | undefined, number] {
  let best: [string | undefined, number] = [undefined, 0];
  for (const [zone, number] of zones) if (number > best[1]) best = [zone, number];
  return best;
}

/** From which zones to which endpoints are lent. */
function loans(wanted: ReadonlyMap<string, number>, has: ReadonlyMap<string, number>): [string, string][] {
  const giving = new Map<string, number>();
  const receiving = new Map<string, number>();
  for (const [zone, target] of wanted) {
    const surplus = (has.get(zone) ?? 0) - target;
    if (surplus > 0) giving.set(zone, surplus);
    else if (surplus < 0) receiving.set(zone, -surplus);
  }
  const moves: [string, string][] = [];
  for (;;) {
    const [from, give] = most(giving);
    const [to, receive] = most(receiving);
    if (!from || !to || (give < 1 && receive < 1) || give < 0.5 || receive < 0.5) return moves;
    moves.push([from, to]);
    giving.set(from, give - 1);
    receiving.set(to, receive - 1);
  }
}

export interface TopologyHints {
  readonly groups: Map<string, EndpointGroup>;
  /** Why there are no hints, for each address family; empty when there are. */
  readonly problems: readonly string[];
}

/**
 * Hints by service.kubernetes.io/topology-mode: every zone gets as many ready endpoints as its share of the CPUs, its own
 * first; others lend it what it lacks (KEP-2433).
 *
 * The real one changes the hints of as few slices as it can; ours works all of them out anew, in the order of the Pods.
 */
export function withTopologyHints(
  groups: ReadonlyMap<string, EndpointGroup>,
  addressTypes: readonly AddressType[],
  shares: ReadonlyMap<string, number> | undefined,
): TopologyHints {
  const problems: string[] = [];
  const hinted = new Map(groups);
  for (const addressType of addressTypes) {
    const own = [...groups].filter(([, group]) => group.addressType === addressType);
    const ready = own.flatMap(([, { endpoints }]) => endpoints.filter(({ conditions }) => conditions?.ready));
    const wanted = allocate(shares, ready.length);
    const problem =
      typeof wanted === 'string'
        ? wanted
        : ready.some(({ zone }) => !zone)
          ? 'One or more endpoints do not have a zone specified'
          : undefined;
    if (problem !== undefined || typeof wanted === 'string') {
      problems.push(`${problem}, addressType: ${addressType}`);
      continue;
    }
    const has = new Map<string, number>();
    for (const { zone } of ready) has.set(zone!, (has.get(zone!) ?? 0) + 1);
    const moves = loans(wanted, has);
    const zoneFor = ({ zone }: Endpoint): string => {
      const at = moves.findIndex(([from]) => from === zone);
      return at < 0 ? zone! : moves.splice(at, 1)[0]![1];
    };
    for (const [key, group] of own) {
      const endpoints = group.endpoints.map((endpoint) =>
        endpoint.conditions?.ready ? { ...endpoint, hints: { forZones: [{ name: zoneFor(endpoint) }] } } : endpoint,
      );
      hinted.set(key, { ...group, endpoints });
    }
  }
  return { groups: hinted, problems };
}
