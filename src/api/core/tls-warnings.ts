/** Why a TLS Secret would be of no use to a server (Go's tls.X509KeyPair, as far as the envelope goes). */

interface Pem {
  readonly type: string;
}

const BLOCK = /-----BEGIN ([^\n-]*)-----\s*\n[\s\S]*?\n?-----END \1-----/g;

/** The types of the PEM blocks of a base64 value. */
function blocksOf(value: string | undefined): readonly Pem[] {
  const text = value ? atob(value) : '';
  return [...text.matchAll(BLOCK)].map(([, type = '']) => ({ type }));
}

const listed = (blocks: readonly Pem[]): string => `[${blocks.map(({ type }) => type).join(' ')}]`;

function certificateProblem(blocks: readonly Pem[]): string | undefined {
  if (blocks.some(({ type }) => type === 'CERTIFICATE')) return undefined;
  if (blocks.length === 0) return 'tls: failed to find any PEM data in certificate input';
  if (blocks.length === 1 && blocks[0]!.type.endsWith('PRIVATE KEY'))
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: ${listed(blocks)}`;
}

function keyProblem(blocks: readonly Pem[]): string | undefined {
  if (blocks.some(({ type }) => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY'))) return undefined;
  if (blocks.length === 0) return 'tls: failed to find any PEM data in key input';
  if (blocks.length === 1 && blocks[0]!.type === 'CERTIFICATE')
    return 'tls: found a certificate rather than a key in the PEM for the private key';
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: ${listed(blocks)}`;
}

export function tlsWarnings(data: Readonly<Record<string, string>>): string[] {
  const problem = certificateProblem(blocksOf(data['tls.crt'])) ?? keyProblem(blocksOf(data['tls.key']));
  return problem ? [problem] : [];
}
