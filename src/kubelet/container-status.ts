import { formatTime } from '../api/meta.ts';
import type { Container, ContainerStatus, Pod } from '../api/types.ts';
import type { ResizeStatus } from './pod-resize.ts';
import { isSidecar, type ContainerRef } from './names.ts';
import { shouldStart } from './restart-policy.ts';
import type { ContainerInstance, PodRecord } from './runtime/cri.ts';

/** Why a container could not be started, until it could. */
export interface StartFailure {
  readonly reason: string;
  readonly message: string;
}

/** What the probes say of a running container. */
export interface ProbeVerdicts {
  started(instance: ContainerInstance, ref: ContainerRef): boolean;
  ready(instance: ContainerInstance, ref: ContainerRef): boolean;
}

export interface StatusSources {
  readonly runtimeName: string;
  readonly failure: (container: string) => StartFailure | undefined;
  readonly verdicts: ProbeVerdicts;
  readonly resize?: ResizeStatus | undefined;
}

type State = NonNullable<ContainerStatus['state']>;

export const instancesOf = (record: PodRecord | undefined, container: string): ContainerInstance[] =>
  record?.containers.filter((instance) => instance.config.name === container) ?? [];

export const newestOf = (record: PodRecord | undefined, container: string): ContainerInstance | undefined =>
  record?.containers.find((instance) => instance.config.name === container);

/** `containerd://<id>`, in one piece. */
const containerId = (runtimeName: string, { id }: ContainerInstance): string => [runtimeName, id].join('://');

const terminated = (instance: ContainerInstance, runtimeName: string): State => ({
  terminated: {
    containerID: containerId(runtimeName, instance),
    exitCode: instance.exitCode,
    finishedAt: formatTime(instance.finishedAt),
    ...(instance.message ? { message: instance.message } : {}),
    reason: instance.reason,
    startedAt: formatTime(instance.startedAt),
  },
});

function stateOf(instance: ContainerInstance, runtimeName: string): State {
  switch (instance.state) {
    case 'running':
      return { running: { startedAt: formatTime(instance.startedAt) } };
    case 'exited':
      return terminated(instance, runtimeName);
    default:
      return { waiting: { reason: 'ContainerCreating' } };
  }
}

/** The mounts as statuses list them. */
function volumeMounts({ container }: ContainerRef): Partial<ContainerStatus> {
  if (!container.volumeMounts?.length) return {};
  return {
    volumeMounts: container.volumeMounts.map(({ mountPath, name, readOnly }) =>
      readOnly ? { mountPath, name, readOnly, recursiveReadOnly: 'Disabled' } : { mountPath, name },
    ),
  };
}

function resources({ container }: ContainerRef, allocated: Container['resources']): Partial<ContainerStatus> {
  const { requests, limits } = allocated ?? container.resources ?? {};
  return {
    ...(requests ? { allocatedResources: requests } : {}),
    resources: { ...(limits ? { limits } : {}), ...(requests ? { requests } : {}) },
  };
}

/** The status of one container, from what the runtime has of it. */
export function containerStatus(
  pod: Pod,
  ref: ContainerRef,
  record: PodRecord | undefined,
  waitingReason: string,
  sources: StatusSources,
): ContainerStatus {
  const { name } = ref.container;
  const [newest, previous] = instancesOf(record, name);
  const ephemeral = ref.list === 'ephemeralContainers';
  let status: ContainerStatus;
  if (!newest) {
    status = {
      image: ref.container.image ?? '',
      imageID: '',
      lastState: {},
      name,
      ready: false,
      restartCount: 0,
      ...(ephemeral ? {} : { started: false }),
      state: { waiting: { reason: waitingReason } },
      ...volumeMounts(ref),
    };
  } else {
    const started = sources.verdicts.started(newest, ref);
    const done = ref.list === 'initContainers' && !isSidecar(ref) && newest.state === 'exited' && newest.exitCode === 0;
    status = {
      ...resources(ref, sources.resize?.resourcesOf(ref)),
      containerID: containerId(sources.runtimeName, newest),
      image: newest.config.image,
      imageID: newest.imageId,
      lastState: previous?.state === 'exited' ? terminated(previous, sources.runtimeName) : {},
      name,
      ready: ephemeral
        ? false
        : done || (ref.list !== 'initContainers' || isSidecar(ref) ? sources.verdicts.ready(newest, ref) : false),
      restartCount: newest.config.attempt,
      ...(ephemeral ? {} : { started }),
      state: stateOf(newest, sources.runtimeName),
      ...user(newest, sources.runtimeName),
      ...volumeMounts(ref),
    };
  }
  if (!shouldStart(pod, ref, newest)) return status;
  const failure = sources.failure(name);
  if (!failure) return status;
  return {
    ...status,
    ...(status.state?.terminated ? { lastState: status.state } : {}),
    state: { waiting: { ...(failure.message ? { message: failure.message } : {}), reason: failure.reason } },
  };
}

/** The identity that containerd reports of the first process; the fake runtime reports none. */
function user(instance: ContainerInstance, runtimeName: string): Partial<ContainerStatus> {
  if (runtimeName === 'fakeRuntime') return {};
  const { user: uid = 0, group: gid = 0 } = instance.config;
  return { user: { linux: { gid, supplementalGroups: [gid], uid } } };
}
