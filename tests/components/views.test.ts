import { describe, expect, test } from 'vitest';
import type { UntypedObject } from '../../src/api/object.ts';
import { labControlStrings } from '../../src/i18n/lab-controls.ts';
import { labStrings } from '../../src/i18n/lab.ts';
import { LabModel } from '../../src/components/lab/model.ts';
import { clusterPicture } from '../../src/components/lab/projection/cluster.ts';
import { diffLines } from '../../src/components/lab/projection/diff.ts';
import { eventRows } from '../../src/components/lab/projection/events.ts';
import { flatten, ownershipForest } from '../../src/components/lab/projection/ownership.ts';
import type { Frame, ShownObject, ShownSpan } from '../../src/lab/protocol.ts';

const object = (key: string, kind: string, name: string, rest: object = {}, metadata: object = {}): ShownObject => ({
  key,
  object: {
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'default', uid: `uid-${name}`, ...metadata },
    ...rest,
  } as UntypedObject,
});

const frame = (part: Partial<Frame>): Frame => ({
  now: 0,
  epoch: 0,
  revision: 1,
  shownTime: 0,
  headRevision: 1,
  oldestRevision: 1,
  oldestTime: 0,
  past: false,
  paused: false,
  speed: 1,
  settled: true,
  executed: 0,
  reset: false,
  resetSpans: false,
  upserts: [],
  deletes: [],
  spans: [],
  ...part,
});

const pod = (name: string, nodeName: string | undefined, owner = 'uid-rs') =>
  object(
    `/registry/pods/default/${name}`,
    'Pod',
    name,
    { spec: { ...(nodeName ? { nodeName } : {}), containers: [{ name: 'web' }] }, status: { phase: 'Pending' } },
    { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: owner, controller: true }] },
  );

