import { describe, expect, it } from 'vitest';
import { PodKind, type Pod } from '../../src/api/index.ts';
import { decode } from '../../src/api/schema/decode.ts';

const pod = (spec: object = {}): Pod => {
  const { object } = decode<Pod>(PodKind, {
    metadata: { name: 'web', namespace: 'lab' },
    spec: {
      nodeName: 'node-1',
      automountServiceAccountToken: false,
      containers: [{ name: 'app', image: 'nginx:1.27', ports: [{ containerPort: 80 }] }],
      serviceAccountName: 'default',
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
      ...spec,
    },
  });
  PodKind.defaults?.(object);
  return object;
};

const refusals = (next: Pod, old = pod()): string[] =>
  (PodKind.validateUpdate?.(next, old) ?? []).map(({ field, detail }) => `${field}: ${detail}`);

const LIMITS =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
  '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

describe('updating a Pod', () => {
  it('lets images, deadlines and new tolerations through', () => {
    expect(
      refusals(pod({ containers: [{ name: 'app', image: 'nginx:1.28', ports: [{ containerPort: 80 }] }] })),
    ).toEqual([]);
    expect(refusals(pod({ activeDeadlineSeconds: 600 }))).toEqual([]);
    expect(refusals(pod({ tolerations: [{ key: 'a', operator: 'Exists' }] }))).toEqual([]);
  });

  it('shows what else changed as a diff of the internal form', () => {
    expect(
      refusals(pod({ containers: [{ name: 'app', image: 'nginx:1.27', ports: [{ containerPort: 8080 }] }] })),
    ).toEqual([
      `spec: Forbidden: ${LIMITS}\n` +
        '@@ -12,7 +12,7 @@\n' +
        '     {\n      "Name": "",\n      "HostPort": 0,\n-     "ContainerPort": 80,\n+     "ContainerPort": 8080,\n' +
        '      "Protocol": "TCP",\n      "HostIP": ""\n     }\n',
    ]);
    expect(
      refusals(
        pod({
          containers: [
            { name: 'app', image: 'nginx:1.27', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: 'b' }] },
          ],
        }),
      )[0],
    ).toContain(
      '@@ -18,7 +18,13 @@\n     }\n    ],\n    "EnvFrom": null,\n-   "Env": null,\n+   "Env": [\n+    {\n+     "Name": "A",\n' +
        '+     "Value": "b",\n+     "ValueFrom": null\n+    }\n+   ],\n    "Resources": {\n     "Limits": null,\n     "Requests": null,\n',
    );
    const tolerated = { activeDeadlineSeconds: 600, tolerations: [{ key: 'a', operator: 'Exists' }] };
    expect(refusals(pod({ ...tolerated, restartPolicy: 'Never' }), pod(tolerated))[0]).toContain(
      '@@ -43,7 +43,7 @@\n   }\n  ],\n  "EphemeralContainers": null,\n- "RestartPolicy": "Always",\n+ "RestartPolicy": "Never",\n' +
        '  "TerminationGracePeriodSeconds": 30,\n  "ActiveDeadlineSeconds": 600,\n  "DNSPolicy": "ClusterFirst",\n',
    );
    expect(refusals(pod({ nodeName: 'node-2' }))[0]).toContain('@@ -50,7 +50,7 @@');
    expect(refusals(pod({ terminationGracePeriodSeconds: 5 }))[0]).toContain('@@ -44,7 +44,7 @@');
  });

  it('stops at changed numbers of containers', () => {
    expect(refusals(pod({ containers: [...pod().spec.containers, { name: 'second', image: 'busybox' }] }))).toEqual([
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ]);
  });

  it('lets a deadline only shrink', () => {
    const old = pod({ activeDeadlineSeconds: 600 });
    expect(refusals(pod({ activeDeadlineSeconds: 900 }), old)).toEqual([
      'spec.activeDeadlineSeconds: Invalid value: 900: must be less than or equal to previous value',
    ]);
    expect(refusals(pod(), old)).toEqual([
      'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
    ]);
  });

  it('does not let tolerations go', () => {
    const old = pod({ tolerations: [{ key: 'a', operator: 'Exists' }] });
    expect(refusals(pod(), old)).toEqual([
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ]);
  });
});
