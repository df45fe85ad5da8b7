/** What the Cluster view draws: Nodes with their Pods inside, Services with the Pods behind them. */
import type { UntypedObject } from '../../../api/object.ts';
import { podCell, type PodCell } from './pod.ts';

export interface NodeBox {
  readonly key: string;
  readonly name: string;
  readonly ready: boolean;
  readonly schedulable: boolean;
  readonly pods: readonly PodCell[];
}

export interface ServiceBox {
  readonly key: string;
  readonly name: string;
  readonly address: string;
  readonly endpoints: readonly { readonly podKey: string; readonly ready: boolean }[];
}

export interface ClusterPicture {
  readonly nodes: readonly NodeBox[];
  readonly services: readonly ServiceBox[];
  /** Pods that no Node runs (yet). */
  readonly unscheduled: readonly PodCell[];
  /** All Pods, in the order of the table. */
  readonly pods: readonly PodCell[];
}

type Objects = ReadonlyMap<string, UntypedObject>;

interface NodeFields {
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface ServiceFields {
  readonly spec?: {
    readonly clusterIP?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly { readonly port: number; readonly protocol?: string }[];
  };
}

interface SliceFields {
  readonly endpoints?: readonly {
    readonly conditions?: { readonly ready?: boolean };
    readonly targetRef?: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
  }[];
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name.localeCompare(b.name, 'en', { numeric: true });

function serviceBox(key: string, service: UntypedObject, slices: Objects): ServiceBox {
  const { name, namespace } = service.metadata;
  const { spec } = service as ServiceFields;
  const endpoints: { podKey: string; ready: boolean }[] = [];
  for (const slice of slices.values()) {
    if (slice.metadata.namespace !== namespace || slice.metadata.labels?.['kubernetes.io/service-name'] !== name)
      continue;
    for (const { conditions, targetRef } of (slice as SliceFields).endpoints ?? []) {
      if (targetRef?.kind !== 'Pod') continue;
      endpoints.push({
        podKey: `/registry/pods/${targetRef.namespace}/${targetRef.name}`,
        ready: conditions?.ready !== false,
      });
    }
  }
  const ports = (spec?.ports ?? []).map(({ port }) => port).join(',');
  return { key, name, address: [spec?.clusterIP, ports].filter(Boolean).join(':'), endpoints };
}

export function clusterPicture(ofKind: (kind: string) => Objects): ClusterPicture {
  const pods = [...ofKind('Pod')].map(([key, pod]) => podCell(key, pod)).sort(byName);
  const onNode = new Map<string, PodCell[]>();
  for (const pod of pods) {
    const list = onNode.get(pod.node);
    if (list) list.push(pod);
    else onNode.set(pod.node, [pod]);
  }
  const nodes = [...ofKind('Node')]
    .map(([key, node]): NodeBox => {
      const { spec, status } = node as NodeFields;
      const ready =
        status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
      const { name } = node.metadata;
      return { key, name, ready, schedulable: spec?.unschedulable !== true, pods: onNode.get(name) ?? [] };
    })
    .sort(byName);
  const services = [...ofKind('Service')]
    // The API server's own Service has no Pods behind it.
    .filter(([, service]) => (service as ServiceFields).spec?.selector)
    .map(([key, service]) => serviceBox(key, service, ofKind('EndpointSlice')))
    .sort(byName);
  const known = new Set(nodes.map(({ name }) => name));
  return { nodes, services, unscheduled: pods.filter(({ node }) => !known.has(node)), pods };
}
