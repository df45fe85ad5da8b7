import { at, list, withAt, type Obj } from '../../value.ts';

/** Where a kind keeps the Pod spec that `kubectl set` changes; undefined when it has none. */
export const podSpecPath = (object: Obj): readonly string[] | undefined => {
  switch (object['kind']) {
    case 'Pod':
      return ['spec'];
    case 'CronJob':
      return ['spec', 'jobTemplate', 'spec', 'template', 'spec'];
    default:
      return at(object, 'spec', 'template', 'spec') === undefined ? undefined : ['spec', 'template', 'spec'];
  }
};

/** The indexes of the containers whose name fits a pattern (`*` means any). */
export const containersNamed = (podSpec: unknown, field: string, pattern: string): Obj[] =>
  list(podSpec, field).filter((container) => matches(pattern, String(container['name'])));

export const matches = (pattern: string, name: string): boolean =>
  pattern === '*' ||
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(name);

/** What Go prints of a kind's fields that are not there and cannot be left out. */
const ALWAYS: Readonly<Record<string, { readonly spec?: Obj; readonly status?: Obj }>> = {
  Deployment: { spec: { strategy: {} }, status: {} },
  StatefulSet: { spec: { updateStrategy: {} }, status: { availableReplicas: 0, replicas: 0 } },
  DaemonSet: {
    spec: { updateStrategy: {} },
    status: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
  },
  ReplicaSet: { status: { replicas: 0 } },
  ReplicationController: { status: { replicas: 0 } },
  Job: { status: {} },
  CronJob: { status: {} },
  Pod: { status: {} },
  Service: { status: { loadBalancer: {} } },
};

/** An object that has only been read from a file, as kubectl's own types print it. */
export const asGoHasIt = (object: Obj): Obj => {
  const { spec, status } = ALWAYS[String(object['kind'])] ?? {};
  let out: Obj = { ...object };
  if (spec) out['spec'] = { ...spec, ...(object['spec'] as Obj | undefined) };
  if (status) out['status'] = { ...status, ...(object['status'] as Obj | undefined) };
  const ports = out['kind'] === 'Service' ? list(out, 'spec', 'ports') : [];
  if (ports.length > 0)
    out = withAt(
      out,
      ['spec', 'ports'],
      ports.map((port) => ({ ...port, targetPort: port['targetPort'] ?? 0 })),
    );
  const path = podSpecPath(out);
  for (const field of path ? ['initContainers', 'containers'] : []) {
    const containers = list(out, ...path!, field);
    if (containers.length > 0)
      out = withAt(
        out,
        [...path!, field],
        containers.map((each) => ({ resources: {}, ...each })),
      );
  }
  return out;
};
