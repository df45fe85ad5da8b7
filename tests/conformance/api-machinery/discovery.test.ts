import { describe, expect, test } from 'vitest';
import { discovered } from '../api-operations.ts';
import { raw, request } from '../client.ts';
import { defineKind } from '../custom-resources.ts';
import { until } from '../scene.ts';

interface GroupDiscovery {
  readonly metadata: { readonly name?: string };
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly { readonly resource: string }[];
  }[];
}

interface ApiGroup {
  readonly name: string;
  readonly versions: readonly { readonly groupVersion: string; readonly version: string }[];
  readonly preferredVersion: { readonly groupVersion: string; readonly version: string };
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const BUILT_IN = [
  ['admissionregistration.k8s.io', 'v1', 'validatingwebhookconfigurations'],
  ['apiextensions.k8s.io', 'v1', 'customresourcedefinitions'],
  ['apiregistration.k8s.io', 'v1', 'apiservices'],
  ['apps', 'v1', 'deployments'],
  ['authentication.k8s.io', 'v1', 'tokenreviews'],
  ['authorization.k8s.io', 'v1', 'selfsubjectaccessreviews'],
  ['autoscaling', 'v1', 'horizontalpodautoscalers'],
  ['autoscaling', 'v2', 'horizontalpodautoscalers'],
  ['batch', 'v1', 'jobs'],
  ['certificates.k8s.io', 'v1', 'certificatesigningrequests'],
  ['coordination.k8s.io', 'v1', 'leases'],
  ['discovery.k8s.io', 'v1', 'endpointslices'],
  ['events.k8s.io', 'v1', 'events'],
  ['networking.k8s.io', 'v1', 'ingresses'],
  ['node.k8s.io', 'v1', 'runtimeclasses'],
  ['policy', 'v1', 'poddisruptionbudgets'],
  ['scheduling.k8s.io', 'v1', 'priorityclasses'],
  ['storage.k8s.io', 'v1', 'csinodes'],
] as const;

/** Everything that an aggregated document names: `apps/v1/deployments`. */
async function aggregated(path: string, accept = AGGREGATED): Promise<Set<string>> {
  const response = await raw('GET', path, undefined, { accept });
  expect(response.headers.get('content-type')).toBe(AGGREGATED);
  const { items } = (await response.json()) as { items: GroupDiscovery[] };
  return new Set(
    items.flatMap(({ metadata, versions }) =>
      versions.flatMap(({ version, resources }) =>
        resources.map(({ resource }) => `${metadata.name ?? ''}/${version}/${resource}`),
      ),
    ),
  );
}

/** What client-go asks for first: the newest form that it knows, then older ones. */
const AS_CLIENTS_ASK = `${AGGREGATED},application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json`;

describe('[sig-api-machinery] AggregatedDiscovery', () => {
  test('Aggregated Discovery Endpoint Accept Headers', async () => {
    const found = await aggregated('/apis');
    for (const resource of BUILT_IN) expect(found).toContain(resource.join('/'));
    expect(await aggregated('/api')).toContain('/v1/namespaces');
  });

  test('Aggregated Discovery Endpoint Accept Headers CRDs', async () => {
    const { group, plural } = await defineKind();
    await until(
      () => aggregated('/apis'),
      (found) => found.has(`${group}/v1/${plural}`),
    );
  });

  test('Aggregated Discovery Interface', async () => {
    const found = await aggregated('/apis', AS_CLIENTS_ASK);
    for (const resource of BUILT_IN) expect(found).toContain(resource.join('/'));
    expect(await aggregated('/api', AS_CLIENTS_ASK)).toContain('/v1/namespaces');
  });

  test('Aggregated Discovery Interface CRDs', async () => {
    const { group, plural } = await defineKind();
    await until(
      () => aggregated('/apis', AS_CLIENTS_ASK),
      (found) => found.has(`${group}/v1/${plural}`),
    );
  });
});

describe('[sig-api-machinery] Discovery', () => {
  test('Discovery, confirm the groupVersion and a resource from each apiGroup', async () => {
    const { groups } = await request<{ groups: ApiGroup[] }>('GET', '/apis');
    for (const [name, version, resource] of BUILT_IN) {
      const versions = groups.find((group) => group.name === name)?.versions.map(({ groupVersion }) => groupVersion);
      expect(versions).toContain(`${name}/${version}`);
      const list = await request<{ groupVersion: string; resources: { name: string }[] }>(
        'GET',
        `/apis/${name}/${version}`,
      );
      expect(list.groupVersion).toBe(`${name}/${version}`);
      expect(list.resources.map((one) => one.name)).toContain(resource);
    }
  });

  test('Discovery, confirm the PreferredVersion for each api group', async () => {
    const { groups } = await request<{ groups: ApiGroup[] }>('GET', '/apis');
    expect(groups.length).toBeGreaterThan(15);
    for (const { name, versions, preferredVersion } of groups) {
      // Kinds of other tests come and go meanwhile.
      if (name.endsWith('example.com')) continue;
      const group = await request<ApiGroup>('GET', `/apis/${name}`);
      expect(group.preferredVersion).toEqual(preferredVersion);
      expect(versions).toContainEqual(preferredVersion);
    }
  });
});

describe('[sig-api-machinery] discovery documents of extension kinds', () => {
  test('Custom Resource Definition, discovery', () =>
    discovered('apiextensions.k8s.io/v1', 'customresourcedefinitions'));

  test('Admission webhook, discovery document', () =>
    discovered('admissionregistration.k8s.io/v1', 'mutatingwebhookconfigurations', 'validatingwebhookconfigurations'));
});

describe('[sig-api-machinery] server version', () => {
  test('Confirm a server version', async () => {
    const { major, minor } = await request<{ major: string; minor: string }>('GET', '/version');
    expect(major).toMatch(/^\d+$/);
    expect(minor).toMatch(/^\d+$/);
  });
});

describe('[sig-api-machinery] Servers with support for Table transformation', () => {
  test('API metadata HTTP return', async () => {
    const body = JSON.stringify({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { namespace: 'default', verb: 'get', resource: 'pods' } },
    });
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    expect((await raw('POST', path, body, { accept })).status).toBe(406);
  });
});
