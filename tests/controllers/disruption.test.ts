import { expect, test } from 'vitest';
import { JobKind } from '../../src/api/batch/job.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import { PodDisruptionBudgetKind } from '../../src/api/policy/pod-disruption-budget.ts';
import type { Job, PodDisruptionBudget } from '../../src/api/types.ts';
import { messages } from './objects.ts';
import { Rig } from './rig.ts';

function budget(rig: Rig, spec: PodDisruptionBudget['spec']): PodDisruptionBudget['status'] {
  const budgets = rig.client.resource(PodDisruptionBudgetKind);
  budgets.create({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', namespace: 'lab' },
    spec: { selector: { matchLabels: { app: 'x' } }, ...spec },
  } as PodDisruptionBudget);
  rig.settle();
  return budgets.get('b', 'lab').status;
}

const containers = [{ name: 'c', image: 'nginx' }];

test('Pods that nobody owns do not count towards a part of the whole', () => {
  const rig = new Rig({ nodes: 1 });
  rig.client.resource(PodKind).create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'lab', labels: { app: 'x' } },
    spec: { containers },
  });
  rig.settle();
  expect(budget(rig, { maxUnavailable: 1 })).toMatchObject({
    currentHealthy: 1,
    expectedPods: 0,
    disruptionsAllowed: 0,
    conditions: [{ reason: 'InsufficientPods' }],
  });
  expect(messages(rig.events('PodDisruptionBudget'))[0]).toMatch(
    /^UnmanagedPods: Pods selected by this PodDisruptionBudget \(selector: &LabelSelector\{MatchLabels:map\[string\]string\{app: x,\},/,
  );
});

test('owners without a scale cannot be reckoned with', () => {
  const rig = new Rig({ nodes: 1 });
  rig.client.resource(JobKind).create({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j', namespace: 'lab' },
    spec: { template: { metadata: { labels: { app: 'x' } }, spec: { restartPolicy: 'Never', containers } } },
  } as Job);
  rig.settle();
  expect(budget(rig, { minAvailable: '50%' })?.conditions?.[0]).toMatchObject({
    reason: 'SyncFailed',
    message: 'jobs.batch does not implement the scale subresource',
  });
});
