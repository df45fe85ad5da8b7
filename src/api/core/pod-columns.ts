/** The columns of `kubectl get pods` (pkg/printers/internalversion, printPod). */
import { humanDuration } from '../duration.ts';
import type { Column } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Container, ContainerStatus, Pod } from '../types.ts';

const isSidecar = (container: Container | undefined): boolean => container?.restartPolicy === 'Always';

const conditionIsTrue = (pod: Pod, type: string): boolean =>
  pod.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;

/** What the Ready, Status and Restarts columns show. */
interface Summary {
  ready: number;
  total: number;
  status: string;
  restarts: number;
  /** When a container last ended before a restart, milliseconds since the Unix epoch; 0 when none did. */
  lastRestart: number;
}

const finished = (status: ContainerStatus): number => {
  const at = status.lastState?.terminated?.finishedAt;
  return at ? Date.parse(at) : 0;
};

/** The status of a terminated container in one word. */
function terminationWord(state: NonNullable<NonNullable<ContainerStatus['state']>['terminated']>): string {
  if (state.reason) return state.reason;
  return state.signal ? `Signal:${state.signal}` : `ExitCode:${state.exitCode}`;
}

/** Looks at init containers in order; the first that is not done decides, and its word is returned. */
function initializing(pod: Pod, sums: { all: Summary; sidecars: Summary }): string | undefined {
  const specs = pod.spec.initContainers ?? [];
  const statuses = pod.status?.initContainerStatuses ?? [];
  for (let i = 0; i < statuses.length; i++) {
    const status = statuses[i]!;
    const sidecar = isSidecar(specs.find((container) => container.name === status.name));
    for (const sum of sidecar ? [sums.all, sums.sidecars] : [sums.all]) {
      sum.restarts += status.restartCount;
      sum.lastRestart = Math.max(sum.lastRestart, finished(status));
    }
    const { terminated, waiting } = status.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (sidecar && status.started) {
      if (status.ready) {
        sums.all.ready++;
        sums.sidecars.ready++;
      }
      continue;
    }
    if (terminated) return `Init:${terminationWord(terminated)}`;
    if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`;
    return `Init:${i}/${specs.length}`;
  }
  return undefined;
}

export function summarize(pod: Pod): Summary {
  const status = pod.status ?? {};
  const init = pod.spec.initContainers ?? [];
  const total = pod.spec.containers.length + (init.length > 0 ? init.filter(isSidecar).length : 0);
  let word: string = status.reason || status.phase || '';
  if (status.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated'))
    word = 'SchedulingGated';

  const zero = (): Summary => ({ ready: 0, total, status: '', restarts: 0, lastRestart: 0 });
  const sums = { all: zero(), sidecars: zero() };
  const initWord = initializing(pod, sums);
  let summary = sums.all;
  if (initWord !== undefined) word = initWord;
  if (initWord === undefined || conditionIsTrue(pod, 'Initialized')) {
    summary = sums.sidecars;
    let running = false;
    const statuses = status.containerStatuses ?? [];
    for (let i = statuses.length - 1; i >= 0; i--) {
      const container = statuses[i]!;
      const { waiting, terminated } = container.state ?? {};
      summary.restarts += container.restartCount;
      summary.lastRestart = Math.max(summary.lastRestart, finished(container));
      if (waiting?.reason) word = waiting.reason;
      else if (terminated) word = terminationWord(terminated);
      else if (container.ready && container.state?.running) {
        running = true;
        summary.ready++;
      }
    }
    if (word === 'Completed' && running) word = conditionIsTrue(pod, 'Ready') ? 'Running' : 'NotReady';
  }
  if (pod.metadata.deletionTimestamp) {
    if (status.reason === 'NodeLost') word = 'Unknown';
    else if (status.phase !== 'Succeeded' && status.phase !== 'Failed') word = 'Terminating';
  }
  summary.status = word;
  return summary;
}

function restarts(pod: Pod, now: number): string {
  const { restarts: count, lastRestart } = summarize(pod);
  return count !== 0 && lastRestart > 0 ? `${count} (${humanDuration(now - lastRestart)} ago)` : String(count);
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  return `${gates.filter((gate) => conditionIsTrue(pod, gate.conditionType)).length}/${gates.length}`;
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  {
    name: 'Ready',
    type: 'string',
    description: 'The aggregate readiness state of this pod for accepting traffic.',
    cell: (pod) => {
      const { ready, total } = summarize(pod);
      return `${ready}/${total}`;
    },
  },
  {
    name: 'Status',
    type: 'string',
    description: 'The aggregate status of the containers in this pod.',
    cell: (pod) => summarize(pod).status,
  },
  {
    name: 'Restarts',
    type: 'string',
    description:
      'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    cell: restarts,
  },
  ageColumn,
  {
    name: 'IP',
    type: 'string',
    description: 'IP address allocated to the pod.',
    priority: 1,
    cell: (pod) => pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || '<none>',
  },
  {
    name: 'Node',
    type: 'string',
    description: 'The node that this pod is running on.',
    priority: 1,
    cell: (pod) => pod.spec.nodeName || '<none>',
  },
  {
    name: 'Nominated Node',
    type: 'string',
    description: 'The node that this pod is about to run on.',
    priority: 1,
    cell: (pod) => pod.status?.nominatedNodeName || '<none>',
  },
  {
    name: 'Readiness Gates',
    type: 'string',
    description: 'The number of readiness gates that are satisfied.',
    priority: 1,
    cell: readinessGates,
  },
];
