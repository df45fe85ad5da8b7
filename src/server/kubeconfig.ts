/** A kubeconfig (as JSON, which is YAML) for a server without certificates. */
export const kubeconfig = (server: string, token: string, namespace = 'default'): string =>
  `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'k8s-cookbook', cluster: { server } }],
      users: [{ name: 'admin', user: { token } }],
      contexts: [{ name: 'k8s-cookbook', context: { cluster: 'k8s-cookbook', user: 'admin', namespace } }],
      'current-context': 'k8s-cookbook',
    },
    undefined,
    2,
  )}\n`;
