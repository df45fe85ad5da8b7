import type { CertificateRequest } from './certificate-request.ts';

/** The signers that kube-controller-manager signs for. */
export const Signer = {
  kubeletServing: 'kubernetes.io/kubelet-serving',
  kubeletClient: 'kubernetes.io/kube-apiserver-client-kubelet',
  client: 'kubernetes.io/kube-apiserver-client',
  legacy: 'kubernetes.io/legacy-unknown',
} as const;

/** The usages are these, with or without key encipherment. */
function usagesAre(usages: readonly string[], ...wanted: readonly string[]): boolean {
  const rest = usages.filter((usage) => usage !== 'key encipherment');
  return rest.length === wanted.length && wanted.every((usage) => rest.includes(usage));
}

const isOfNodes = ({ organizations }: CertificateRequest): boolean => organizations.join() === 'system:nodes';
const isNode = ({ commonName }: CertificateRequest): boolean => commonName.startsWith('system:node:');

/** What is wrong with a request for the certificate by which a kubelet shows itself to the API server, if anything. */
export function kubeletClientProblem(request: CertificateRequest, usages: readonly string[]): string | undefined {
  const { names } = request;
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (names.dns > 0) return 'DNS subjectAltNames are not allowed';
  if (names.email > 0) return 'Email subjectAltNames are not allowed';
  if (names.ip > 0) return 'IP subjectAltNames are not allowed';
  if (names.uri > 0) return 'URI subjectAltNames are not allowed';
  if (!isNode(request)) return 'subject common name does not begin with system:node:';
  return usagesAre(usages, 'digital signature', 'client auth')
    ? undefined
    : 'usages did not match [client auth digital signature key encipherment]';
}

/** The same for the certificate of a kubelet's own server. */
function kubeletServingProblem(request: CertificateRequest, usages: readonly string[]): string | undefined {
  const { names } = request;
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (names.dns + names.ip === 0) return 'DNS or IP subjectAltName is required';
  if (names.email > 0) return 'Email subjectAltNames are not allowed';
  if (names.uri > 0) return 'URI subjectAltNames are not allowed';
  if (!usagesAre(usages, 'digital signature', 'server auth'))
    return 'usages did not match [digital signature key encipherment server auth]';
  return isNode(request) ? undefined : 'subject common name does not begin with system:node:';
}

const CLIENT_USAGES: readonly string[] = ['digital signature', 'key encipherment', 'client auth'];

function clientProblem(usages: readonly string[]): string | undefined {
  const other = usages.find((usage) => !CLIENT_USAGES.includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

/** Whether a signer's certificates are signed here, and why not this one. */
export function signerProblem(
  signer: string,
  request: CertificateRequest,
  usages: readonly string[],
): string | undefined {
  switch (signer) {
    case Signer.kubeletServing:
      return kubeletServingProblem(request, usages);
    case Signer.kubeletClient:
      return kubeletClientProblem(request, usages);
    case Signer.client:
      return clientProblem(usages);
    default:
      return undefined;
  }
}
