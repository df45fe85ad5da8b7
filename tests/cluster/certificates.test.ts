import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CertificateSigningRequestKind } from '../../src/api/certificates/certificate-signing-request.ts';
import { ClusterRoleBindingKind } from '../../src/api/rbac/cluster-role-binding.ts';
import { ConfigMapKind } from '../../src/api/index.ts';
import type { CertificateSigningRequest } from '../../src/api/types.ts';
import { createCluster, nodeUser, RECORDING_RIG, type Cluster } from '../../src/cluster/index.ts';
import requests from './certificate-requests.json' with { type: 'json' };

function start(): Cluster {
  const cluster = createCluster({ seed: 1, ...RECORDING_RIG, nodes: 1 });
  cluster.kernel.runFor(10_000);
  return cluster;
}

interface Ask {
  readonly request: string;
  readonly signerName: string;
  readonly usages: string[];
  readonly user?: ReturnType<typeof nodeUser>;
}

function ask(cluster: Cluster, { user, ...spec }: Ask): CertificateSigningRequest {
  const client = cluster.client('kubectl', user).resource(CertificateSigningRequestKind);
  client.create({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'mine' },
    spec: { ...spec, request: btoa(spec.request) } as CertificateSigningRequest['spec'],
  });
  return settled(cluster);
}

function settled(cluster: Cluster): CertificateSigningRequest {
  cluster.kernel.runFor(1_000);
  return cluster.client().resource(CertificateSigningRequestKind).get('mine');
}

function approve(cluster: Cluster): CertificateSigningRequest {
  const client = cluster.client().resource(CertificateSigningRequestKind);
  const request = client.get('mine');
  client.subresource('mine', undefined, 'approval', 'update', {
    ...request,
    status: { conditions: [{ type: 'Approved', status: 'True', reason: 'Test', message: 'because' }] },
  });
  return settled(cluster);
}

const certificateOf = ({ status }: CertificateSigningRequest): X509Certificate =>
  new X509Certificate(atob(status?.certificate ?? ''));

const authority = (cluster: Cluster): X509Certificate =>
  new X509Certificate(
    cluster.client().resource(ConfigMapKind).get('kube-root-ca.crt', 'default').data?.['ca.crt'] ?? '',
  );

describe('a request for a certificate', () => {
  const client = {
    request: requests.jane,
    signerName: 'kubernetes.io/kube-apiserver-client',
    usages: ['client auth', 'digital signature'],
  };

  test('waits until somebody approves it, and is signed by the authority that every namespace knows', () => {
    const cluster = start();
    expect(ask(cluster, client).status).toEqual({});
    const certificate = certificateOf(approve(cluster));
    const ca = authority(cluster);
    expect(ca.subject).toBe('CN=kubernetes');
    expect(ca.ca && ca.verify(ca.publicKey)).toBe(true);
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.checkIssued(ca)).toBe(true);
    expect(certificate.subject).toBe('O=devs\nCN=jane');
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)).toBe(365 * 24 * 3_600_000);
  });

  test('fails where the signer may not sign such', () => {
    const cluster = start();
    ask(cluster, { ...client, usages: ['server auth'] });
    expect(approve(cluster).status).toMatchObject({
      conditions: [
        { type: 'Approved' },
        {
          type: 'Failed',
          reason: 'SignerValidationFailure',
          message: 'invalid usage for client certificate: server auth',
        },
      ],
    });
  });

  test('of a kubelet for itself is approved at once where kubelets may have that', () => {
    const cluster = start();
    // As kubeadm has it.
    cluster
      .client()
      .resource(ClusterRoleBindingKind)
      .create({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'kubeadm:node-autoapprove-certificate-rotation' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
        },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:nodes' }],
      });
    const request = ask(cluster, {
      request: requests.node,
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['client auth', 'digital signature', 'key encipherment'],
      user: nodeUser('node-1'),
    });
    expect(request.status?.conditions).toMatchObject([
      {
        type: 'Approved',
        reason: 'AutoApproved',
        message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
      },
    ]);
    expect(certificateOf(request).subject).toBe('O=system:nodes\nCN=system:node:node-1');
  });

  test('goes an hour after it was signed, a day after it was made when nobody decides', () => {
    const count = (cluster: Cluster): number =>
      cluster.client().resource(CertificateSigningRequestKind).list().items.length;
    const signed = start();
    ask(signed, client);
    approve(signed);
    signed.kernel.runFor(50 * 60_000);
    expect(count(signed)).toBe(1);
    signed.kernel.runFor(80 * 60_000);
    expect(count(signed)).toBe(0);
    const pending = start();
    ask(pending, client);
    pending.kernel.runFor(23 * 3_600_000);
    expect(count(pending)).toBe(1);
    pending.kernel.runFor(3 * 3_600_000);
    expect(count(pending)).toBe(0);
  });
});
