import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ApiError,
  applyJsonPatch,
  applyMergePatch,
  applyPatch,
  applyStrategicMergePatch,
  ConfigMapKind,
  createMergePatch,
  createThreeWayStrategicPatch,
  createTwoWayStrategicPatch,
  DeploymentKind,
  type UntypedObject,
} from '../../src/api/index.ts';

const configMap = (): UntypedObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'cm', labels: { app: 'web', 'example.com/team': 'red' } },
  data: { a: '1', b: '2' },
});

const deployment = (): UntypedObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { app: 'web', tier: 'front' }, annotations: { note: 'one' } },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'web' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'app',
            image: 'nginx:1.27',
            args: ['a', 'b'],
            env: [
              { name: 'A', value: '1' },
              { name: 'B', value: '2' },
            ],
            ports: [{ containerPort: 80, name: 'http' }],
          },
          { name: 'side', image: 'busybox' },
        ],
        volumes: [{ name: 'data', emptyDir: {} }],
        tolerations: [{ key: 'a', operator: 'Exists' }],
      },
    },
  },
});

interface PodSpecLike {
  containers: { name: string; image?: string; args?: string[]; env?: unknown[]; ports?: unknown[] }[];
  volumes: unknown[];
  tolerations: unknown[];
}

const strategic = (patch: object, object = deployment()): UntypedObject =>
  applyStrategicMergePatch(object, patch, DeploymentKind.schema);
const podSpec = (object: UntypedObject): PodSpecLike =>
  (object['spec'] as { template: { spec: PodSpecLike } }).template.spec;
const inPod = (spec: object): object => ({ spec: { template: { spec } } });

describe('JSON patch', () => {
  const patch = (...operations: unknown[]): unknown => applyJsonPatch(configMap(), operations);

  it('adds, replaces what is not there, removes, moves and copies', () => {
    expect(patch({ op: 'add', path: '/data/c', value: '3' })).toMatchObject({ data: { c: '3' } });
    expect(patch({ op: 'replace', path: '/data/zzz', value: '9' })).toMatchObject({ data: { zzz: '9' } });
    expect(patch({ op: 'move', from: '/data/a', path: '/data/d' })).toHaveProperty('data', { b: '2', d: '1' });
    expect(patch({ op: 'copy', from: '/data/a', path: '/data/d' })).toHaveProperty('data', { a: '1', b: '2', d: '1' });
    expect(patch({ op: 'add', path: '/metadata/labels/example.com~1team', value: 'blue' })).toMatchObject({
      metadata: { labels: { 'example.com/team': 'blue' } },
    });
  });

  it('ignores what stands before the first slash', () => {
    expect(patch({ op: 'add', path: 'data/a', value: '1' })).toMatchObject({ a: '1' });
  });

  it.each([
    [{ op: 'move', from: '/data/none', path: '/data/d' }],
    [{ op: 'remove', path: '/data/none' }],
    [{ op: 'test', path: '/data/a', value: '2' }],
    [{ op: 'add', path: '/metadata/annotations/x', value: 'y' }],
    [{ op: 'add', path: '/metadata/labels/example.com/team', value: 'y' }],
    [{ op: 'fly', path: '/data/a' }],
    [{ op: 'add', value: '1' }],
  ])('refuses %j', (operation) => {
    expect(() => applyPatch(ConfigMapKind, 'json', configMap(), [operation])).toThrowError(
      'the server rejected our request due to an error in our request',
    );
  });

  it('shares what it does not touch', () => {
    const before = configMap();
    const after = applyJsonPatch(before, [{ op: 'add', path: '/data/c', value: '3' }]) as UntypedObject;
    expect(after.metadata).toBe(before.metadata);
    expect(before['data']).toEqual({ a: '1', b: '2' });
  });
});

