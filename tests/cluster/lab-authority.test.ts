import { expect, test } from 'vitest';
import { labAuthority } from '../../src/cluster/lab-authority.ts';
import { CertificateAuthority } from '../../src/controllers/certificates/authority.ts';
import { DEFAULT_EPOCH_MS, Random } from '../../src/kernel/index.ts';

test('the authority of labs has the certificate that it would make', () => {
  const made = new CertificateAuthority(new Random(1, 'kubeadm/ca'), DEFAULT_EPOCH_MS);
  expect(labAuthority().certificate).toBe(made.certificate);
});
