import { describe, expect, test } from 'vitest';
import { ADMIN } from '../../src/cluster/index.ts';
import { runKubectl } from '../../src/kubectl/index.ts';

/** What `kubectl kustomize` says of files, with no cluster behind it. */
function kustomize(files: Readonly<Record<string, string>>, folder = '.') {
  const said = { stdout: '', stderr: '' };
  const code = runKubectl(['kustomize', folder], {
    transport: {
      request: () => {
        throw new Error('nothing is asked of a server');
      },
    },
    stdout: (text) => (said.stdout += text),
    stderr: (text) => (said.stderr += text),
    files: { read: (path) => files[path], list: () => undefined },
    config: { namespace: 'default', user: ADMIN },
    now: () => 0,
    sleep: () => Promise.resolve(),
  });
  return { code, ...said };
}

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: nginx, envFrom: [{configMapRef: {name: settings}}]}]}
`;

describe('kubectl kustomize', () => {
  test('names end in a hash of the content, and references follow them through bases', () => {
    const { stdout } = kustomize(
      {
        'base/kustomization.yaml':
          'resources: [web.yaml]\nconfigMapGenerator: [{name: settings, literals: [a=1, b=2]}]',
        'base/web.yaml': WEB,
        'over/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-',
      },
      'over',
    );
    // As kustomize v5.8.1 has it.
    expect(stdout.match(/prod-settings-7gdc49gk6d/g)).toHaveLength(2);
    expect(stdout).toContain('  name: prod-web\n');
  });

  test('patches find what they are for by name or by target', () => {
    const { stdout } = kustomize({
      'kustomization.yaml': `
resources: [web.yaml]
nameSuffix: -x
patches:
- path: env.yaml
- target: {kind: Deploy.*}
  patch: '[{"op": "add", "path": "/spec/replicas", "value": 3}]'
`,
      'web.yaml': WEB,
      'env.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: c, env: [{name: A, value: b}]}]}}}
`,
    });
    expect(stdout).toContain('  name: web-x\n');
    expect(stdout).toContain('  replicas: 3\n');
    expect(stdout).toMatch(/- env:\n +- name: A\n +value: b\n +envFrom:/);
  });

  test('labels stay out of selectors unless they are asked in', () => {
    const built = (more: string) =>
      kustomize({ 'kustomization.yaml': `resources: [web.yaml]\nlabels: [{pairs: {x: q}${more}}]`, 'web.yaml': WEB })
        .stdout;
    expect(built('').match(/x: q/g)).toHaveLength(1);
    expect(built(', includeTemplates: true').match(/x: q/g)).toHaveLength(2);
    expect(built(', includeSelectors: true').match(/x: q/g)).toHaveLength(3);
  });

  test('says which field it does not know, and which it would rather not see', () => {
    expect(kustomize({ 'kustomization.yaml': 'bad: []' }).stderr).toBe(
      'error: invalid Kustomization: json: unknown field "bad"\n',
    );
    expect(kustomize({ 'kustomization.yaml': 'commonLabels: {a: b}' }).stderr).toMatch(
      /^# Warning: 'commonLabels' is deprecated\. Please use 'labels' instead\./,
    );
  });
});