describe('applyPatch', () => {
  const failure = (run: () => unknown): ApiError => {
    try {
      run();
    } catch (error) {
      if (error instanceof ApiError) return error;
      throw error;
    }
    throw new Error('Expected an ApiError.');
  };

  it('words a result that does not decode', () => {
    const error = failure(() =>
      applyPatch(ConfigMapKind, 'json', configMap(), [{ op: 'add', path: '/data/n', value: 5 }]),
    );
    expect(error.code).toBe(422);
    expect(error.message).toMatch(
      /^ "" is invalid: patch: Invalid value: "\{.*\}": json: cannot unmarshal number into Go struct field ConfigMap.data of type string$/,
    );
    expect(
      failure(() => applyPatch(ConfigMapKind, 'json', configMap(), [{ op: 'replace', path: '/kind', value: 'Secret' }]))
        .message,
    ).toContain('illegal base64 data at input byte 0');
    expect(
      failure(() => applyPatch(DeploymentKind, 'merge', deployment(), { apiVersion: 'v1', kind: 'Pod' })).message,
    ).toContain('converting (v1.Pod) to (apps.Deployment): unknown conversion');
    expect(
      failure(() => applyPatch(DeploymentKind, 'strategic', deployment(), inPod({ containers: { name: 'app' } })))
        .message,
    ).toBe(
      ' "" is invalid: patch: Invalid value: "map[spec:map[template:map[spec:map[containers:map[name:app]]]]]": cannot restore slice from map',
    );
  });

  it('words patches that are none', () => {
    expect(failure(() => applyPatch(ConfigMapKind, 'json', configMap(), { op: 'add' })).message).toBe(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
    expect(failure(() => applyPatch(ConfigMapKind, 'merge', configMap(), 'text')).message).toBe(
      'error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}',
    );
    expect(
      failure(() => applyPatch(DeploymentKind, 'strategic', deployment(), inPod({ containers: [{ image: 'x' }] })))
        .status,
    ).toMatchObject({
      code: 500,
      message: 'map: map[image:x] does not contain declared merge key: name',
    });
  });

  it('says that nothing changed', () => {
    const { object } = applyPatch(ConfigMapKind, 'merge', configMap(), {});
    expect(
      applyPatch(ConfigMapKind, 'merge', object, { data: { a: '1' }, metadata: { labels: { app: 'web' } } }).changed,
    ).toBe(false);
    expect(
      applyPatch(ConfigMapKind, 'strategic', object, { data: { a: '1' }, metadata: { finalizers: null } }).changed,
    ).toBe(false);
    expect(applyPatch(ConfigMapKind, 'merge', object, { data: { a: '2' } }).changed).toBe(true);
  });
});

describe('strategic merge patch', () => {
  it('merges lists by key, new items first, and replaces others', () => {
    expect(
      podSpec(strategic(inPod({ containers: [{ name: 'new', image: 'alpine' }] }))).containers.map((c) => c.name),
    ).toEqual(['new', 'app', 'side']);
    const app = podSpec(
      strategic(
        inPod({
          containers: [
            {
              name: 'app',
              args: ['c'],
              env: [
                { name: 'B', value: '3' },
                { name: 'C', value: '4' },
              ],
              ports: [{ containerPort: 80, name: 'web' }, { containerPort: 443 }],
            },
          ],
        }),
      ),
    ).containers[0]!;
    expect(app.args).toEqual(['c']);
    expect(app.env).toEqual([
      { name: 'A', value: '1' },
      { name: 'B', value: '3' },
      { name: 'C', value: '4' },
    ]);
    expect(app.ports).toEqual([{ containerPort: 80, name: 'web' }, { containerPort: 443 }]);
    expect(podSpec(strategic(inPod({ tolerations: [{ key: 'b' }] }))).tolerations).toEqual([{ key: 'b' }]);
  });

  it('deletes and replaces by directive', () => {
    expect(
      podSpec(strategic(inPod({ containers: [{ name: 'side', $patch: 'delete' }] }))).containers.map((c) => c.name),
    ).toEqual(['app']);
    const before = deployment();
    expect(strategic(inPod({ containers: [{ name: 'absent', $patch: 'delete' }] }), before)).toBe(before);
    expect(
      podSpec(strategic(inPod({ containers: [{ $patch: 'replace' }, { name: 'only', image: 'busybox' }] }))).containers,
    ).toEqual([{ name: 'only', image: 'busybox' }]);
    expect(
      strategic({ metadata: { labels: { tier: null, x: 'y' }, annotations: { $patch: 'replace', only: 'this' } } })
        .metadata,
    ).toMatchObject({
      labels: { app: 'web', x: 'y' },
      annotations: { only: 'this' },
    });
  });

  it('keeps only retained keys', () => {
    expect(
      (strategic({ spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } })['spec'] as { strategy: unknown })
        .strategy,
    ).toEqual({ type: 'Recreate' });
  });

  it('puts items into the order that is asked for', () => {
    const spec = {
      $setElementOrder: null,
      '$setElementOrder/containers': [{ name: 'side' }, { name: 'app' }],
      containers: [{ name: 'app', image: 'x' }],
    };
    expect(podSpec(strategic(inPod(spec))).containers.map((c) => c.name)).toEqual(['side', 'app']);
  });

  it('merges and deletes from lists of scalars', () => {
    const before = { ...deployment(), metadata: { name: 'web', finalizers: ['a', 'b'] } };
    expect(strategic({ metadata: { finalizers: ['c'] } }, before).metadata.finalizers).toEqual(['c', 'a', 'b']);
    expect(
      strategic({ metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } }, before).metadata.finalizers,
    ).toEqual(['b']);
  });
});

