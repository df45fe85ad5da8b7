import { beforeEach, expect, test } from 'vitest';
import { mutatingPolicies } from '../../../src/apiserver/admission/policies/mutating-policies.ts';
import { configMap, pod, Rig } from '../rig.ts';

const GROUP = { group: 'admissionregistration.k8s.io', version: 'v1', namespace: undefined };

let rig: Rig;

beforeEach(() => {
  rig = new Rig({ extensions: [mutatingPolicies] });
});

const mutation = (expression: string): object =>
  expression.startsWith('[')
    ? { patchType: 'JSONPatch', jsonPatch: { expression } }
    : { patchType: 'ApplyConfiguration', applyConfiguration: { expression } };

function policy(name: string, resource: string, expressions: readonly string[], spec: object = {}): void {
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: [resource] };
  rig.create(
    'mutatingadmissionpolicies',
    {
      metadata: { name },
      spec: {
        reinvocationPolicy: 'Never',
        matchConstraints: { resourceRules: [rule] },
        mutations: expressions.map(mutation),
        ...spec,
      },
    },
    GROUP,
  );
  rig.create('mutatingadmissionpolicybindings', { metadata: { name }, spec: { policyName: name } }, GROUP);
}

const refusal = (body: object): string | undefined =>
  rig.refusal({ verb: 'create', resource: 'configmaps', body }).message;

test('apply configurations are merged, lists by their keys', () => {
  policy('p', 'pods', [
    'Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: "mesh", image: "proxy:" + object.metadata.name, restartPolicy: "Always"}]}}',
    'Object{spec: Object.spec{containers: [Object.spec.containers{name: "app", imagePullPolicy: "Always"}]}}',
  ]);
  const spec = rig.create('pods', pod('web'))['spec'] as Record<string, object[]>;
  expect(spec['initContainers']).toMatchObject([{ name: 'mesh', image: 'proxy:web', restartPolicy: 'Always' }]);
  expect(spec['containers']).toMatchObject([{ name: 'app', image: 'nginx', imagePullPolicy: 'Always' }]);
});

test('JSON patches are applied in order; one whose test fails changes nothing', () => {
  policy('p', 'configmaps', [
    '[JSONPatch{op: "add", path: "/data/" + jsonpatch.escapeKey("a-b"), value: "1"}, JSONPatch{op: "remove", path: "/data/x"}]',
    '[JSONPatch{op: "test", path: "/data/z", value: "1"}, JSONPatch{op: "add", path: "/data/never", value: "1"}]',
  ]);
  const made = rig.create('configmaps', configMap('a', { x: 'y', z: 'z' }));
  expect(made['data']).toEqual({ 'a-b': '1', z: 'z' });
});

test('what cannot be applied refuses the request in the words of the patch', () => {
  policy('p', 'configmaps', ['Object{data: Object.wrong{a: "1"}}']);
  const start = "policy 'p' with binding 'p' denied request: ";
  expect(refusal(configMap('a'))).toBe(
    `${start}type mismatch: unexpected type name "Object.wrong", expected "Object.data", which matches field name path from root Object type`,
  );
  rig.patch('mutatingadmissionpolicies', 'p', { spec: { mutations: [mutation('Object{nope: 5}')] } }, GROUP);
  expect(refusal(configMap('a'))).toBe(
    `${start}error applying patch: failed to convert patch object to typed object: .nope: field not declared in schema`,
  );
  rig.patch(
    'mutatingadmissionpolicies',
    'p',
    { spec: { mutations: [mutation('[JSONPatch{op: "remove", path: "/data/x"}]')] } },
    GROUP,
  );
  expect(refusal(configMap('a'))).toContain(`${start}JSONPath: remove operation does not apply`);
  rig.patch('mutatingadmissionpolicies', 'p', { spec: { failurePolicy: 'Ignore' } }, GROUP);
  rig.create('configmaps', configMap('a'));
});

test('atomic parts may not be merged into', () => {
  policy('p', 'services', ['Object{spec: Object.spec{selector: Object.spec.selector{app: "x"}}}']);
  const body = { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }], selector: { app: 'y' } } };
  expect(rig.refusal({ verb: 'create', resource: 'services', body }).message).toBe(
    "policy 'p' with binding 'p' denied request: error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector",
  );
});

test('a policy that wants it sees what later ones changed', () => {
  const count = 'Object{data: Object.data{count: string(size(object.data) + 1)}}';
  const spec = { matchConditions: [{ name: 'data', expression: 'has(object.data)' }] };
  policy('a-count', 'configmaps', [count], { ...spec, reinvocationPolicy: 'IfNeeded' });
  policy('b-more', 'configmaps', ['Object{data: Object.data{more: "yes"}}'], spec);
  expect(rig.create('configmaps', configMap('a', { x: 'y' }))['data']).toEqual({ x: 'y', count: '4', more: 'yes' });
});

test('mutations are refused that are of two minds, say nothing or are made to what is deleted', () => {
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['pods'] };
  const mutations = [{ ...mutation('Object{}'), jsonPatch: { expression: '[]' } }, mutation(' ')];
  const spec = { matchConstraints: { resourceRules: [rule] }, reinvocationPolicy: 'Never', mutations };
  const body = { metadata: { name: 'p' }, spec };
  const { message } = rig.refusal({ verb: 'create', resource: 'mutatingadmissionpolicies', body, ...GROUP });
  const said = [
    'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    'spec.mutations[0].jsonPatch: Invalid value: "{jsonPatch}": must not be specified when patchType is ApplyConfiguration',
    'spec.mutations[1].applyConfiguration.expression: Required value',
  ];
  expect(message).toContain(`[${said.join(', ')}]`);
});
