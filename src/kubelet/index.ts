export {
  type Cni,
  type CniSandbox,
  type DnsAnswer,
  type DnsQuestion,
  type HttpMessage,
  type HttpReply,
  type NetworkFault,
  type NetworkOutcome,
  type Peer,
  type PodNetwork,
  type Server,
  type Target,
} from './cni.ts';
export { exitStatus, type ExecChunk } from './remote-command.ts';
export { Kubelet, type KubeletListers, type KubeletOptions } from './kubelet.ts';
export { DEFAULT_CAPACITY, KUBELET_VERSION, type MachineInfo, type NodeSpec } from './node-spec.ts';
export {
  RuntimeError,
  type ContainerInstance,
  type ContainerRuntime,
  type PodRecord,
  type Sandbox,
} from './runtime/cri.ts';
export { INSTANT_POD_IP, InstantRuntime } from './runtime/instant-runtime.ts';
export { ContainerLog, type LogLine } from './runtime/log.ts';
export type { Image } from './runtime/image.ts';
export { ImageRegistry } from './runtime/image-registry.ts';
export { SimulatedRuntime, type RuntimeLatency, type SimulatedRuntimeOptions } from './runtime/simulated-runtime.ts';
