import type { TraceOptions } from '../kernel/index.ts';
import type { SimulatedDevice } from '../addons/device-driver/device-driver.ts';
import type { NodeSpec as MachineOfKubelet } from '../kubelet/index.ts';
import type { KubeSchedulerConfiguration } from '../scheduler/index.ts';

/** A machine of the cluster; its address is chosen when it has none. */
export type NodeSpec = Omit<MachineOfKubelet, 'ip'> & {
  readonly ip?: string;
  /** Devices that Pods can claim, by the name of their driver, which then runs there: `gpu.example.com`. */
  readonly devices?: Readonly<Record<string, readonly SimulatedDevice[]>>;
};

/** A machine with an address. */
export type Machine = MachineOfKubelet & Pick<NodeSpec, 'devices'>;

/** How many requests the API server answers at a time, and how long each takes. */
export interface InFlight {
  /** Seats of all priority levels together: --max-requests-inflight and --max-mutating-requests-inflight. */
  readonly seats: number;
  /** Virtual milliseconds that a request holds its seats; some that go with its verb unless given. */
  readonly requestMs?: number | undefined;
}

export interface ClusterSpec {
  /** Same seed and same inputs: same history. */
  readonly seed: number;
  /** Machines, or how many of them: node-1, node-2 ... in zone-1, zone-2, zone-3 by turns. */
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
  /** How kube-scheduler is configured, as its file says; Kubernetes' defaults unless given. */
  readonly scheduler?: KubeSchedulerConfiguration;
  /** Further schedulers, by the name of their component, each for the Pods that name one of its profiles. */
  readonly moreSchedulers?: Readonly<Record<string, KubeSchedulerConfiguration>>;
  /** How many kube-controller-managers there are, of which one works at a time; 1 unless given. */
  readonly controllerManagers?: number;
  /** Whether controller managers and schedulers hold Leases while they work; so on the runtime `images`, unless given. */
  readonly leaderElection?: boolean;
  /** Makes the API server enforce priority and fairness; it has room for everyone unless given. */
  readonly inFlight?: InFlight;
  /** What is installed beyond what every cluster has: `metrics-server`, `cloud-controller-manager`, `csi-driver`. */
  readonly addons?: readonly string[];
  /** Components that are not started at first. */
  readonly without?: readonly string[];
}

/** The machine of the control plane, on which the cluster's DNS server answers too. It takes no Pods and is no Node. */
export const CONTROL_PLANE = { name: 'control-plane', ip: '172.18.255.2' };

export const SERVICE_CIDR = '10.96.0.0/16';
export const POD_CIDR = '10.244.0.0/16';
export const API_SERVER_SERVICE_IP = '10.96.0.1';
export const DNS_SERVICE_IP = '10.96.0.10';
export const CLUSTER_DOMAIN = 'cluster.local';

const ZONES = 3;
/** Machines per /24 of the machines' network. */
const PER_SUBNET = 250;

/** Address of the n-th machine, counted from 0. */
const nodeAddress = (index: number): string => `172.18.${Math.floor(index / PER_SUBNET)}.${(index % PER_SUBNET) + 2}`;

/** The `index`-th machine of a cluster, from 0, with what was left out filled in. */
export const machine = (node: NodeSpec, index: number): Machine => ({ ...node, ip: node.ip ?? nodeAddress(index) });

/** A machine as `fakeRuntime` kubelets report it: the recordings were made on three of them. */
const rigMachine = (n: number): Machine => ({
  name: `node-${n}`,
  ip: `192.0.2.${n + 1}`,
  port: 9654,
  providerId: `kubemark://node-${n}`,
  capacity: { cpu: '1', 'ephemeral-storage': '0', memory: '3840Mi', pods: '110' },
  machine: {
    osImage: 'Debian GNU/Linux 7 (wheezy)',
    kernelVersion: '3.16.0-0.bpo.4-amd64',
    machineID: '',
    systemUUID: '',
    bootID: '',
  },
});

/** The machines that a spec means. */
export function machines({ nodes, runtime }: ClusterSpec): Machine[] {
  if (typeof nodes !== 'number') return nodes.map(machine);
  return Array.from({ length: nodes }, (_, i) => {
    const zone = `zone-${(i % ZONES) + 1}`;
    return runtime === 'instant' && nodes <= PER_SUBNET
      ? { ...rigMachine(i + 1), zone }
      : machine({ name: `node-${i + 1}`, zone }, i);
  });
}

/** The rig on which the recordings were made. */
export const RECORDING_RIG: Pick<ClusterSpec, 'nodes' | 'runtime'> = { runtime: 'instant', nodes: 3 };
