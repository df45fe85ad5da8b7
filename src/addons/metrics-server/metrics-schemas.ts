import type { Kind } from '../../api/kind.ts';

const PACKAGE = 'io.k8s.metrics.pkg.apis.metrics.v1beta1';
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';

const refer = (type: string): object => ({ $ref: `#/components/schemas/${type}` });
const text = { type: 'string' };
const usage = { type: 'object', additionalProperties: refer(QUANTITY) };
const head = { apiVersion: text, kind: text, metadata: refer(`${META}.ObjectMeta`) };
const measured = { timestamp: refer(`${META}.Time`), window: refer(`${META}.Duration`) };

/** The types of metrics.k8s.io/v1beta1 in OpenAPI v3, as metrics-server publishes them at `/openapi/v3`. */
export function metricsDocument(kinds: readonly Kind[]): object {
  const gvk = ({ group, version, kind }: Kind): object[] => [{ group, version, kind }];
  const properties: Readonly<Record<string, object>> = {
    NodeMetrics: { ...head, ...measured, usage },
    PodMetrics: {
      ...head,
      ...measured,
      containers: { type: 'array', items: refer(`${PACKAGE}.ContainerMetrics`), 'x-kubernetes-list-type': 'atomic' },
    },
  };
  const own = kinds.map((kind) => [
    `${PACKAGE}.${kind.kind}`,
    {
      type: 'object',
      required: Object.keys(measured),
      properties: properties[kind.kind],
      'x-kubernetes-group-version-kind': gvk(kind),
    },
  ]);
  const operation = (kind: Kind, action: string): object => ({
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk(kind)[0],
    responses: {
      200: { description: 'OK', content: { 'application/json': { schema: refer(`${PACKAGE}.${kind.kind}`) } } },
    },
  });
  const paths = kinds.flatMap((kind) => {
    const root = `/apis/${kind.group}/${kind.version}`;
    const place = `${root}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.resource}`;
    return [
      [place, { get: operation(kind, 'list') }],
      [`${place}/{name}`, { get: operation(kind, 'get') }],
    ];
  });
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes metrics-server', version: 'v1beta1' },
    paths: Object.fromEntries(paths) as object,
    components: {
      schemas: {
        ...(Object.fromEntries(own) as object),
        [`${PACKAGE}.ContainerMetrics`]: {
          type: 'object',
          required: ['name', 'usage'],
          properties: { name: text, usage },
        },
        [QUANTITY]: text,
        [`${META}.Time`]: { ...text, format: 'date-time' },
        [`${META}.Duration`]: text,
        [`${META}.ObjectMeta`]: {
          type: 'object',
          properties: {
            name: text,
            namespace: text,
            creationTimestamp: refer(`${META}.Time`),
            labels: { type: 'object', additionalProperties: text },
          },
        },
      },
    },
  };
}
