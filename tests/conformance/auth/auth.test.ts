import { describe, expect, test } from 'vitest';
import type { CertificateSigningRequest, Pod } from '../../../src/api/types.ts';
import { discovered, operate, operateStatus } from '../api-operations.ts';
import { raw, request, resource } from '../client.ts';
import { shell } from '../exec.ts';
import { configMaps, pods, serviceAccounts } from '../kinds.ts';
import { afterwards, BUSYBOX, exists, namespace, reaches, template, unique, until } from '../scene.ts';
import { signingRequest } from './signing-request.ts';

const requests = resource<CertificateSigningRequest>('certificates.k8s.io/v1', 'certificatesigningrequests')();
const ROOT_CA = 'kube-root-ca.crt';
const MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const SLEEP = { image: BUSYBOX, command: ['sleep', '9999'] };

const mounts = ({ spec }: Pod): boolean =>
  spec.containers[0]!.volumeMounts?.some(({ mountPath }) => mountPath === MOUNT) ?? false;

describe('[sig-auth] ServiceAccounts', () => {
  test('RootCA ConfigMap test', async () => {
    const ns = await namespace();
    const original = await until(
      () => configMaps(ns).list({ fieldSelector: `metadata.name=${ROOT_CA}` }),
      ({ items }) => items.length === 1,
    );
    const certificate = original.items[0]!.data!['ca.crt']!;
    expect(certificate).toContain('BEGIN CERTIFICATE');
    await configMaps(ns).delete(ROOT_CA);
    await until(
      () => exists(configMaps(ns), ROOT_CA),
      (there) => there,
    );
    await configMaps(ns).change(ROOT_CA, (old) => ({ ...old, data: { 'ca.crt': '' } }));
    await reaches(configMaps(ns), ROOT_CA, ({ data }) => data?.['ca.crt'] === certificate);
  });

  test('Service Account Tokens Must AutoMount', async () => {
    const ns = await namespace();
    await serviceAccounts(ns).create({ metadata: { name: 'mount-test' } });
    await pods(ns).create({ ...template({}, SLEEP, { serviceAccountName: 'mount-test' }), metadata: { name: 'pod' } });
    await reaches(pods(ns), 'pod', ({ status }) => status?.phase === 'Running');
    const token = await shell(ns, 'pod', `cat ${MOUNT}/token`);
    expect(await shell(ns, 'pod', `cat ${MOUNT}/namespace`)).toBe(ns);
    const { data } = await configMaps(ns).get(ROOT_CA);
    expect((await shell(ns, 'pod', `cat ${MOUNT}/ca.crt`)).trim()).toBe(data!['ca.crt']!.trim());
    const review = await request<{ status: object }>('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token },
    });
    expect(review.status).toMatchObject({
      authenticated: true,
      user: {
        username: `system:serviceaccount:${ns}:mount-test`,
        groups: expect.arrayContaining(['system:serviceaccounts']),
      },
    });
  });

  test('Service account tokens auto mount optionally', async () => {
    const ns = await namespace();
    for (const [name, automountServiceAccountToken] of [
      ['default-value', undefined],
      ['mount', true],
      ['nomount', false],
    ] as const)
      await serviceAccounts(ns).create({
        metadata: { name },
        ...(automountServiceAccountToken === undefined ? {} : { automountServiceAccountToken }),
      });
    const cases = [
      ['default-value', undefined, true],
      ['default-value', true, true],
      ['default-value', false, false],
      ['mount', undefined, true],
      ['mount', true, true],
      ['mount', false, false],
      ['nomount', undefined, false],
      ['nomount', true, true],
      ['nomount', false, false],
    ] as const;
    for (const [serviceAccountName, wish, expected] of cases) {
      const spec = { serviceAccountName, ...(wish === undefined ? {} : { automountServiceAccountToken: wish }) };
      const pod = await pods(ns).create({ ...template({}, {}, spec), metadata: { generateName: 'pod-' } });
      expect([serviceAccountName, wish, mounts(pod)]).toEqual([serviceAccountName, wish, expected]);
    }
  });

  test('TokenRequestProjection should mount a projected volume with token using TokenRequest API.', async () => {
    const ns = await namespace();
    const sources = [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600, audience: 'somebody' } }];
    await pods(ns).create({
      ...template(
        {},
        { ...SLEEP, volumeMounts: [{ name: 'v', mountPath: '/test-volume' }] },
        { volumes: [{ name: 'v', projected: { sources } }] },
      ),
      metadata: { name: 'pod' },
    });
    await reaches(pods(ns), 'pod', ({ status }) => status?.phase === 'Running');
    const token = await shell(ns, 'pod', 'cat /test-volume/token');
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as {
      aud: string[];
      exp: number;
      iat: number;
    };
    expect(claims.aud).toEqual(['somebody']);
    expect(claims.exp - claims.iat).toBe(3600);
  });

  test('OIDC Discovery (ServiceAccountIssuerDiscovery)', async () => {
    const configuration = await request<{ issuer: string; jwks_uri: string }>(
      'GET',
      '/.well-known/openid-configuration',
    );
    const { keys } = await request<{ keys: { kid: string; alg: string }[] }>('GET', '/openid/v1/jwks');
    expect(configuration.jwks_uri).toContain('/openid/v1/jwks');
    const ns = await namespace();
    const made = await request<{ status: { token: string } }>('POST', `${serviceAccounts(ns).path}/default/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {},
    });
    const [header, claims] = made.status.token
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as { kid?: string; iss?: string });
    expect(keys.map(({ kid }) => kid)).toContain(header!.kid);
    expect(claims!.iss).toBe(configuration.issuer);
  });

  test('ServiceAccount lifecycle test', async () => {
    const ns = await namespace();
    const selector = { labelSelector: `${ns}=yes` };
    const watch = await serviceAccounts(ns).watch(selector);
    await serviceAccounts(ns).create({ metadata: { name: 'testserviceaccount', labels: { [ns]: 'yes' } } });
    await watch.until('ADDED');
    await serviceAccounts(ns).patch('testserviceaccount', { automountServiceAccountToken: false });
    await watch.until('MODIFIED', ({ automountServiceAccountToken }) => automountServiceAccountToken === false);
    expect((await serviceAccounts().list(selector)).items).toMatchObject([{ automountServiceAccountToken: false }]);
    await serviceAccounts(ns).deleteCollection(selector);
    await watch.until('DELETED');
    watch.stop();
  });

  test('ServiceAccount, update a ServiceAccount', async () => {
    const ns = await namespace();
    await serviceAccounts(ns).create({ metadata: { name: 'e2e-sa' }, automountServiceAccountToken: true });
    const updated = await serviceAccounts(ns).change('e2e-sa', (old) => ({
      ...old,
      automountServiceAccountToken: false,
    }));
    expect(updated.automountServiceAccountToken).toBe(false);
  });
});

describe('[sig-auth] SubjectReview', () => {
  test('SubjectReview, API Operations', async () => {
    const ns = await namespace();
    const name = unique('e2e');
    await serviceAccounts(ns).create({ metadata: { name } });
    const user = `system:serviceaccount:${ns}:${name}`;
    const impersonating = { 'impersonate-user': user };
    const resourceAttributes = { group: 'apps', resource: 'deployments', verb: 'create', namespace: ns };
    const review = (path: string, kind: string) =>
      request<{ status: { allowed: boolean } }>('POST', `/apis/authorization.k8s.io/v1/${path}`, {
        apiVersion: 'authorization.k8s.io/v1',
        kind,
        metadata: { ...(kind.startsWith('Local') ? { namespace: ns } : {}) },
        spec: { user, resourceAttributes },
      });
    const answers = async () => [
      (await review('subjectaccessreviews', 'SubjectAccessReview')).status.allowed,
      (await review(`namespaces/${ns}/localsubjectaccessreviews`, 'LocalSubjectAccessReview')).status.allowed,
      (await raw('POST', `/apis/apps/v1/namespaces/${ns}/deployments?dryRun=All`, '{}', impersonating)).status !== 403,
    ];
    expect(await answers()).toEqual([false, false, false]);
    await request('POST', `/apis/rbac.authorization.k8s.io/v1/namespaces/${ns}/rolebindings`, {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
      subjects: [{ kind: 'ServiceAccount', name, namespace: ns }],
    });
    await until(answers, ([first]) => first === true);
    expect(await answers()).toEqual([true, true, true]);
  });
});

describe('[sig-auth] Certificates API', () => {
  test('CertificateSigningRequest API', async () => {
    await discovered(
      'certificates.k8s.io/v1',
      'certificatesigningrequests',
      'certificatesigningrequests/approval',
      'certificatesigningrequests/status',
    );
    const spec = {
      signerName: 'example.com/e2e',
      request: signingRequest('e2e-example.com-user'),
      usages: ['digital signature', 'key encipherment', 'server auth'],
    };
    await operate({ resource: requests, object: () => ({ spec }) });
    const name = unique('e2e-csr');
    await requests.create({ metadata: { name }, spec });
    afterwards(() => requests.delete(name));
    const condition = { type: 'Approved', status: 'True', reason: 'E2E', message: 'Approved by an e2e test' };
    const approved = await requests.change(
      name,
      (old) => ({ ...old, status: { ...old.status, conditions: [condition] } }),
      'approval',
    );
    expect(approved.status?.conditions).toMatchObject([condition]);
    await operateStatus(requests, name, {});
  });
});
