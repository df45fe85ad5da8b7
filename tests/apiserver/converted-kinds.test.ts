import { describe, expect, test } from 'vitest';
import type { ManagedFieldsEntry } from '../../src/api/apply/managers.ts';
import { Rig } from './rig.ts';

const V1 = '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers';
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };

const managers = (rig: Rig): [string, string, unknown][] => {
  const { body } = rig.http('GET', `${V1.replace('v1', 'v2')}/web`);
  const { metadata } = JSON.parse(JSON.stringify(body)) as { metadata: { managedFields: ManagedFieldsEntry[] } };
  return metadata.managedFields.map(({ manager, apiVersion, fieldsV1 }) => [
    manager!,
    apiVersion!,
    (fieldsV1 as Record<string, unknown>)['f:spec'],
  ]);
};

describe('a kind that is stored in another version', () => {
  test('names the fields of its writers in the version in which they wrote', () => {
    const rig = new Rig();
    const spec = { maxReplicas: 3, targetCPUUtilizationPercentage: 50, scaleTargetRef };
    rig.http('POST', `${V1}?fieldManager=one`, {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web' },
      spec,
    });
    // Atomic in this version: whoever writes it has all of it.
    const first = { 'f:maxReplicas': {}, 'f:minReplicas': {}, 'f:targetCPUUtilizationPercentage': {} };
    expect(managers(rig)).toEqual([['one', 'autoscaling/v1', { ...first, 'f:scaleTargetRef': {} }]]);
    const patch = { 'content-type': 'application/merge-patch+json' };
    rig.http('PATCH', `${V1}/web?fieldManager=two`, { spec: { targetCPUUtilizationPercentage: 70 } }, patch);
    const { 'f:targetCPUUtilizationPercentage': _, ...left } = first;
    expect(managers(rig)).toEqual([
      ['one', 'autoscaling/v1', { ...left, 'f:scaleTargetRef': {} }],
      ['two', 'autoscaling/v1', { 'f:targetCPUUtilizationPercentage': {} }],
    ]);
  });
});
