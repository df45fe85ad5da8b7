import { defineKind } from '../define-kind.ts';
import { mapShared } from '../draft.ts';
import type { Kind } from '../kind.ts';
import { checkDnsLabel } from '../names.ts';
import { matcherOfSet } from '../selector.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Service } from '../types.ts';
import {
  checkService,
  checkServiceStatusUpdate,
  checkServiceUpdate,
  isExternallyReachable,
  serviceWarnings,
} from './service-checks.ts';

type ServicePort = NonNullable<Service['spec']['ports']>[number];

const TIMEOUT_SECONDS = 3 * 60 * 60;

function externalAddress({ spec, status }: Service): string {
  const addresses = (status?.loadBalancer?.ingress ?? []).map((entry) => entry.ip || (entry.hostname ?? ''));
  const ingress = [...new Set(addresses.filter(Boolean))].sort();
  const given = spec.externalIPs ?? [];
  switch (spec.type) {
    case 'ExternalName':
      return spec.externalName ?? '';
    case 'LoadBalancer': {
      const all = [...ingress, ...given];
      return all.length > 0 ? all.join(',') : '<pending>';
    }
    default:
      return given.length > 0 ? given.join(',') : '<none>';
  }
}

const portText = (port: ServicePort): string =>
  `${port.port}${port.nodePort ? `:${port.nodePort}` : ''}/${port.protocol ?? 'TCP'}`;

/** Services: a stable address for a changing set of Pods. Addresses and node ports are allocated by the registry. */
export const ServiceKind: Kind<Service> = defineKind<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  resource: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Service',
  hasStatus: true,
  defaults(draft) {
    const spec = (draft.spec ??= {});
    spec.sessionAffinity ||= 'None';
    if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
    else if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined)
      spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: TIMEOUT_SECONDS } };
    spec.type ||= 'ClusterIP';
    if (spec.ports)
      spec.ports = mapShared(spec.ports, (port) => {
        const targetPort =
          port.targetPort === undefined || port.targetPort === 0 || port.targetPort === ''
            ? port.port
            : port.targetPort;
        return port.protocol && targetPort === port.targetPort
          ? port
          : { ...port, protocol: port.protocol || 'TCP', targetPort };
      });
    if (isExternallyReachable(spec)) spec.externalTrafficPolicy ||= 'Cluster';
    if (spec.internalTrafficPolicy === undefined && spec.type !== 'ExternalName')
      spec.internalTrafficPolicy = 'Cluster';
    if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
    draft.status ??= {};
    draft.status.loadBalancer ??= {};
    const { ingress } = draft.status.loadBalancer;
    if (ingress && spec.type === 'LoadBalancer') {
      const completed = mapShared(ingress, (entry) =>
        entry.ip && !entry.ipMode ? { ...entry, ipMode: 'VIP' } : entry,
      );
      if (completed !== ingress) draft.status.loadBalancer = { ...draft.status.loadBalancer, ingress: completed };
    }
  },
  prepareForCreate(draft) {
    draft.status = { loadBalancer: {} };
  },
  prepareForUpdate(draft, old) {
    if (old.status) draft.status = old.status;
  },
  prepareForStatusUpdate(draft, old) {
    draft.spec = old.spec;
  },
  validateName: checkDnsLabel,
  validate: checkService,
  validateUpdate: checkServiceUpdate,
  validateStatusUpdate: checkServiceStatusUpdate,
  warnings: serviceWarnings,
  selectableFields: {
    'spec.clusterIP': (service) => service.spec.clusterIP ?? '',
    'spec.type': (service) => service.spec.type ?? '',
  },
  columns: [
    nameColumn,
    {
      name: 'Type',
      type: 'string',
      description: 'type determines how the Service is exposed.',
      cell: ({ spec }) => spec.type ?? '',
    },
    {
      name: 'Cluster-IP',
      type: 'string',
      description: 'clusterIP is the IP address of the service and is usually assigned randomly.',
      cell: ({ spec }) => spec.clusterIPs?.[0] || spec.clusterIP || '<none>',
    },
    {
      name: 'External-IP',
      type: 'string',
      description:
        'externalIPs is a list of IP addresses for which nodes in the cluster will also accept traffic for this service.',
      cell: externalAddress,
    },
    {
      name: 'Port(s)',
      type: 'string',
      description: 'The list of ports that are exposed by this service.',
      cell: ({ spec }) => (spec.ports ?? []).map(portText).join(',') || '<none>',
    },
    ageColumn,
    {
      name: 'Selector',
      type: 'string',
      description: 'Route service traffic to pods with label keys and values matching this selector.',
      priority: 1,
      cell: ({ spec }) => matcherOfSet(spec.selector).toString() || '<none>',
    },
  ],
});
