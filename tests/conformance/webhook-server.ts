/** A webhook of agnhost in the cluster, and configurations that ask it about one namespace. */
import { resource, type Resource } from './client.ts';
import { deployments, endpointSlices, namespaces, services } from './kinds.ts';
import { AGNHOST, afterwards, namespace, template, unique, until } from './scene.ts';
import type { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from '../../src/api/types.ts';

export const mutatingConfigurations = resource<MutatingWebhookConfiguration>(
  'admissionregistration.k8s.io/v1',
  'mutatingwebhookconfigurations',
);
export const validatingConfigurations = resource<ValidatingWebhookConfiguration>(
  'admissionregistration.k8s.io/v1',
  'validatingwebhookconfigurations',
);

export interface WebhookServer {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

const PORT = 8444;

/** Runs a server of webhooks behind a Service, and waits until it can be asked. */
export async function webhookServer(command = 'webhook'): Promise<WebhookServer> {
  const ns = await namespace();
  const name = 'e2e-test-webhook';
  const labels = { app: name };
  const container = {
    image: AGNHOST,
    args: [command, `--port=${PORT}`],
    ports: [{ containerPort: PORT }],
    readinessProbe: { httpGet: { scheme: 'HTTPS', port: PORT, path: '/readyz' }, periodSeconds: 1 },
  };
  await deployments(ns).create({
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template: template(labels, container) },
  });
  await services(ns).create({
    metadata: { name },
    spec: { selector: labels, ports: [{ port: 8443, targetPort: PORT }] },
  });
  await until(
    () => endpointSlices(ns).list({ labelSelector: `kubernetes.io/service-name=${name}` }),
    ({ items }) => items.some((one) => one.endpoints?.some(({ conditions }) => conditions?.ready)),
  );
  return { namespace: ns, name, port: 8443 };
}

/** What webhooks are asked about. */
export const rule = (
  resources: string,
  operations: readonly string[] = ['CREATE'],
  apiGroups: readonly string[] = [''],
  apiVersions: readonly string[] = ['v1'],
): object => ({ apiGroups, apiVersions, operations, resources: [resources] });

/** A namespace whose requests webhooks can be asked about, and no others. */
export async function hookedNamespace(): Promise<{ readonly ns: string; readonly selector: object }> {
  const ns = await namespace();
  await namespaces().patch(ns, { metadata: { labels: { [ns]: 'true' } } });
  return { ns, selector: { matchLabels: { [ns]: 'true' } } };
}

let hooks = 0;

/** A webhook that asks a path of a server. */
export const webhook = (
  { namespace: ns, name, port }: WebhookServer,
  path: string,
  rules: readonly object[],
  rest: object = {},
): object => ({
  name: `hook-${hooks++}.k8s.io`,
  sideEffects: 'None',
  admissionReviewVersions: ['v1', 'v1beta1'],
  clientConfig: { service: { namespace: ns, name, path, port } },
  rules,
  ...rest,
});

/** Registers webhooks; the name of their configuration. */
export async function register(
  configurations: (ns?: string) => Resource<MutatingWebhookConfiguration | ValidatingWebhookConfiguration>,
  ...webhooks: readonly object[]
): Promise<string> {
  const name = unique('e2e-test-webhook');
  afterwards(() => configurations().delete(name));
  await configurations().create({ metadata: { name }, webhooks });
  return name;
}