describe('frames make the model', () => {
  test('objects come, change and go; a reset forgets them', () => {
    const model = new LabModel();
    model.apply(frame({ upserts: [pod('a', undefined), pod('b', 'node-1')] }));
    expect([...model.ofKind('Pod').values()].map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    model.apply(frame({ upserts: [pod('a', 'node-1')], deletes: ['/registry/pods/default/b'] }));
    expect([...model.ofKind('Pod').values()].map((each) => each['spec'])).toEqual([
      { nodeName: 'node-1', containers: [{ name: 'web' }] },
    ]);
    model.apply(frame({ reset: true, upserts: [pod('c', undefined)] }));
    expect([...model.objects.keys()]).toEqual(['/registry/pods/default/c']);
  });
});

describe('what a long session leaves in the model', () => {
  const span = (id: number, attributes: ShownSpan['attributes'] = {}): ShownSpan => ({
    id,
    parent: 0,
    name: `update ${id}`,
    component: 'kube-apiserver',
    start: id,
    end: id,
    attributes: { verb: 'update', ...attributes },
  });

  test('the slider stops at the oldest revision and at those that tell something', () => {
    const model = new LabModel();
    model.apply(frame({ reset: true, oldestRevision: 10, telling: [12, 15] }));
    model.apply(frame({ oldestRevision: 10, telling: [21] }));
    expect(model.stops.value).toEqual([10, 12, 15, 21]);
    model.apply(frame({ oldestRevision: 15 }));
    expect(model.stops.value).toEqual([15, 21]);
    model.apply(frame({ reset: true, oldestRevision: 10, telling: [11] }));
    expect(model.stops.value).toEqual([10, 11]);
  });

  test('heartbeats make room for what happened, however long ago; only then the oldest goes, and that is known', () => {
    const model = new LabModel();
    const heartbeats = (from: number, count: number): ShownSpan[] =>
      Array.from({ length: count }, (_, i) => span(from + i, { resource: 'leases' }));
    model.apply(frame({ spans: [span(1, { resource: 'pods' }), ...heartbeats(2, 11_000)] }));
    model.apply(frame({ spans: heartbeats(11_002, 11_000) }));
    expect(model.spans.has(1)).toBe(true);
    expect(model.spans.size).toBeLessThan(12_000);
    expect(model.spansDropped.value).toBe(false);
    model.apply(frame({ spans: Array.from({ length: 20_000 }, (_, i) => span(30_000 + i)) }));
    expect(model.spans.has(1)).toBe(false);
    expect(model.spans.has(49_999)).toBe(true);
    expect(model.spansDropped.value).toBe(true);
  });

  test('decisions of the run before stay for comparison', () => {
    const model = new LabModel();
    const decision = span(7, { decision: 'scheduled' });
    model.apply(frame({ spans: [span(6), decision] }));
    model.apply(frame({ reset: true, resetSpans: true, spans: [span(1)] }));
    expect([...model.spans.keys()]).toEqual([1]);
    expect(model.earlierRun.value).toEqual([decision]);
  });
});

test('the cluster: Pods on their nodes, Services with the Pods behind them', () => {
  const model = new LabModel();
  const slice = object(
    '/registry/endpointslices/default/web-x',
    'EndpointSlice',
    'web-x',
    { endpoints: [{ conditions: { ready: false }, targetRef: { kind: 'Pod', namespace: 'default', name: 'b' } }] },
    { labels: { 'kubernetes.io/service-name': 'web' } },
  );
  const service = object('/registry/services/specs/default/web', 'Service', 'web', {
    spec: { clusterIP: '10.96.0.9', selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  const builtIn = object('/registry/services/specs/default/kubernetes', 'Service', 'kubernetes', { spec: {} });
  const nodes = ['node-10', 'node-2'].map((name) =>
    object(`/registry/minions/${name}`, 'Node', name, { status: { conditions: [{ type: 'Ready', status: 'True' }] } }),
  );
  model.apply(frame({ upserts: [...nodes, pod('b', 'node-2'), pod('a', undefined), slice, service, builtIn] }));
  const picture = clusterPicture((kind) => model.ofKind(kind));
  expect(picture.nodes.map(({ name, pods }) => [name, pods.map((each) => each.name)])).toEqual([
    ['node-2', ['b']],
    ['node-10', []],
  ]);
  expect(picture.unscheduled.map(({ name, status, shape }) => [name, status, shape])).toEqual([
    ['a', 'Pending', 'pending'],
  ]);
  expect(picture.services).toEqual([
    {
      key: '/registry/services/specs/default/web',
      name: 'web',
      address: '10.96.0.9:80',
      endpoints: [{ podKey: '/registry/pods/default/b', ready: false }],
    },
  ]);
});

test('the ownership tree: owners above what they own, the cluster’s own furniture left out', () => {
  const rs = object(
    'rs',
    'ReplicaSet',
    'rs',
    {},
    { ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: 'uid-web', controller: true }] },
  );
  const all = [
    pod('a', undefined),
    rs,
    object('d', 'Deployment', 'web'),
    object('sa', 'ServiceAccount', 'default'),
    pod('orphan', undefined, 'gone'),
  ];
  const objects = new Map(all.map(({ key, object: value }) => [key, value]));
  const rows = flatten(ownershipForest(objects, false)).map(
    ({ kind, name, depth }) => `${'  '.repeat(depth)}${kind} ${name}`,
  );
  expect(rows).toEqual(['Deployment web', '  ReplicaSet rs', '    Pod a', 'Pod orphan']);
  expect(flatten(ownershipForest(objects, true))).toHaveLength(5);
});

test('Events: newest first, repetitions counted', () => {
  const event = (name: string, first: string, last: string, count: number) =>
    object(`/registry/events/default/${name}`, 'Event', name, {
      type: 'Warning',
      reason: 'BackOff',
      message: 'Back-off pulling image',
      count,
      firstTimestamp: first,
      lastTimestamp: last,
      involvedObject: { kind: 'Pod', name: 'a' },
    });
  const events = [
    event('one', '2026-01-01T00:00:00Z', '2026-01-01T00:00:10Z', 1),
    event('two', '2026-01-01T00:00:00Z', '2026-01-01T00:00:30Z', 3),
  ];
  const rows = eventRows(
    new Map(events.map(({ key, object: value }) => [key, value])),
    Date.parse('2026-01-01T00:01:00Z'),
  );
  expect(rows.map(({ lastSeen, object: of }) => `${lastSeen} ${of}`)).toEqual(['30s (x3 over 60s) pod/a', '50s pod/a']);
});

test('a diff reads as one text: what is gone before what came in its place', () => {
  const lines = diffLines({
    key: 'k',
    revision: 2,
    previousRevision: 1,
    yaml: 'a: 1\nb: 3\nd: 4\n',
    previousYaml: 'a: 1\nb: 2\nc: 0\nd: 4\ne: 5\n',
    changed: [2],
    removed: [2, 3, 5],
  });
  expect(lines.map(({ mark, text }) => mark + text)).toEqual([' a: 1', '-b: 2', '-c: 0', '+b: 3', ' d: 4', '-e: 5']);
});

describe.each([
  ['lab', labStrings],
  ['controls', labControlStrings],
] as const)('the words of the %s', (_, strings) => {
  test('are there in both languages, with the same values in them', () => {
    const values = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();
    for (const [key, english] of Object.entries(strings.en)) {
      const chinese = strings['zh-cn'][key as keyof typeof strings.en] as string;
      expect(chinese, key).toBeTruthy();
      expect(values(chinese), key).toEqual(values(english));
    }
  });
});
