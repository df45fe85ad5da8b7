import { CertificateAuthority } from '../controllers/certificates/authority.ts';
import { DEFAULT_EPOCH_MS, Random } from '../kernel/index.ts';

/** What the authority below certifies itself with; a test holds it to what it would make. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBgDCCASegAwIBAgIQGuXUXSwXauCPW4JkgRqffDAKBggqhkjOPQQDAjAVMRMw
EQYDVQQDDAprdWJlcm5ldGVzMB4XDTI1MTIzMTIzNTUwMFoXDTM1MTIzMDAwMDAw
MFowFTETMBEGA1UEAwwKa3ViZXJuZXRlczBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABDKrZcbUJ4x2hMfFyh4p64mpvwK8Xk3zoMEX5AQyoheLKoZctPHI3uXd5gxH
uPuqm9y0FJvjtjYvv3ONDfypwCmjWTBXMA4GA1UdDwEB/wQEAwICpDAPBgNVHRMB
Af8EBTADAQH/MB0GA1UdDgQWBBR20MkUIrKlY/e8CaNXmQLhqkInxDAVBgNVHREE
DjAMggprdWJlcm5ldGVzMAoGCCqGSM49BAMCA0cAMEQCIG0RR1RtKUSj/8mLuZ8E
cIqeL4eFlGufeZcz2EM3/Qx9AiAOsG9retnwA3VgMCsEo1EEzjkyJT3Ux5JfyyTY
IWOx4A==
-----END CERTIFICATE-----
`;

/**
 * The authority of all clusters that start when labs do. They share one, whatever their seed, because it is known
 * beforehand: making it would take a lab's worker longer than anything else it starts with.
 */
export const labAuthority = (): CertificateAuthority =>
  new CertificateAuthority(new Random(1, 'kubeadm/ca'), DEFAULT_EPOCH_MS, CERTIFICATE);
