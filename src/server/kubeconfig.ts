/** What a kubeconfig calls its one cluster, user and context; kubectl shows them in some of its messages. */
export interface KubeconfigNames {
  readonly cluster: string;
  readonly user: string;
  readonly context: string;
}

const NAMES: KubeconfigNames = { cluster: 'k8s-cookbook', user: 'admin', context: 'k8s-cookbook' };

/** The names that the rig of the recordings had. */
export const RIG_NAMES: KubeconfigNames = { cluster: 'k', user: 'u', context: 'c' };

export interface KubeconfigOptions {
  readonly namespace?: string;
  readonly names?: KubeconfigNames;
}

/** A kubeconfig (as JSON, which is YAML) for a server without certificates. */
export const kubeconfig = (
  server: string,
  token: string,
  { namespace = 'default', names: { cluster, user, context } = NAMES }: KubeconfigOptions = {},
): string =>
  `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: cluster, cluster: { server } }],
      users: [{ name: user, user: { token } }],
      contexts: [{ name: context, context: { cluster, user, namespace } }],
      'current-context': context,
    },
    undefined,
    2,
  )}\n`;
