import { beforeEach, describe, expect, test } from 'vitest';
import { validatingPolicies } from '../../../src/apiserver/admission/policies/validating-policies.ts';
import type { ApiRequest } from '../../../src/apiserver/index.ts';
import { configMap, pod, Rig } from '../rig.ts';

const GROUP = { group: 'admissionregistration.k8s.io', version: 'v1', namespace: undefined };
const CONFIG_MAPS = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: ['configmaps'],
};

let rig: Rig;

beforeEach(() => {
  rig = new Rig({ extensions: [validatingPolicies] });
});

/** Makes a policy on ConfigMaps and binds it. */
function policy(spec: object, binding: object = {}): void {
  rig.create(
    'validatingadmissionpolicies',
    { metadata: { name: 'p' }, spec: { matchConstraints: { resourceRules: [CONFIG_MAPS] }, ...spec } },
    GROUP,
  );
  rig.create(
    'validatingadmissionpolicybindings',
    { metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: ['Deny'], ...binding } },
    GROUP,
  );
}

const refusal = (name: string, data: Record<string, string> = {}, rest: Partial<ApiRequest> = {}) =>
  rig.refusal({ verb: 'create', resource: 'configmaps', body: configMap(name, data), ...rest });

const DENIED = "configmaps \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ";

test('a policy without a binding says nothing; one with a binding does at once, and no more when that is gone', () => {
  rig.create(
    'validatingadmissionpolicies',
    {
      metadata: { name: 'p' },
      spec: { matchConstraints: { resourceRules: [CONFIG_MAPS] }, validations: [{ expression: 'false' }] },
    },
    GROUP,
  );
  rig.create('configmaps', configMap('free'));
  rig.create(
    'validatingadmissionpolicybindings',
    { metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: ['Deny'] } },
    GROUP,
  );
  expect(refusal('a').message).toBe(`${DENIED}failed expression: false`);
  rig.ask({ verb: 'delete', resource: 'validatingadmissionpolicybindings', name: 'b', ...GROUP });
  rig.create('configmaps', configMap('a'));
});

test('the reason of a validation decides code and reason', () => {
  policy({ validations: [{ expression: 'false', message: 'no', reason: 'RequestEntityTooLarge' }] });
  expect(refusal('a')).toMatchObject({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `${DENIED}no`,
    details: {
      name: 'a',
      kind: 'configmaps',
      causes: [{ message: "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no" }],
    },
  });
});

test('what fails refuses, or nothing with failurePolicy Ignore', () => {
  policy({ validations: [{ expression: 'object.data.x == "1"' }] });
  expect(refusal('a').message).toBe(`${DENIED}expression 'object.data.x == "1"' resulted in error: no such key: data`);
  const ignore = { spec: { failurePolicy: 'Ignore' } };
  rig.patch('validatingadmissionpolicies', 'p', ignore, GROUP);
  rig.create('configmaps', configMap('a'));
});

test('variables are worked out when they are used, and their failures say their names', () => {
  policy({
    variables: [
      { name: 'broken', expression: 'object.nothing' },
      { name: 'size', expression: 'has(object.data) ? size(object.data) : 0' },
    ],
    validations: [
      {
        expression: 'variables.size < 2 || variables.broken == 1',
        messageExpression: '"has " + string(variables.size)',
      },
    ],
  });
  rig.create('configmaps', configMap('one', { a: '1' }));
  expect(refusal('a', { a: '1', b: '2' }).message).toBe(
    `${DENIED}expression 'variables.size < 2 || variables.broken == 1' resulted in error: composited variable "broken" fails to evaluate: no such key: nothing`,
  );
});

describe('parameters', () => {
  const limits = (name: string, max: string, labels?: Record<string, string>): void => {
    rig.create('configmaps', configMap(name, { max }, labels));
  };
  const spec = {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    matchConditions: [{ name: 'not-limits', expression: '!object.metadata.name.startsWith("limit")' }],
    validations: [
      {
        expression: 'params == null || size(object.data) <= int(params.data.max)',
        messageExpression: '"at most " + params.data.max',
      },
    ],
  };

  test('by name, in the namespace of the request', () => {
    limits('limit', '1');
    policy(spec, { paramRef: { name: 'limit', parameterNotFoundAction: 'Deny' } });
    expect(refusal('a', { a: '1', b: '2' }).message).toBe(`${DENIED}at most 1`);
  });

  test('by labels, every one of them', () => {
    limits('limit-1', '9', { limits: 'yes' });
    limits('limit-2', '1', { limits: 'yes' });
    policy(spec, { paramRef: { selector: { matchLabels: { limits: 'yes' } }, parameterNotFoundAction: 'Allow' } });
    expect(refusal('a', { a: '1', b: '2' }).message).toBe(`${DENIED}at most 1`);
  });

  test('that are not there deny or allow, as the binding says', () => {
    policy(spec, { paramRef: { name: 'limit', parameterNotFoundAction: 'Deny' } });
    expect(refusal('a', { a: '1' }).message).toBe(
      `${DENIED}failed to configure binding: no params found for policy binding with \`Deny\` parameterNotFoundAction`,
    );
    rig.patch(
      'validatingadmissionpolicybindings',
      'b',
      { spec: { paramRef: { parameterNotFoundAction: 'Allow' } } },
      GROUP,
    );
    rig.create('configmaps', configMap('a', { a: '1', b: '2' }));
  });

  test('of a kind that there is not', () => {
    policy({ ...spec, paramKind: { apiVersion: 'rules.example.com/v1', kind: 'Limit' } });
    expect(refusal('a').message).toBe(
      "configmaps \"a\" is forbidden: ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'rules.example.com/v1, Kind=Limit'",
    );
  });
});

