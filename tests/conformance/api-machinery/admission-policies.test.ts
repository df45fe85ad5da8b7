import { describe, expect, test } from 'vitest';
import type {
  MutatingAdmissionPolicy,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../src/api/types.ts';
import { discovered, operate, operateStatus } from '../api-operations.ts';
import { refusal, Refusal, resource } from '../client.ts';
import { deployments, replicaSets } from '../kinds.ts';
import { afterwards, reaches, template, unique, until } from '../scene.ts';
import { hookedNamespace } from '../webhook-server.ts';

const GROUP = 'admissionregistration.k8s.io/v1';
const policies = resource<ValidatingAdmissionPolicy>(GROUP, 'validatingadmissionpolicies')();
const bindings = resource<ValidatingAdmissionPolicyBinding>(GROUP, 'validatingadmissionpolicybindings')();
const mutatingPolicies = resource<MutatingAdmissionPolicy>(GROUP, 'mutatingadmissionpolicies')();
const mutatingBindings = resource(GROUP, 'mutatingadmissionpolicybindings')();

const ABOUT_DEPLOYMENTS = {
  resourceRules: [
    { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] },
  ],
};

const workload = (name: string, replicas: number) => ({
  metadata: { name, labels: { app: 'nginx' } },
  spec: { replicas, selector: { matchLabels: { app: 'nginx' } }, template: template({ app: 'nginx' }) },
});

/** A namespace in which a policy holds. */
async function withPolicy(spec: object): Promise<string> {
  const { ns, selector: namespaceSelector } = await hookedNamespace();
  const name = unique('policy');
  await policies.create({
    metadata: { name },
    spec: { matchConstraints: { ...ABOUT_DEPLOYMENTS, namespaceSelector }, ...spec },
  });
  afterwards(() => policies.delete(name));
  await bindings.create({
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'], matchResources: { namespaceSelector } },
  });
  afterwards(() => bindings.delete(name));
  return ns;
}

/** What a policy says of a Deployment, once it is in force. */
async function denied(ns: string, message: string): Promise<void> {
  const attempt = () =>
    deployments(ns)
      .create(workload(unique('marker'), 1))
      .then(
        () => undefined,
        (error: unknown) => error as Refusal,
      );
  const { code, reason, message: said } = (await until(attempt, (error) => error instanceof Refusal))!;
  expect({ code, reason }).toEqual({ code: 422, reason: 'Invalid' });
  expect(said).toContain(message);
}

