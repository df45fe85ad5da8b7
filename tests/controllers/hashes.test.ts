import { describe, expect, test } from 'vitest';
import { podTemplateHash } from '../../src/controllers/hash/pod-template-hash.ts';
import { revisionHash } from '../../src/controllers/hash/revision-hash.ts';
import type { PodTemplateSpec } from '../../src/api/types.ts';
import known from './known-hashes.json' with { type: 'json' };

/**
 * known-hashes.json holds templates as the API server stores them, and what Kubernetes' own code (k8s.io/api and
 * apimachinery v0.36.4, controller.ComputeHash and history.HashControllerRevision) makes of them.
 */
describe.each(known)('the template of $name', ({ template, ...hashes }) => {
  const podTemplate = template as unknown as PodTemplateSpec;

  test('has the pod-template-hash that Kubernetes gives it', () => {
    expect(podTemplateHash(podTemplate, undefined)).toBe(hashes.hash);
    expect(podTemplateHash(podTemplate, 3)).toBe(hashes.afterThreeCollisions);
  });

  test('has the revision hash that Kubernetes gives a StatefulSet of it', () => {
    const data = { spec: { template: { ...template, $patch: 'replace' } } };
    expect(revisionHash(data, 0)).toBe(hashes.revision);
    expect(revisionHash(data, 3)).toBe(hashes.revisionAfterThreeCollisions);
  });
});
