// A session that plays a few hand-made frames: enough to look at the views.
import * as Comlink from 'comlink';
import type { UntypedObject } from '../../src/api/object.ts';
import type { Frame, ShownObject, ShownSpan } from '../../src/lab/protocol.ts';

const EPOCH = Date.UTC(2026, 0, 1);
let revision = 100;
let now = EPOCH;
let listener: ((text: string) => void) | undefined;
let nextSpan = 1;

const send = (part: Partial<Frame>): void =>
  listener?.(
    JSON.stringify({
      now,
      epoch: EPOCH,
      revision,
      shownTime: now,
      headRevision: revision,
      oldestRevision: 1,
      past: false,
      paused: false,
      speed: 1,
      settled: false,
      executed: 1,
      reset: false,
      resetSpans: false,
      upserts: [],
      deletes: [],
      spans: [],
      ...part,
    }),
  );

const object = (key: string, kind: string, name: string, rest: object, owner?: string, labels = {}): ShownObject => ({
  key: `/registry/${key}/${name}`,
  object: {
    apiVersion: 'v1',
    kind,
    metadata: {
      name,
      namespace: 'default',
      uid: `${kind}/${name}`,
      labels,
      resourceVersion: String(++revision),
      ...(owner ? { ownerReferences: [{ uid: owner, kind: '', name: '', apiVersion: '', controller: true }] } : {}),
    },
    ...rest,
  } as UntypedObject,
});

const pod = (name: string, node: string | undefined, state: object, ready: boolean, phase = 'Running') =>
  object(
    'pods/default',
    'Pod',
    name,
    {
      spec: { ...(node ? { nodeName: node } : {}), containers: [{ name: 'web' }] },
      status: { phase, ...(node ? { containerStatuses: [{ ready, restartCount: ready ? 0 : 2, state }] } : {}) },
    },
    'ReplicaSet/web-6d4b75cb6d',
  );

const span = (component: string, name: string, parent = 0, ms = 0, attributes = {}): ShownSpan => ({
  id: nextSpan++,
  parent,
  name,
  component,
  start: now,
  end: now + ms,
  attributes,
});

const NODES = ['node-1', 'node-2', 'node-3'];

function opening(): void {
  send({
    reset: true,
    resetSpans: true,
    upserts: NODES.map((name, i) =>
      object('minions', 'Node', name, {
        status: { conditions: [{ type: 'Ready', status: i === 2 ? 'Unknown' : 'True' }] },
      }),
    ),
  });
}

