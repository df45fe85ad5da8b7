import type { Taint } from '../api/types.ts';

/** A machine of the cluster, as whoever describes a cluster says it. */
export interface NodeSpec {
  readonly name: string;
  /** Its address in the cluster's network. */
  readonly ip: string;
  /** Quantities by resource name; cpu, memory, pods and ephemeral-storage have defaults. */
  readonly capacity?: Readonly<Record<string, string>>;
  /** What Pods may use; the capacity unless given. */
  readonly allocatable?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** Shorthand for the label topology.kubernetes.io/zone. */
  readonly zone?: string;
  readonly providerId?: string;
  /** The kubelet's port. */
  readonly port?: number;
  readonly machine?: Partial<MachineInfo>;
}

/** What nodeInfo says besides versions of Kubernetes and the runtime. */
export interface MachineInfo {
  readonly architecture: string;
  readonly operatingSystem: string;
  readonly osImage: string;
  readonly kernelVersion: string;
  readonly machineID: string;
  readonly systemUUID: string;
  readonly bootID: string;
}

export const KUBELET_VERSION = 'v1.36.2';

export const DEFAULT_CAPACITY: Readonly<Record<string, string>> = {
  cpu: '4',
  'ephemeral-storage': '50620216Ki',
  memory: '8148144Ki',
  pods: '110',
};

/** Capabilities that a kubelet of this version announces in status.declaredFeatures. */
export const DECLARED_FEATURES: readonly string[] = [
  'ExtendWebSocketsToKubelet',
  'InPlacePodLevelResourcesVerticalScaling',
  'InPlacePodVerticalScalingInitContainers',
  'RestartAllContainersOnContainerExits',
];