describe('what a policy is about', () => {
  const no = [{ expression: 'false' }];

  test('namespaces and objects by their labels, resources and names by rules', () => {
    policy({
      validations: no,
      matchConstraints: {
        resourceRules: [CONFIG_MAPS],
        excludeResourceRules: [{ ...CONFIG_MAPS, resourceNames: ['excluded'] }],
        objectSelector: { matchExpressions: [{ key: 'free', operator: 'DoesNotExist' }] },
        namespaceSelector: { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['test'] }] },
      },
    });
    rig.create('configmaps', configMap('excluded'));
    rig.create('configmaps', configMap('labelled', {}, { free: 'yes' }));
    rig.ask({ verb: 'create', resource: 'namespaces', body: { metadata: { name: 'test', labels: { env: 'test' } } } });
    rig.create('configmaps', configMap('elsewhere'), { namespace: 'test' });
    expect(refusal('a').message).toContain('failed expression');
    rig.delete('configmaps', 'excluded');
  });

  test('another version of a resource, unless it must match exactly', () => {
    const scalers = { apiGroups: ['autoscaling'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['*'] };
    policy({
      validations: [{ expression: 'request.kind.version == "v2"' }],
      matchConstraints: { resourceRules: [scalers] },
    });
    const body = {
      metadata: { name: 'a' },
      spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' } },
    };
    const asked = { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers', body };
    expect(rig.refusal({ verb: 'create', ...asked }).message).toContain('request.kind.version');
    rig.patch('validatingadmissionpolicies', 'p', { spec: { matchConstraints: { matchPolicy: 'Exact' } } }, GROUP);
    rig.ask({ verb: 'create', ...asked });
  });

  test('never policies themselves', () => {
    policy({
      validations: no,
      matchConstraints: {
        resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
      },
    });
    rig.ask({ verb: 'delete', resource: 'validatingadmissionpolicies', name: 'p', ...GROUP });
    rig.create('configmaps', configMap('a'));
  });

  test('a scale, which is a Scale', () => {
    const rule = { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['deployments/scale'] };
    policy({
      validations: [{ expression: 'request.kind.kind == "Scale" && object.spec.replicas <= 5', message: 'at most 5' }],
      matchConstraints: { resourceRules: [rule] },
    });
    const labels = { app: 'web' };
    rig.create('deployments', {
      metadata: { name: 'web' },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    });
    const scale = {
      verb: 'patch',
      resource: 'deployments',
      subresource: 'scale',
      name: 'web',
      patchType: 'merge',
    } as const;
    rig.ask({ ...scale, body: { spec: { replicas: 5 } } });
    expect(rig.refusal({ ...scale, body: { spec: { replicas: 6 } } }).message).toContain('at most 5');
    rig.patch('deployments', 'web', { spec: { replicas: 6 } });
  });

  test('connections to Pods, with what they ask for', () => {
    const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CONNECT'], resources: ['pods/exec'] };
    policy({
      validations: [{ expression: '!object.command.exists(c, c == "sh")', message: 'no shells' }],
      matchConstraints: { resourceRules: [rule] },
    });
    rig.create('pods', pod('web', { nodeName: 'node-1' }));
    const exec = (command: string) =>
      rig.http('POST', `/api/v1/namespaces/default/pods/web/exec?command=${command}&stdout=true`).body;
    expect(exec('sh')).toMatchObject({ message: expect.stringContaining('denied request: no shells') as string });
    expect(exec('ls')).toMatchObject({ message: expect.stringContaining('no node answers') as string });
  });

  test('deletions, with the object that is to go', () => {
    policy({
      validations: [{ expression: 'object == null && oldObject.data.keep != "yes"', message: 'kept' }],
      matchConstraints: { resourceRules: [{ ...CONFIG_MAPS, operations: ['DELETE'] }] },
    });
    rig.create('configmaps', configMap('a', { keep: 'yes' }));
    expect(rig.refusal({ verb: 'delete', resource: 'configmaps', name: 'a' }).message).toBe(`${DENIED}kept`);
    rig.create('configmaps', configMap('b', { keep: 'no' }));
    rig.delete('configmaps', 'b');
  });
});