describe('making patches', () => {
  it('removes what was applied before and keeps what others set', () => {
    const original = deployment();
    const modified = {
      ...deployment(),
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'app', image: 'nginx:1.28', env: [{ name: 'B', value: '3' }] }] },
        },
      },
    };
    const current = strategic({
      metadata: { labels: { owner: 'jane' } },
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: 'app',
                '$setElementOrder/env': [{ name: 'A' }, { name: 'B' }, { name: 'C' }],
                env: [{ name: 'C', value: 'cli' }],
              },
            ],
          },
        },
      },
    });
    const patch = createThreeWayStrategicPatch(original, modified, current, DeploymentKind.schema);
    const applied = applyStrategicMergePatch(current, patch, DeploymentKind.schema);
    expect(applied.metadata).toEqual({ name: 'web', labels: { app: 'web', owner: 'jane' } });
    expect(podSpec(applied).containers).toEqual([
      {
        name: 'app',
        image: 'nginx:1.28',
        env: [
          { name: 'B', value: '3' },
          { name: 'C', value: 'cli' },
        ],
      },
    ]);
    expect(applied['spec']).not.toHaveProperty('replicas');
  });

  it('is empty when there is nothing to do', () => {
    const object = deployment();
    expect(createThreeWayStrategicPatch(object, deployment(), deployment(), DeploymentKind.schema)).toEqual({});
    expect(createTwoWayStrategicPatch(object, deployment(), DeploymentKind.schema)).toEqual({});
  });
});

describe('patches that are none', () => {
  const of = (type: 'json' | 'merge' | 'strategic', patch: unknown): string[] => [
    ...applyPatch(ConfigMapKind, type, configMap(), patch, { fieldValidation: 'Warn' }).warnings,
  ];

  it('say nothing where null is decoded into nothing, and are refused otherwise', () => {
    expect(of('strategic', null)).toEqual([]);
    expect(of('json', null)).toEqual([]);
    expect(() => of('merge', null)).toThrow('Invalid JSON Patch');
    expect(() => of('json', ['x'])).toThrow('cannot unmarshal string into Go value of type handlers.jsonPatchOp');
    expect(() => of('json', [{ op: 1 }])).toThrow(
      'cannot unmarshal number into Go struct field jsonPatchOp.op of type string',
    );
  });

  it('are warned of where operations have members that do not exist', () => {
    expect(of('json', [{ op: 'add', path: '/data/c', value: '1', foo: 2 }])).toEqual([
      'json patch unknown field "[0].foo"',
    ]);
  });
});

describe('laws of patches', () => {
  // What V8 finds hard to hold as an own member.
  const key = fc.string().filter((text) => text !== '__proto__');
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  const value = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(scalar), fc.dictionary(key, tie('value'))),
  })).value;
  const document = fc.dictionary(key, value);

  it('a merge patch made from two documents leads from one to the other', () => {
    fc.assert(
      fc.property(document, document, (a, b) => {
        expect(applyMergePatch(a, createMergePatch(a, b))).toEqual(b);
      }),
    );
  });

  const container = fc.record(
    {
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      image: fc.constantFrom('x', 'y'),
      args: fc.array(fc.constantFrom('1', '2'), { minLength: 1 }),
      env: fc.uniqueArray(fc.record({ name: fc.constantFrom('A', 'B', 'C'), value: fc.constantFrom('1', '2') }), {
        selector: (item) => item.name,
        minLength: 1,
      }),
    },
    { requiredKeys: ['name'] },
  );
  const containers = fc.uniqueArray(container, { selector: (item) => item.name, minLength: 1 });
  const object = fc
    .record({ containers, labels: fc.dictionary(fc.constantFrom('p', 'q', 'r'), fc.constantFrom('1', '2')) })
    .map(({ containers, labels }) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels },
      spec: { template: { spec: { containers } } },
    }));

  it('a strategic patch made from two objects leads from one to the other', () => {
    fc.assert(
      fc.property(object, object, (a, b) => {
        const patch = createTwoWayStrategicPatch(a, b, DeploymentKind.schema);
        expect(applyStrategicMergePatch(a, patch, DeploymentKind.schema)).toEqual(b);
      }),
    );
  });

  it('applying the same manifest twice changes nothing the second time', () => {
    fc.assert(
      fc.property(object, object, object, (original, modified, current) => {
        const once = applyStrategicMergePatch(
          current,
          createThreeWayStrategicPatch(original, modified, current, DeploymentKind.schema),
          DeploymentKind.schema,
        );
        const again = createThreeWayStrategicPatch(modified, modified, once, DeploymentKind.schema);
        expect(applyStrategicMergePatch(once, again, DeploymentKind.schema)).toEqual(once);
      }),
    );
  });
});
