import { beforeEach, expect, test } from 'vitest';
import { pod, Rig } from '../rig.ts';

let rig: Rig;

beforeEach(() => {
  rig = new Rig();
  const metadata = { name: 'strict', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } };
  rig.create('serviceaccounts', { metadata, secrets: [{ name: 'own' }], imagePullSecrets: [{ name: 'pull' }] });
});

const refusal = (spec: object, metadata: object = {}): string => {
  const body = { metadata: { name: 'web', ...metadata }, ...(pod('web', spec) as object) } as { metadata: object };
  return rig.refusal({ verb: 'create', resource: 'pods', body: { ...body, metadata: { name: 'web', ...metadata } } })
    .message!;
};

const strict = (spec: object): string => refusal({ serviceAccountName: 'strict', ...spec });
const FORBIDDEN = 'pods "web" is forbidden: ';
const BECAUSE = 'is not allowed because service account strict does not reference that secret';

const using = (more: object): object[] => [{ name: 'app', image: 'x', ...more }];
const env = [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'theirs', key: 'k' } } }];

test('an account may limit its Pods to its own Secrets', () => {
  expect(strict({ volumes: [{ name: 'v', secret: { secretName: 'theirs' } }] })).toBe(
    `${FORBIDDEN}volume with secret.secretName="theirs" ${BECAUSE}`,
  );
  expect(strict({ containers: using({ env }) })).toBe(
    `${FORBIDDEN}container app with envVar KEY referencing secret.secretName="theirs" ${BECAUSE}`,
  );
  expect(strict({ initContainers: [{ name: 'init', image: 'x', envFrom: [{ secretRef: { name: 'theirs' } }] }] })).toBe(
    `${FORBIDDEN}init container init with envFrom referencing secret.secretName="theirs" ${BECAUSE}`,
  );
  expect(strict({ imagePullSecrets: [{ name: 'pull' }, { name: 'theirs' }] })).toBe(
    `${FORBIDDEN}imagePullSecrets[1].name="theirs" is not allowed because service account strict does not reference that imagePullSecret`,
  );
  rig.create(
    'pods',
    pod('web', { serviceAccountName: 'strict', volumes: [{ name: 'v', secret: { secretName: 'own' } }] }),
  );
  rig.create('pods', pod('other', { containers: using({ env }) }));
});

test('mirror Pods need nothing of the API server', () => {
  const mirror = { annotations: { 'kubernetes.io/config.mirror': 'x' } };
  const node = { nodeName: 'n1' };
  expect(refusal({ ...node, serviceAccountName: 'default' }, mirror)).toBe(
    `${FORBIDDEN}a mirror pod may not reference service accounts`,
  );
  expect(refusal({ ...node, containers: using({ env }) }, mirror)).toBe(
    `${FORBIDDEN}a mirror pod may not reference secrets`,
  );
});

test('what quotas need to know is asked for before any of them is found exceeded', () => {
  const quota = (name: string, hard: object): void => {
    rig.create('resourcequotas', { metadata: { name }, spec: { hard } });
    const status = { hard, used: Object.fromEntries(Object.keys(hard).map((key) => [key, '0'])) };
    rig.patch('resourcequotas', name, { status }, { subresource: 'status' });
  };
  quota('a', { pods: '0' });
  quota('b', { 'limits.cpu': '1' });
  expect(refusal({})).toBe(`${FORBIDDEN}failed quota: b: must specify limits.cpu for: app`);
});