describe('[sig-api-machinery] ValidatingAdmissionPolicy', () => {
  test('ValidatingAdmissionPolicy should validate against a Deployment', async () => {
    const ns = await withPolicy({
      validations: [
        {
          expression: 'object.spec.replicas > 1',
          messageExpression: "'wants replicas > 1, got ' + string(object.spec.replicas)",
        },
      ],
    });
    await denied(ns, 'wants replicas > 1, got 1');
    await deployments(ns).create(workload('replicated', 2));
    await replicaSets(ns).create(workload('non-replicated', 1));
  });

  test('ValidatingAdmissionPolicy should allow expressions to refer variables', async () => {
    const ns = await withPolicy({
      variables: [
        { name: 'replicas', expression: 'object.spec.replicas' },
        { name: 'oddReplicas', expression: 'variables.replicas % 2 == 1' },
      ],
      validations: [
        { expression: 'variables.replicas > 1' },
        { expression: 'variables.oddReplicas', message: 'odd numbers only' },
      ],
    });
    await denied(ns, 'failed expression: variables.replicas > 1');
    expect((await refusal(deployments(ns).create(workload('even', 2)))).message).toContain('odd numbers only');
    await deployments(ns).create(workload('replicated', 3));
    await replicaSets(ns).create(workload('non-replicated', 1));
  });

  test('ValidatingAdmissionPolicy should type check validation expressions', async () => {
    const name = unique('confused');
    await policies.create({
      metadata: { name },
      spec: {
        matchConstraints: ABOUT_DEPLOYMENTS,
        validations: [
          {
            expression: "object.spec.replicas > '1'",
            messageExpression: "'wants replicas > 1, got ' + object.spec.replicas",
          },
        ],
      },
    });
    afterwards(() => policies.delete(name));
    const { status } = await reaches(policies, name, (policy) => policy.status?.typeChecking !== undefined);
    const [first, second, ...more] = status?.typeChecking?.expressionWarnings ?? [];
    expect(first?.fieldRef).toBe('spec.validations[0].expression');
    expect(first?.warning).toContain("found no matching overload for '_>_' applied to '(int, string)'");
    expect(second?.fieldRef).toBe('spec.validations[0].messageExpression');
    expect(second?.warning).toContain("found no matching overload for '_+_' applied to '(string, int)'");
    expect(more).toEqual([]);
  });

  test('ValidatingAdmissionPolicy API', async () => {
    await discovered(GROUP, 'validatingadmissionpolicies', 'validatingadmissionpolicies/status');
    const spec = {
      matchConstraints: ABOUT_DEPLOYMENTS,
      validations: [{ expression: 'object.spec.replicas <= 100', messageExpression: "'too many'" }],
    };
    await operate({
      resource: policies,
      object: () => ({ spec }),
      patch: { spec: { failurePolicy: 'Ignore' } },
      replace: ({ spec: old }) => ({ spec: { ...(old as object), failurePolicy: 'Fail' } }),
    });
    const name = unique('policy');
    await policies.create({ metadata: { name }, spec });
    afterwards(() => policies.delete(name));
    const condition = { type: 'PatchStatusFailed', status: 'False', reason: 'e2e', message: 'Set from an e2e test' };
    await operateStatus(policies, name, {
      conditions: [{ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }],
    });
  });

  test('ValidatingAdmissionPolicyBinding API', async () => {
    await discovered(GROUP, 'validatingadmissionpolicybindings');
    await operate({
      resource: bindings,
      object: () => ({ spec: { policyName: 'replicalimit-policy.example.com', validationActions: ['Deny'] } }),
    });
  });
});

describe('[sig-api-machinery] MutatingAdmissionPolicy', () => {
  const mutations = [
    {
      patchType: 'ApplyConfiguration',
      applyConfiguration: {
        expression: 'Object{metadata: Object.metadata{annotations: {"mutated-by": "admission-policy"}}}',
      },
    },
  ];
  const spec = { matchConstraints: ABOUT_DEPLOYMENTS, reinvocationPolicy: 'Never', mutations };

  test('MutatingAdmissionPolicy should mutate a Deployment', async () => {
    const { ns, selector: namespaceSelector } = await hookedNamespace();
    const name = unique('policy');
    await mutatingPolicies.create({
      metadata: { name },
      spec: { ...spec, matchConstraints: { ...ABOUT_DEPLOYMENTS, namespaceSelector } },
    });
    afterwards(() => mutatingPolicies.delete(name));
    await mutatingBindings.create({ metadata: { name }, spec: { policyName: name } });
    afterwards(() => mutatingBindings.delete(name));
    await until(
      () => deployments(ns).create(workload(unique('test'), 1)),
      ({ metadata }) => metadata.annotations?.['mutated-by'] === 'admission-policy',
    );
  });

  test('MutatingAdmissionPolicy API', async () => {
    await discovered(GROUP, 'mutatingadmissionpolicies');
    await operate({
      resource: mutatingPolicies,
      object: () => ({ spec }),
      patch: { spec: { failurePolicy: 'Ignore' } },
      replace: ({ spec: old }) => ({ spec: { ...(old as object), failurePolicy: 'Fail' } }),
    });
  });

  test('MutatingadmissionPolicyBinding API', async () => {
    await discovered(GROUP, 'mutatingadmissionpolicybindings');
    await operate({ resource: mutatingBindings, object: () => ({ spec: { policyName: 'policy.example.com' } }) });
  });
});