test('expressions see who asks, what for, and what that user may do', () => {
  const expressions = [
    'request.operation == "CREATE" && request.userInfo.username == "tester"',
    'request.resource.resource == "configmaps" && request.namespace == "default" && !request.dryRun',
    'namespaceObject.metadata.name == "default" && namespaceObject.status.phase == "Active"',
    'authorizer.group("").resource("pods").namespace("default").check("create").allowed()',
    'authorizer.requestResource.check("delete").allowed() && authorizer.path("/healthz").check("get").allowed()',
    'authorizer.serviceAccount("default", "default").group("").resource("pods").check("get").allowed()',
    'request.options.fieldManager == "me" && oldObject == null && object.metadata.uid != ""',
  ];
  policy({ validations: expressions.map((expression) => ({ expression })) });
  rig.create('configmaps', configMap('a'), { options: { fieldManager: 'me' } });
});

test('Warn warns and Audit annotates, and neither refuses', () => {
  policy(
    {
      validations: [{ expression: 'false', message: 'well' }],
      auditAnnotations: [{ key: 'who', valueExpression: 'string(object.metadata.name)' }],
    },
    { validationActions: ['Warn', 'Audit'] },
  );
  const noted: Readonly<Record<string, string>>[] = [];
  rig.server.observers.add({ end: (_, { annotations }) => void noted.push(annotations) });
  const { warnings } = rig.server.serve(rig.request({ verb: 'create', resource: 'configmaps', body: configMap('a') }));
  expect(warnings).toEqual(["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': well"]);
  expect(noted[0]).toEqual({
    'validation.policy.admission.k8s.io/validation_failure':
      '[{"message":"well","policy":"p","binding":"b","expressionIndex":0,"validationActions":["Warn","Audit"]}]',
    'p/who': 'a',
  });
});

test('warnings are told with refusals, too', () => {
  policy({ validations: [{ expression: 'false', message: 'well' }] }, { validationActions: ['Warn'] });
  const answer = (name: string) =>
    rig.http(
      'POST',
      '/api/v1/namespaces/default/configmaps',
      { metadata: { name } },
      { 'content-type': 'application/json' },
    );
  const warning = `299 - "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': well"`;
  expect(answer('a')).toMatchObject({ status: 201, headers: { warning } });
  expect(answer('a')).toMatchObject({ status: 409, headers: { warning } });
});

test('expressions that cost too much are given up', () => {
  const loop = '[1,2,3,4,5,6,7,8,9,10]';
  const nested = ['a', 'b', 'c', 'd', 'e', 'f'].reduceRight((inner, name) => `${loop}.all(${name}, ${inner})`, 'true');
  policy({ validations: [{ expression: nested }] });
  expect(refusal('a').message).toBe(
    `${DENIED}expression '${nested}' resulted in error: operation cancelled: actual cost limit exceeded`,
  );
});

test('an eviction is a creation of pods/eviction, and no deletion', () => {
  rig.create('pods', pod('web'));
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['pods'] };
  const evict = { verb: 'create', resource: 'pods', subresource: 'eviction', name: 'web' } as const;
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web', namespace: 'default' } };
  policy({
    matchConstraints: {
      resourceRules: [rule, { ...rule, operations: ['CREATE'], resources: ['pods/eviction'] }],
    },
    validations: [
      {
        expression: 'request.operation == "CREATE" && "evict" in object.metadata.?labels.orValue({})',
        messageExpression: '"not this way: " + request.operation + " " + request.kind.kind',
      },
    ],
  });
  const denied = `ValidatingAdmissionPolicy 'p' with binding 'b' denied request: not this way: `;
  expect(rig.refusal({ ...evict, body }).message).toBe(`pods "web" is forbidden: ${denied}CREATE Eviction`);
  expect(rig.refusal({ verb: 'delete', resource: 'pods', name: 'web' }).message).toBe(
    `pods "web" is forbidden: ${denied}DELETE Pod`,
  );
  const labelled = { ...body, metadata: { ...body.metadata, labels: { evict: 'yes' } } };
  expect(rig.ask({ ...evict, body: labelled })).toMatchObject({ status: 'Success', code: 201 });
});
