/** What a kubeconfig calls its one cluster, user and context; kubectl shows them in some of its messages. */
export interface KubeconfigNames {
  readonly cluster: string;
  readonly user: string;
  readonly context: string;
}

const NAMES: KubeconfigNames = { cluster: 'k8s-cookbook', user: 'admin', context: 'k8s-cookbook' };

/** The names that the rig of the recordings had. */
export const RIG_NAMES: KubeconfigNames = { cluster: 'k', user: 'u', context: 'c' };

/** How kubectl and the server know one another by certificates, PEM. */
export interface KubeconfigCertificates {
  readonly authority: string;
  readonly client: { readonly certificate: string; readonly key: string };
}

export interface KubeconfigOptions {
  /** Without them, the user has a token, and the server is taken at its word. */
  readonly tls?: KubeconfigCertificates | undefined;
  readonly namespace?: string;
  readonly names?: KubeconfigNames;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function credentials(token: string, tls: KubeconfigCertificates | undefined): object {
  if (!tls) return { token };
  const { certificate, key } = tls.client;
  return { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) };
}

/** A kubeconfig (as JSON, which is YAML). */
export const kubeconfig = (
  server: string,
  token: string,
  { namespace = 'default', names: { cluster, user, context } = NAMES, tls }: KubeconfigOptions = {},
): string =>
  `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: cluster,
          cluster: { server, ...(tls ? { 'certificate-authority-data': base64(tls.authority) } : {}) },
        },
      ],
      users: [{ name: user, user: credentials(token, tls) }],
      contexts: [{ name: context, context: { cluster, user, namespace } }],
      'current-context': context,
    },
    undefined,
    2,
  )}\n`;
