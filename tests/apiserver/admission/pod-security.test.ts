import { beforeEach, expect, test } from 'vitest';
import { pod, Rig } from '../rig.ts';

const LABEL = 'pod-security.kubernetes.io/';

let rig: Rig;

beforeEach(() => {
  rig = new Rig();
});

function label(labels: Readonly<Record<string, string>>): readonly string[] {
  const named = Object.fromEntries(Object.entries(labels).map(([key, value]) => [LABEL + key, value]));
  const body = { metadata: { labels: named } };
  return rig.server.serve(
    rig.request({ verb: 'patch', resource: 'namespaces', name: 'default', patchType: 'merge', body }),
  ).warnings;
}

const refusal = (spec: object): string =>
  rig.refusal({ verb: 'create', resource: 'pods', body: pod('web', spec) }).message ?? '';

const deploy = (name: string): readonly string[] =>
  rig.server.serve(
    rig.request({
      verb: 'create',
      resource: 'deployments',
      body: {
        metadata: { name },
        spec: {
          selector: { matchLabels: { app: name } },
          template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app', image: 'nginx' }] } },
        },
      },
    }),
  ).warnings;

test('what is enforced is warned of, unless the namespace says what to warn of', () => {
  label({ enforce: 'restricted', 'enforce-version': 'v1.21' });
  expect(deploy('a')).toEqual([
    'would violate PodSecurity "restricted:v1.21": allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false), ' +
      'runAsNonRoot != true (pod or container "app" must set securityContext.runAsNonRoot=true), ' +
      'seccompProfile (pod or container "app" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  ]);
  label({ warn: 'privileged' });
  expect(deploy('b')).toEqual([]);
});

test('rules hold since their version', () => {
  const sysctls = [{ name: 'net.ipv4.tcp_rmem', value: '1' }];
  const probed = {
    containers: [{ name: 'app', image: 'x', livenessProbe: { tcpSocket: { host: '1.2.3.4', port: 1 } } }],
  };
  label({ enforce: 'baseline', 'enforce-version': 'v1.31' });
  expect(refusal({ securityContext: { sysctls } })).toContain('forbidden sysctls (net.ipv4.tcp_rmem)');
  rig.create('pods', pod('probed', probed));
  label({ 'enforce-version': 'v1.34' });
  expect(refusal(probed)).toContain('probe or lifecycle host (container "app" uses probe or lifecycle host "1.2.3.4")');
  rig.create('pods', pod('tuned', { securityContext: { sysctls } }));
  label({ 'enforce-version': 'latest' });
  expect(refusal({ securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } })).toContain(
    '(kernel.msgmax)',
  );
  label({ 'enforce-version': 'v1.99' });
  expect(refusal({ hostPID: true })).toContain('violates PodSecurity "baseline:v1.99": host namespaces (hostPID=true)');
});

test('capabilities are judged by the baseline before the restricted standard had a rule for them', () => {
  const securityContext = { capabilities: { add: ['SYS_ADMIN'] } };
  label({ enforce: 'restricted', 'enforce-version': 'v1.7' });
  const message = refusal({ containers: [{ name: 'app', image: 'x', securityContext }] });
  expect(message).toContain('non-default capabilities (container "app" must not include "SYS_ADMIN"');
  expect(message).not.toContain('allowPrivilegeEscalation');
});

test('a namespace that becomes stricter tells of Pods that would not be let in', () => {
  rig.create('pods', pod('b', { hostPID: true }));
  rig.create('pods', pod('a', { hostPID: true }));
  rig.create('pods', pod('c', { hostNetwork: true, hostPID: true }));
  rig.create('pods', pod('good'));
  expect(label({ enforce: 'baseline' })).toEqual([
    'existing pods in namespace "default" violate the new PodSecurity enforce level "baseline:latest"',
    'a (and 2 other pods): host namespaces',
  ]);
  expect(label({ warn: 'restricted' })).toEqual([]);
  expect(label({ 'enforce-version': 'v1.30' })).toHaveLength(2);
  expect(label({ enforce: 'privileged' })).toEqual([]);
});

test('before 1.19, seccomp profiles were annotations', () => {
  label({ enforce: 'baseline', 'enforce-version': 'v1.18' });
  const annotations = { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' };
  const body = { ...pod('old'), metadata: { name: 'old', annotations } };
  expect(rig.refusal({ verb: 'create', resource: 'pods', body }).message).toContain(
    'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
  );
  rig.create('pods', pod('new', { securityContext: { seccompProfile: { type: 'Unconfined' } } }));
});