function played(): void {
  now += 1500;
  const spans: ShownSpan[] = [];
  const add = (...args: Parameters<typeof span>): number => {
    const made = span(...args);
    spans.push(made);
    return made.id;
  };
  const write = (cause: number, what: string, code = 201): number => {
    const request = add('kube-apiserver', what, cause, 0, { verb: 'create', code });
    if (code < 400)
      add('etcd', `put ${what.split(' ').at(-1)}`, request, 0, {
        revision: ++revision,
        key: '/registry/pods/default/web-6d4b75cb6d-x7k2p',
      });
    return request;
  };
  const kubectl = add('kubectl', 'apply -f web.yaml');
  const d = write(kubectl, 'create deployments default/web');
  now += 1;
  const dc = add('deployment-controller', 'reconcile default/web', d);
  const r = write(dc, 'create replicasets default/web-6d4b75cb6d');
  now += 1;
  const rc = add('replicaset-controller', 'reconcile default/web-6d4b75cb6d', r);
  for (const [i, suffix] of ['x7k2p', 'q9dfl', 'm2ztt'].entries()) {
    const p = write(rc, `create pods default/web-6d4b75cb6d-${suffix}`);
    now += 1;
    const s = add('kube-scheduler', `schedule web-6d4b75cb6d-${suffix}`, p);
    const b = write(s, `create pods/binding default/web-6d4b75cb6d-${suffix}`);
    now += 1;
    const k = add(`kubelet/${NODES[i]}`, `sync default/web-6d4b75cb6d-${suffix}`, b, 1800);
    now += 1200;
    write(k, `patch pods/status default/web-6d4b75cb6d-${suffix}`, i === 1 ? 409 : 200);
  }
  const waiting = { waiting: { reason: 'ImagePullBackOff' } };
  send({
    spans,
    settled: true,
    upserts: [
      object('deployments/default', 'Deployment', 'web', {}),
      object('replicasets/default', 'ReplicaSet', 'web-6d4b75cb6d', {}, 'Deployment/web'),
      pod('web-6d4b75cb6d-x7k2p', 'node-1', { running: {} }, true),
      pod('web-6d4b75cb6d-q9dfl', 'node-2', waiting, false, 'Pending'),
      pod('web-6d4b75cb6d-m2ztt', 'node-1', { waiting: { reason: 'ContainerCreating' } }, false, 'Pending'),
      pod('web-6d4b75cb6d-zzzzz', undefined, {}, false, 'Pending'),
      object('services/specs/default', 'Service', 'web', {
        spec: { selector: { app: 'web' }, clusterIP: '10.96.0.17', ports: [{ port: 80 }] },
      }),
      object(
        'endpointslices/default',
        'EndpointSlice',
        'web-abcde',
        {
          endpoints: ['x7k2p', 'q9dfl'].map((s) => ({
            conditions: { ready: s === 'x7k2p' },
            targetRef: { kind: 'Pod', namespace: 'default', name: `web-6d4b75cb6d-${s}` },
          })),
        },
        'Service/web',
        { 'kubernetes.io/service-name': 'web' },
      ),
      object('events/default', 'Event', 'web.1', {
        type: 'Normal',
        reason: 'ScalingReplicaSet',
        message: 'Scaled up replica set web-6d4b75cb6d from 0 to 3',
        lastTimestamp: '2026-01-01T00:00:01Z',
        firstTimestamp: '2026-01-01T00:00:01Z',
        involvedObject: { kind: 'Deployment', name: 'web' },
      }),
      object('events/default', 'Event', 'web.2', {
        type: 'Warning',
        reason: 'Failed',
        count: 3,
        message: 'Failed to pull image "nginx:9.99": rpc error: code = NotFound desc = failed to pull and unpack image',
        lastTimestamp: '2026-01-01T00:00:03Z',
        firstTimestamp: '2026-01-01T00:00:01Z',
        involvedObject: { kind: 'Pod', name: 'web-6d4b75cb6d-q9dfl' },
      }),
    ],
  });
}

const yaml =
  'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web-6d4b75cb6d-x7k2p\n  namespace: default\n  resourceVersion: "118"\nspec:\n  nodeName: node-1\n  containers:\n  - image: nginx:1.27\n    name: web\nstatus:\n  phase: Running\n';
const view = (key: string) => ({
  key,
  revision: 118,
  yaml,
  previousRevision: 112,
  previousYaml: yaml.replace('"118"', '"112"').replace('Running', 'Pending').replace('  nodeName: node-1\n', ''),
  changed: [6, 8, 13],
  removed: [6, 12],
});

Comlink.expose({
  open: () => opening(),
  subscribe: (to: (text: string) => void) => void (listener = to),
  ping: () => undefined,
  setFiles: () => undefined,
  setVisible: () => undefined,
  reset: () => opening(),
  apply: (files: { path: string; text: string }[]) => {
    played();
    return files.map(({ path, text }) =>
      text.includes('oops')
        ? {
            path,
            code: 1,
            stdout: '',
            stderr: 'The Deployment "web" is invalid: spec.template.spec.containers[0].image: Required value',
            findings: [
              { path, line: 16, column: 11, message: 'spec.template.spec.containers[0].image: Required value' },
            ],
          }
        : { path, code: 0, stdout: 'deployment.apps/web created\nservice/web created\n', stderr: '', findings: [] },
    );
  },
  object: (key: string) => view(key),
  span: (id: number) => ({
    span: span('kubelet/node-1', 'sync', 0),
    causes: [],
    effects: [],
    id,
    object: view('/registry/pods/default/web'),
  }),
});
