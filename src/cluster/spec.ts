import type { Taint } from '../api/types.ts';
import type { TraceOptions } from '../kernel/index.ts';

/** A machine of the cluster. What is left out is as in `DEFAULT_NODE`. */
export interface NodeSpec {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** Quantities, as in status.capacity: cpu, memory, ephemeral-storage, pods, extended resources. */
  readonly capacity?: Readonly<Record<string, string>>;
  /** The node's own address. */
  readonly ip?: string;
}

export interface ClusterSpec {
  /** Same seed and same inputs: same history. */
  readonly seed: number;
  /** Machines, or how many of them: node-1, node-2 ... each in a zone of its own out of three. */
  readonly nodes: number | readonly NodeSpec[];
  /**
   * `images`: containers run the simulated programs of their images; pulls and starts take time.
   * `instant`: the rig of the recordings: every image exists, containers start at once and never exit, and the
   * Pods of a node share an address.
   */
  readonly runtime?: 'images' | 'instant';
  /** Virtual milliseconds since the Unix epoch at which the cluster's clock starts. */
  readonly epochMs?: number;
  readonly trace?: TraceOptions;
  /** How long a change takes from the store to a watcher, virtual milliseconds; 1 unless given. */
  readonly watchLatencyMs?: number;
  /** Components that are not started: `kube-scheduler`, `kube-controller-manager`, `kube-proxy`, `coredns`. */
  readonly without?: readonly ('kube-scheduler' | 'kube-controller-manager' | 'kube-proxy' | 'coredns')[];
}

export const SERVICE_CIDR = '10.96.0.0/16';
export const POD_CIDR = '10.244.0.0/16';
export const API_SERVER_SERVICE_IP = '10.96.0.1';
export const DNS_SERVICE_IP = '10.96.0.10';
export const CLUSTER_DOMAIN = 'cluster.local';

const ZONES = 3;

/** A machine of the default kind: a small one, so that a lab can fill it. */
export const DEFAULT_CAPACITY = {
  cpu: '4',
  'ephemeral-storage': '61255492Ki',
  'hugepages-1Gi': '0',
  'hugepages-2Mi': '0',
  memory: '8Gi',
  pods: '110',
} as const;

/** Address of the n-th machine (from 0), out of a range of its own. */
const nodeAddress = (index: number): string => `172.18.${Math.floor((index + 2) / 254)}.${((index + 2) % 254) + 1}`;

/** The machines that a spec means, each with a name, an address, a zone and a capacity. */
export function machines(nodes: ClusterSpec['nodes']): Required<NodeSpec>[] {
  const given: readonly NodeSpec[] =
    typeof nodes === 'number' ? Array.from({ length: nodes }, (_, i) => ({ name: `node-${i + 1}` })) : nodes;
  return given.map((node, index) => machine(node, index));
}

/** One machine, the `index`-th of its cluster from 0. */
export function machine(node: NodeSpec, index: number): Required<NodeSpec> {
  return {
    name: node.name,
    labels: node.labels ?? { 'topology.kubernetes.io/zone': `zone-${(index % ZONES) + 1}` },
    taints: node.taints ?? [],
    capacity: node.capacity ?? DEFAULT_CAPACITY,
    ip: node.ip ?? nodeAddress(index),
  };
}
