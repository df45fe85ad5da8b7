import { expect, test } from 'vitest';
import { DaemonSetKind } from '../../src/api/apps/daemon-set.ts';
import { DeploymentKind } from '../../src/api/apps/deployment.ts';
import { StatefulSetKind } from '../../src/api/apps/stateful-set.ts';
import type { Kind } from '../../src/api/kind.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { decode } from '../../src/api/schema/decode.ts';

const OLD_LABEL =
  'spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead';

function object<T extends KubeObject>(kind: Kind<T>, generation: number, annotations: Record<string, string> = {}): T {
  const spec = { nodeSelector: { 'beta.kubernetes.io/os': 'linux' }, containers: [{ name: 'a', image: 'b' }] };
  const { object: made } = decode<T>(kind, {
    metadata: { name: 'web.x', generation, annotations },
    spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec } },
  });
  kind.defaults?.(made);
  return made;
}

test('a template is warned about whenever something new is asked for', () => {
  const old = object(DeploymentKind, 1);
  expect(DeploymentKind.warnings?.(object(DeploymentKind, 2), old)).toEqual([OLD_LABEL]);
  expect(DeploymentKind.warnings?.(object(DeploymentKind, 1), old)).toEqual([]);
  expect(DeploymentKind.warnings?.(old, undefined)?.[0]).toContain(
    'a DNS label is recommended: [must not contain dots]',
  );
});

test('DaemonSets are asked about their template alone', () => {
  const of = (generation: number, template: string): ReturnType<typeof object<never>> =>
    object(DaemonSetKind, generation, { 'deprecated.daemonset.template.generation': template }) as never;
  expect(DaemonSetKind.warnings?.(of(1, '1'), undefined)).toEqual([OLD_LABEL]);
  expect(DaemonSetKind.warnings?.(of(2, '1'), of(1, '1'))).toEqual([]);
  expect(DaemonSetKind.warnings?.(of(2, '2'), of(1, '1'))).toEqual([OLD_LABEL]);
});

test('a StatefulSet is named as its Pods will be', () => {
  expect(StatefulSetKind.validateName?.('web.x', false)).toEqual(['must not contain dots']);
});
