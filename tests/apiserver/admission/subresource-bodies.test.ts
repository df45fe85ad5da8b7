import { beforeEach, expect, test } from 'vitest';
import { mutatingPolicies } from '../../../src/apiserver/admission/policies/mutating-policies.ts';
import { validatingPolicies } from '../../../src/apiserver/admission/policies/validating-policies.ts';
import type { ApiRequest } from '../../../src/apiserver/index.ts';
import { pod, Rig } from '../rig.ts';

const GROUP = { group: 'admissionregistration.k8s.io', version: 'v1', namespace: undefined };

let rig: Rig;

beforeEach(() => {
  rig = new Rig({ extensions: [mutatingPolicies, validatingPolicies] });
});

const rulesFor = (resource: string, operation: string, apiGroup = ''): object => ({
  resourceRules: [{ apiGroups: [apiGroup], apiVersions: ['v1'], operations: [operation], resources: [resource] }],
});

function mutate(name: string, matchConstraints: object, expression: string): void {
  const mutations = [
    expression.startsWith('[')
      ? { patchType: 'JSONPatch', jsonPatch: { expression } }
      : { patchType: 'ApplyConfiguration', applyConfiguration: { expression } },
  ];
  const spec = { reinvocationPolicy: 'Never', matchConstraints, mutations };
  rig.create('mutatingadmissionpolicies', { metadata: { name }, spec }, GROUP);
  rig.create('mutatingadmissionpolicybindings', { metadata: { name }, spec: { policyName: name } }, GROUP);
}

function validate(name: string, matchConstraints: object, expression: string): void {
  const spec = { matchConstraints, validations: [{ expression, messageExpression: '"got " + string(object.kind)' }] };
  rig.create('validatingadmissionpolicies', { metadata: { name }, spec }, GROUP);
  const binding = { policyName: name, validationActions: ['Deny'] };
  rig.create('validatingadmissionpolicybindings', { metadata: { name }, spec: binding }, GROUP);
}

const deployment = (replicas: number): object => ({
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'nginx' }] } },
  },
});

const scaleTo = (replicas: number): Partial<ApiRequest> & { verb: 'patch'; resource: string } => ({
  verb: 'patch',
  resource: 'deployments',
  name: 'web',
  subresource: 'scale',
  patchType: 'merge',
  body: { spec: { replicas } },
});

test('a Scale is changed before the object is scaled by it', () => {
  mutate(
    'cap',
    rulesFor('deployments/scale', 'UPDATE', 'apps'),
    'Object{spec: Object.spec{replicas: object.spec.replicas > 5 ? 5 : object.spec.replicas}}',
  );
  rig.create('deployments', deployment(9));
  expect(rig.ask(scaleTo(8))['spec']).toEqual({ replicas: 5 });
  expect(rig.get('deployments', 'web')['spec']).toMatchObject({ replicas: 5 });
  expect(rig.ask(scaleTo(3))['spec']).toEqual({ replicas: 3 });
});

test('a Scale is judged as a Scale, with its old one, and has no labels', () => {
  validate(
    'slow',
    rulesFor('deployments/scale', 'UPDATE', 'apps'),
    'object.spec.replicas - oldObject.spec.replicas < 3 && !has(object.metadata.labels)',
  );
  rig.create('deployments', deployment(1));
  expect(rig.ask(scaleTo(2))['spec']).toEqual({ replicas: 2 });
  expect(rig.refusal(scaleTo(7)).message).toBe(
    `deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'slow' with binding 'slow' denied request: got Scale`,
  );
});

test('an Eviction and a Binding are changed as what they are', () => {
  mutate(
    'grace',
    rulesFor('pods/eviction', 'CREATE'),
    '[JSONPatch{op: "add", path: "/deleteOptions", value: {"dryRun": ["All"]}}]',
  );
  mutate(
    'label',
    rulesFor('pods/binding', 'CREATE'),
    'Object{metadata: Object.metadata{annotations: {"bound-to": object.target.name}}}',
  );
  rig.create('nodes', { metadata: { name: 'node-1' } }, { namespace: undefined });
  rig.create('pods', pod('web'));
  const target = { kind: 'Node', name: 'node-1' };
  rig.create('pods', { metadata: { name: 'web' }, target }, { name: 'web', subresource: 'binding' });
  expect(rig.get('pods', 'web').metadata.annotations).toEqual({ 'bound-to': 'node-1' });
  rig.create('pods', { metadata: { name: 'web' } }, { name: 'web', subresource: 'eviction' });
  expect(rig.get('pods', 'web').metadata.deletionTimestamp).toBeUndefined();
});

test('a TokenRequest is judged, not its service account', () => {
  validate('short', rulesFor('serviceaccounts/token', 'CREATE'), 'object.spec.expirationSeconds <= 3600');
  const ask = (spec: object): Partial<ApiRequest> & { verb: 'create'; resource: string } => ({
    verb: 'create',
    resource: 'serviceaccounts',
    name: 'default',
    subresource: 'token',
    body: { spec },
  });
  rig.ask(ask({}));
  expect(rig.refusal(ask({ expirationSeconds: 7200 })).message).toBe(
    `serviceaccounts "default" is forbidden: ValidatingAdmissionPolicy 'short' with binding 'short' denied request: got TokenRequest`,
  );
});

test('connections are judged by their options, to Services too', () => {
  validate('exec', rulesFor('pods/exec', 'CONNECT'), 'object.command[0] != "rm" && request.operation == "CONNECT"');
  validate('proxy', rulesFor('services/proxy', 'CONNECT'), '!object.path.startsWith("/admin")');
  rig.create('pods', pod('web', { nodeName: 'node-1' }));
  const pods = '/api/v1/namespaces/default/pods/web/exec?stdout=true&command=';
  const denied = (policy: string, kind: string): string =>
    `is forbidden: ValidatingAdmissionPolicy '${policy}' with binding '${policy}' denied request: got ${kind}`;
  const say = (url: string): string => JSON.stringify(rig.http('GET', url).body);
  expect(say(`${pods}rm`)).toContain(`pods \\"web\\" ${denied('exec', 'PodExecOptions')}`);
  expect(say(`${pods}ls`)).not.toContain('denied');
  const services = '/api/v1/namespaces/default/services/web:80/proxy';
  expect(say(`${services}/admin/x`)).toContain(`services \\"web:80\\" ${denied('proxy', 'ServiceProxyOptions')}`);
  expect(say(`${services}/open`)).not.toContain('denied');
});
