import type { Manifest } from '../api/object.ts';
import { formatTime } from '../api/meta.ts';
import type { Node } from '../api/types.ts';
import { DECLARED_FEATURES, DEFAULT_CAPACITY, KUBELET_VERSION, type MachineInfo, type NodeSpec } from './node-spec.ts';
import type { ContainerRuntime, ImageInfo } from './runtime/cri.ts';

type NodeStatus = NonNullable<Node['status']>;
type NodeCondition = NonNullable<NodeStatus['conditions']>[number];

/** Images listed in a node's status at most, biggest first. */
const LISTED_IMAGES = 50;

/** The machine of the simulated nodes that run programs. */
const MACHINE: MachineInfo = {
  architecture: 'amd64',
  operatingSystem: 'linux',
  osImage: 'Debian GNU/Linux 12 (bookworm)',
  kernelVersion: '6.1.0-40-amd64',
  machineID: '',
  systemUUID: '',
  bootID: '',
};

/** What kubemark's hollow nodes say of themselves. */
const HOLLOW_MACHINE: Partial<MachineInfo> = {
  osImage: 'Debian GNU/Linux 7 (wheezy)',
  kernelVersion: '3.16.0-0.bpo.4-amd64',
};

export const NOT_READY = {
  status: 'False',
  reason: 'KubeletNotReady',
  message: 'container runtime status check may not have completed yet',
} as const;

export const READY = { status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' } as const;

const HEALTHY = [
  {
    type: 'MemoryPressure',
    status: 'False',
    reason: 'KubeletHasSufficientMemory',
    message: 'kubelet has sufficient memory available',
  },
  {
    type: 'DiskPressure',
    status: 'False',
    reason: 'KubeletHasNoDiskPressure',
    message: 'kubelet has no disk pressure',
  },
  {
    type: 'PIDPressure',
    status: 'False',
    reason: 'KubeletHasSufficientPID',
    message: 'kubelet has sufficient PID available',
  },
] as const;

/** The conditions of a healthy node, with new heartbeats; what did not change keeps its transition time. */
export function nodeConditions(
  ready: typeof READY | typeof NOT_READY,
  old: readonly NodeCondition[] | undefined,
  now: number,
): NodeCondition[] {
  const time = formatTime(now);
  return [...HEALTHY, { type: 'Ready', ...ready }].map(({ type, status, reason, message }) => {
    const before = old?.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? time) : time;
    return { lastHeartbeatTime: time, lastTransitionTime, message, reason, status, type };
  });
}

export function imageList(images: readonly ImageInfo[]): NonNullable<NodeStatus['images']> {
  return [...images]
    .sort((a, b) => b.sizeBytes - a.sizeBytes || (a.id < b.id ? -1 : 1))
    .slice(0, LISTED_IMAGES)
    .map(({ names, sizeBytes }) => ({ names: [...names], sizeBytes }));
}

/** The status of a node apart from its conditions. */
export function nodeStatus(spec: NodeSpec, runtime: ContainerRuntime): NodeStatus {
  const hollow = runtime.name === 'fakeRuntime';
  const machine = { ...MACHINE, ...(hollow ? HOLLOW_MACHINE : {}), ...spec.machine };
  const capacity = { ...DEFAULT_CAPACITY, ...spec.capacity };
  const images = hollow ? [] : imageList(runtime.images());
  return {
    addresses: [
      { address: spec.ip, type: 'InternalIP' },
      { address: spec.name, type: 'Hostname' },
    ],
    allocatable: { ...capacity, ...spec.allocatable },
    capacity,
    daemonEndpoints: { kubeletEndpoint: { Port: spec.port ?? 10250 } },
    declaredFeatures: [...DECLARED_FEATURES],
    ...(images.length > 0 ? { images } : {}),
    nodeInfo: {
      ...machine,
      containerRuntimeVersion: `${runtime.name}://${runtime.version}`,
      kubeProxyVersion: '',
      kubeletVersion: KUBELET_VERSION,
    },
  } as NodeStatus;
}

/** The Node object with which a kubelet registers. */
export function initialNode(spec: NodeSpec, runtime: ContainerRuntime, now: number): Manifest<Node> {
  const status = nodeStatus(spec, runtime);
  const { architecture, operatingSystem } = status.nodeInfo!;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: spec.name,
      labels: {
        'beta.kubernetes.io/arch': architecture,
        'beta.kubernetes.io/os': operatingSystem,
        'kubernetes.io/arch': architecture,
        'kubernetes.io/hostname': spec.name,
        'kubernetes.io/os': operatingSystem,
        ...(spec.zone ? { 'topology.kubernetes.io/zone': spec.zone } : {}),
        ...spec.labels,
      },
    },
    spec: {
      ...(spec.providerId ? { providerID: spec.providerId } : {}),
      ...(spec.taints?.length ? { taints: [...spec.taints] } : {}),
    },
    status: { ...status, conditions: nodeConditions(NOT_READY, undefined, now) },
  };
}
