import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { UserInfo } from '../apiserver/index.ts';

/** What a connection says of who is at its other end. */
export type Presented = { readonly user: UserInfo } | 'nothing' | 'not to be trusted';

const listOf = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/**
 * Who a client certificate is of: the subject's common name is the user, its organizations are the groups
 * (--client-ca-file). Certificates of other authorities are good for nothing.
 */
export function presentedBy({ socket }: IncomingMessage): Presented {
  const { authorized, getPeerCertificate } = socket as Partial<TLSSocket>;
  const certificate = getPeerCertificate?.call(socket);
  if (!certificate || Object.keys(certificate).length === 0) return 'nothing';
  const { CN, O } = certificate.subject as { readonly CN?: string | string[]; readonly O?: string | string[] };
  const [username] = listOf(CN);
  if (!authorized || !username) return 'not to be trusted';
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  return {
    user: {
      username,
      groups: [...listOf(O), 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
    },
  };
}
