import { describe, test } from 'vitest';
import { discovered, operate, operateStatus } from '../api-operations.ts';
import { resource } from '../client.ts';
import { afterwards, unique } from '../scene.ts';

const GROUP = 'flowcontrol.apiserver.k8s.io/v1';
const flowSchemas = resource(GROUP, 'flowschemas')();
const priorityLevels = resource(GROUP, 'prioritylevelconfigurations')();

const condition = (type: string): object => ({
  conditions: [
    { type, status: 'False', reason: 'e2e', message: 'Patched by e2e', lastTransitionTime: '2026-01-01T00:00:00Z' },
  ],
});

const made = async (kind: typeof flowSchemas, spec: object): Promise<string> => {
  const name = unique('e2e-example');
  await kind.create({ metadata: { name }, spec });
  afterwards(() => kind.delete(name));
  return name;
};

describe('[sig-api-machinery] API priority and fairness', () => {
  test('Priority and Fairness FlowSchema API', async () => {
    await discovered(GROUP, 'flowschemas', 'flowschemas/status');
    const spec = (nth: number) => ({
      matchingPrecedence: 9_000 + nth,
      priorityLevelConfiguration: { name: 'global-default' },
      distinguisherMethod: { type: 'ByUser' },
      rules: [
        {
          subjects: [{ kind: 'User', user: { name: 'example-e2e-non-existent-user' } }],
          nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
        },
      ],
    });
    await operate({
      resource: flowSchemas,
      object: (nth) => ({ spec: spec(nth) }),
      patch: { spec: { matchingPrecedence: 9_990 } },
      replace: ({ spec: old }) => ({ spec: { ...(old as object), matchingPrecedence: 9_991 } }),
    });
    await operateStatus(flowSchemas, await made(flowSchemas, spec(0)), condition('PatchStatusFailed'));
  });

  test('Priority and Fairness PriorityLevelConfiguration API', async () => {
    await discovered(GROUP, 'prioritylevelconfigurations', 'prioritylevelconfigurations/status');
    const spec = { type: 'Limited', limited: { nominalConcurrencyShares: 2, limitResponse: { type: 'Reject' } } };
    await operate({
      resource: priorityLevels,
      object: () => ({ spec }),
      patch: { spec: { limited: { nominalConcurrencyShares: 4 } } },
    });
    await operateStatus(priorityLevels, await made(priorityLevels, spec), condition('PatchStatusFailed'));
  });
});
