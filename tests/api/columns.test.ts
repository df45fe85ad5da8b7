import { describe, expect, it } from 'vitest';
import {
  DeploymentKind,
  humanDuration,
  NodeKind,
  PodKind,
  ServiceKind,
  toTable,
  type Node,
  type Pod,
  type Service,
} from '../../src/api/index.ts';

const NOW = Date.UTC(2026, 0, 1, 1);
const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString().replace('.000', '');

type Status = NonNullable<Pod['status']>;
type ContainerStatus = NonNullable<Status['containerStatuses']>[number];

const container = (name: string, status: Partial<ContainerStatus>): ContainerStatus => ({
  name,
  image: 'busybox',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...status,
});

const pod = (status: Status, spec: Partial<Pod['spec']> = {}, metadata: Partial<Pod['metadata']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', creationTimestamp: at(90), ...metadata },
  spec: { containers: [{ name: 'c' }], ...spec },
  status,
});

/** The first five cells: name, ready, status, restarts, age. */
const cells = (of: Pod): unknown[] => toTable(PodKind, [of], NOW).rows[0]!.cells.slice(1, 5);

describe('the columns of Pods', () => {
  it.each<[string, Pod, unknown[]]>([
    ['new', pod({ phase: 'Pending' }), ['0/1', 'Pending', '0', '90s']],
    [
      'running',
      pod({ phase: 'Running', containerStatuses: [container('c', { ready: true, state: { running: {} } })] }),
      ['1/1', 'Running', '0', '90s'],
    ],
    [
      'crashing',
      pod(
        {
          phase: 'Running',
          containerStatuses: [
            container('c', {
              restartCount: 4,
              state: { waiting: { reason: 'CrashLoopBackOff' } },
              lastState: { terminated: { exitCode: 1, finishedAt: at(45) } },
            }),
            container('d', { ready: true, restartCount: 1, state: { running: {} } }),
          ],
        },
        { containers: [{ name: 'c' }, { name: 'd' }] },
      ),
      ['1/2', 'CrashLoopBackOff', '5 (45s ago)', '90s'],
    ],
    [
      'ended without a reason',
      pod({
        phase: 'Failed',
        containerStatuses: [container('c', { state: { terminated: { exitCode: 137, signal: 9 } } })],
      }),
      ['0/1', 'Signal:9', '0', '90s'],
    ],
    ['evicted', pod({ phase: 'Failed', reason: 'Evicted' }), ['0/1', 'Evicted', '0', '90s']],
    [
      'gated',
      pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }),
      ['0/1', 'SchedulingGated', '0', '90s'],
    ],
    [
      'second init container running',
      pod(
        {
          phase: 'Pending',
          initContainerStatuses: [
            container('a', { ready: true, state: { terminated: { exitCode: 0, reason: 'Completed' } } }),
            container('b', { state: { running: {} } }),
          ],
          containerStatuses: [container('c', { state: { waiting: { reason: 'PodInitializing' } } })],
        },
        { initContainers: [{ name: 'a' }, { name: 'b' }] },
      ),
      ['0/1', 'Init:1/2', '0', '90s'],
    ],
    [
      'init container failing',
      pod(
        {
          phase: 'Pending',
          initContainerStatuses: [
            container('a', {
              restartCount: 2,
              state: { waiting: { reason: 'CrashLoopBackOff' } },
              lastState: { terminated: { exitCode: 1, finishedAt: at(10) } },
            }),
          ],
        },
        { initContainers: [{ name: 'a' }] },
      ),
      ['0/1', 'Init:CrashLoopBackOff', '2 (10s ago)', '90s'],
    ],
    [
      'sidecar',
      pod(
        {
          phase: 'Running',
          conditions: [{ type: 'Initialized', status: 'True' }],
          initContainerStatuses: [
            container('s', { ready: true, started: true, restartCount: 1, state: { running: {} } }),
          ],
          containerStatuses: [container('c', { ready: true, state: { running: {} } })],
        },
        { initContainers: [{ name: 's', restartPolicy: 'Always' }] },
      ),
      ['2/2', 'Running', '1', '90s'],
    ],
    [
      'one of two done',
      pod(
        {
          phase: 'Running',
          containerStatuses: [
            container('c', { state: { terminated: { exitCode: 0, reason: 'Completed' } } }),
            container('d', { ready: true, state: { running: {} } }),
          ],
        },
        { containers: [{ name: 'c' }, { name: 'd' }] },
      ),
      ['1/2', 'NotReady', '0', '90s'],
    ],
    ['deleted', pod({ phase: 'Running' }, {}, { deletionTimestamp: at(1) }), ['0/1', 'Terminating', '0', '90s']],
    [
      'deleted after it ended',
      pod({ phase: 'Succeeded' }, {}, { deletionTimestamp: at(1) }),
      ['0/1', 'Succeeded', '0', '90s'],
    ],
    [
      'lost',
      pod({ phase: 'Running', reason: 'NodeLost' }, {}, { deletionTimestamp: at(1) }),
      ['0/1', 'Unknown', '0', '90s'],
    ],
  ])('%s', (_name, of, expected) => {
    expect(cells(of)).toEqual(expected);
  });
});

it('nodes show readiness, roles and cordons', () => {
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n', labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/gpu': '' } },
    spec: { unschedulable: true },
    status: { conditions: [{ type: 'Ready', status: 'False' }] },
  } as Node;
  expect(toTable(NodeKind, [node], NOW).rows[0]!.cells.slice(0, 4)).toEqual([
    'n',
    'NotReady,SchedulingDisabled',
    'gpu,worker',
    '<unknown>',
  ]);
});

it('Services show addresses and ports by their type', () => {
  const service = (spec: Service['spec']): unknown[] =>
    toTable(
      ServiceKind,
      [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec }],
      NOW,
    ).rows[0]!.cells.slice(1, 5);
  expect(
    service({ type: 'LoadBalancer', clusterIP: '10.96.0.2', ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }] }),
  ).toEqual(['LoadBalancer', '10.96.0.2', '<pending>', '80:30080/TCP']);
  expect(service({ type: 'ExternalName', externalName: 'db.example.com' })).toEqual([
    'ExternalName',
    '<none>',
    'db.example.com',
    '<none>',
  ]);
});

it('a table says of each column what the server says', () => {
  const { columnDefinitions } = toTable(DeploymentKind, [], NOW);
  expect(columnDefinitions.map(({ name, priority }) => `${name} ${priority}`)).toEqual([
    'Name 0',
    'Ready 0',
    'Up-to-date 0',
    'Available 0',
    'Age 0',
    'Containers 1',
    'Images 1',
    'Selector 1',
  ]);
});

it.each([
  [-3, '<invalid>'],
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [125, '2m5s'],
  [599, '9m59s'],
  [600, '10m'],
  [3 * 3600 - 1, '179m'],
  [3 * 3600, '3h'],
  [7 * 3600 + 1800, '7h30m'],
  [8 * 3600 + 1800, '8h'],
  [48 * 3600, '2d'],
  [50 * 3600, '2d2h'],
  [8 * 86400, '8d'],
  [2 * 365 * 86400, '2y'],
  [(2 * 365 + 10) * 86400, '2y10d'],
  [9 * 365 * 86400, '9y'],
])('%d seconds are %s', (seconds, text) => {
  expect(humanDuration(seconds * 1000)).toBe(text);
});
