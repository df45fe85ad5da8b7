import { clone, list, record, type Obj } from '../../value.ts';

/** What is debugged, and how: a node, a Pod by a container added to it, or a copy of a Pod. */
export type DebugStyle = 'node' | 'ephemeral' | 'copy';

/** What of a Pod its copy keeps. */
export interface Kept {
  readonly labels: boolean;
  readonly annotations: boolean;
  readonly liveness: boolean;
  readonly readiness: boolean;
  readonly startup: boolean;
  readonly initContainers: boolean;
}

/** Makes a Pod, and the container that debugs in it, what a profile says; changes both in place. */
type Profile = (style: DebugStyle, pod: Obj, container: Obj, kept: Kept) => void;

const specOf = (pod: Obj): Obj => pod['spec'] as Obj;

const secure = (container: Obj, change: Obj): void => {
  container['securityContext'] = { ...(container['securityContext'] as Obj | undefined), ...change };
};

const addCapabilities = (container: Obj, added: readonly string[]): void => {
  const context = (container['securityContext'] ?? {}) as Obj;
  const capabilities = (context['capabilities'] ?? {}) as Obj;
  const before = (capabilities['add'] ?? []) as string[];
  secure(container, {
    capabilities: { ...capabilities, add: [...before, ...added.filter((name) => !before.includes(name))] },
  });
};

const mountRoot = (pod: Obj): void => {
  const spec = specOf(pod);
  spec['volumes'] = [...list(spec, 'volumes'), { name: 'host-root', hostPath: { path: '/' } }];
  for (const container of list(spec, 'containers'))
    container['volumeMounts'] = [...list(container, 'volumeMounts'), { name: 'host-root', mountPath: '/host' }];
};

const useHostNamespaces = (pod: Obj): void => {
  Object.assign(specOf(pod), { hostNetwork: true, hostPID: true, hostIPC: true });
};

const shareProcesses = (pod: Obj): void => {
  const spec = specOf(pod);
  if (spec['shareProcessNamespace'] === undefined) spec['shareProcessNamespace'] = true;
};

/** A copy is for debugging: no Service sends it requests, and no probe ends it, unless that is asked for. */
const strip = (pod: Obj, kept: Kept): void => {
  const metadata = pod['metadata'] as Obj;
  if (!kept.labels) delete metadata['labels'];
  if (!kept.annotations) delete metadata['annotations'];
  for (const container of list(pod, 'spec', 'containers')) {
    if (!kept.liveness) delete container['livenessProbe'];
    if (!kept.readiness) delete container['readinessProbe'];
    if (!kept.startup) delete container['startupProbe'];
  }
  if (!kept.initContainers) delete specOf(pod)['initContainers'];
};

const copied = (pod: Obj, kept: Kept): void => {
  strip(pod, kept);
  shareProcesses(pod);
};

const general: Profile = (style, pod, container, kept) => {
  if (style === 'node') {
    mountRoot(pod);
    delete container['securityContext'];
    useHostNamespaces(pod);
    return;
  }
  if (style === 'copy') copied(pod, kept);
  addCapabilities(container, ['SYS_PTRACE']);
};

const baseline: Profile = (style, pod, container, kept) => {
  delete container['securityContext'];
  if (style === 'copy') copied(pod, kept);
};

const restricted: Profile = (style, pod, container, kept) => {
  delete container['securityContext'];
  if (style === 'copy') copied(pod, kept);
  secure(container, {
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    allowPrivilegeEscalation: false,
    seccompProfile: { type: 'RuntimeDefault' },
  });
};

const netadmin: Profile = (style, pod, container, kept) => {
  addCapabilities(container, ['NET_ADMIN', 'NET_RAW']);
  if (style === 'node') useHostNamespaces(pod);
  if (style === 'copy') copied(pod, kept);
};

const sysadmin: Profile = (style, pod, container, kept) => {
  secure(container, { privileged: true });
  if (style === 'node') {
    useHostNamespaces(pod);
    mountRoot(pod);
  }
  if (style === 'copy') copied(pod, kept);
};

/** What kubectl did before it had profiles. */
const legacy: Profile = (style, pod) => {
  if (style === 'node') {
    mountRoot(pod);
    useHostNamespaces(pod);
  }
  if (style === 'copy') {
    delete (pod['metadata'] as Obj)['labels'];
    shareProcesses(pod);
  }
};

export const PROFILES: Readonly<Record<string, Profile>> = {
  legacy,
  general,
  baseline,
  restricted,
  netadmin,
  sysadmin,
};

/** What a copy of a Pod starts from. */
export const copyOf = (pod: Obj, name: string): Obj => {
  const spec = clone(pod['spec']) as Obj;
  delete spec['ephemeralContainers'];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: (pod['metadata'] as Obj)['namespace'],
      labels: { ...record(pod, 'metadata', 'labels') },
      annotations: { ...record(pod, 'metadata', 'annotations') },
    },
    spec,
  };
};
