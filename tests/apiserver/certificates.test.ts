import { describe, expect, test } from 'vitest';
import { serveCertificates } from '../../src/apiserver/certificates/certificates.ts';
import { parseRule, type ApiRequest, type UserInfo } from '../../src/apiserver/index.ts';
import type { CertificateSigningRequest } from '../../src/api/types.ts';
import { Rig } from './rig.ts';

const ADMIN: UserInfo = { username: 'root', groups: ['system:masters'] };
const JANE: UserInfo = { username: 'jane', uid: 'u-1', groups: ['devs', 'system:authenticated'] };
const CSRS = {
  group: 'certificates.k8s.io',
  version: 'v1',
  resource: 'certificatesigningrequests',
  namespace: undefined,
};
const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1', namespace: undefined };

const pem = (type: string, body: string): string =>
  btoa(`-----BEGIN ${type}-----\n${btoa(body)}\n-----END ${type}-----\n`);

class Guarded extends Rig {
  constructor() {
    super({ authorizationMode: ['RBAC'], extensions: [serveCertificates] });
  }

  override request(asked: Parameters<Rig['request']>[0]): ApiRequest {
    return super.request({ user: ADMIN, ...asked });
  }

  csrs(asked: Omit<Parameters<Rig['ask']>[0], 'resource'>): CertificateSigningRequest {
    return this.ask({ ...CSRS, ...asked }) as unknown as CertificateSigningRequest;
  }

  csr(signerName = 'example.com/reader', body = 'CN=jane'): CertificateSigningRequest {
    const spec = { signerName, request: pem('CERTIFICATE REQUEST', body), usages: ['client auth'], username: 'forged' };
    return this.csrs({ verb: 'create', body: { metadata: { name: 'jane' }, spec } });
  }

  allow(user: string, rules: readonly string[]): void {
    this.ask({
      ...RBAC,
      resource: 'clusterroles',
      verb: 'create',
      body: { metadata: { name: user }, rules: rules.map(parseRule) },
    });
    const roleRef = { apiGroup: RBAC.group, kind: 'ClusterRole', name: user };
    const body = { metadata: { name: user }, roleRef, subjects: [{ apiGroup: RBAC.group, kind: 'User', name: user }] };
    this.ask({ ...RBAC, resource: 'clusterrolebindings', verb: 'create', body });
  }

  decide(type: string, user = ADMIN, status = 'True'): CertificateSigningRequest {
    const conditions = [{ type, status, reason: 'Test', message: 'because' }];
    const body = [{ op: 'add', path: '/status', value: { conditions } }];
    return this.csrs({ verb: 'patch', name: 'jane', subresource: 'approval', patchType: 'json', user, body });
  }
}

const message = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
};

describe('a request for a certificate', () => {
  test('says who made it, whatever it says itself', () => {
    const rig = new Guarded();
    expect(rig.csr().spec).toMatchObject({ username: 'root', groups: ['system:masters'] });
  });

  test('for clients does not ask for the masters', () => {
    const rig = new Guarded();
    expect(message(() => rig.csr('kubernetes.io/kube-apiserver-client', 'O=system:masters'))).toContain(
      'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    );
  });

  test('is approved at its own address, once, with times', () => {
    const rig = new Guarded();
    rig.csr();
    const { status } = rig.decide('Approved');
    expect(status?.conditions).toMatchObject([
      { type: 'Approved', lastUpdateTime: expect.any(String), lastTransitionTime: expect.any(String) },
    ]);
    expect(message(() => rig.decide('Denied'))).toBe(
      'CertificateSigningRequest.certificates.k8s.io "jane" is invalid: status.conditions: Forbidden: ' +
        'updates may not remove a condition of type "Approved"',
    );
    expect(message(() => rig.decide('Approved', ADMIN, 'False'))).toContain(
      'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
    );
  });

  test('is approved by those who may approve for its signer', () => {
    const rig = new Guarded();
    rig.csr();
    rig.allow('jane', [
      'get,update,patch certificatesigningrequests,certificatesigningrequests/approval certificates.k8s.io',
    ]);
    expect(message(() => rig.decide('Approved', JANE))).toBe(
      'certificatesigningrequests.certificates.k8s.io "jane" is forbidden: ' +
        'user not permitted to approve requests with signerName "example.com/reader"',
    );
    const approver = { ...JANE, username: 'approver' };
    rig.allow('approver', [
      'patch certificatesigningrequests/approval certificates.k8s.io',
      'approve signers certificates.k8s.io example.com/*',
    ]);
    expect(rig.decide('Approved', approver).status?.conditions?.[0]?.type).toBe('Approved');
  });

  test('is signed once, and not approved by its signer', () => {
    const rig = new Guarded();
    rig.csr();
    const sign = (value: object): CertificateSigningRequest =>
      rig.csrs({ verb: 'patch', name: 'jane', subresource: 'status', patchType: 'merge', body: { status: value } });
    const refused = (value: object): string => message(() => sign(value));
    expect(refused({ conditions: [{ type: 'Approved', status: 'True' }] })).toContain(
      'updates may not add a condition of type "Approved"',
    );
    expect(refused({ certificate: btoa('nonsense') })).toContain('must contain at least one CERTIFICATE PEM block');
    expect(refused({ certificate: pem('RSA PRIVATE KEY', 'x') })).toContain(
      'only CERTIFICATE PEM blocks are allowed, found "RSA PRIVATE KEY"',
    );
    expect(sign({ certificate: pem('CERTIFICATE', 'x') }).status?.certificate).toBeDefined();
    expect(refused({ certificate: pem('CERTIFICATE', 'y') })).toContain(
      'updates may not modify existing certificate content',
    );
  });
});
