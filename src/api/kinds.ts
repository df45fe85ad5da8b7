/** Every kind that the API serves: the one list to which a new kind is added. */
import { DeploymentKind } from './apps/deployment.ts';
import { ReplicaSetKind } from './apps/replica-set.ts';
import { LeaseKind } from './coordination/lease.ts';
import { ConfigMapKind } from './core/config-map.ts';
import { EndpointsKind } from './core/endpoints.ts';
import { EventKind } from './core/event.ts';
import { NamespaceKind } from './core/namespace.ts';
import { NodeKind } from './core/node.ts';
import { PodKind } from './core/pod.ts';
import { SecretKind } from './core/secret.ts';
import { ServiceAccountKind } from './core/service-account.ts';
import { ServiceKind } from './core/service.ts';
import { EndpointSliceKind } from './discovery/endpoint-slice.ts';
import { EventsEventKind } from './events/event.ts';
import type { Kind } from './kind.ts';
import type { KubeObject } from './object.ts';

/** A kind whose object type is not known at compile time: its functions are only ever given its own objects. */
const untyped = <T extends KubeObject>(kind: Kind<T>): Kind => kind as unknown as Kind;

export const kinds: readonly Kind[] = [
  untyped(ConfigMapKind),
  untyped(EndpointsKind),
  untyped(EventKind),
  untyped(NamespaceKind),
  untyped(NodeKind),
  untyped(PodKind),
  untyped(SecretKind),
  untyped(ServiceKind),
  untyped(ServiceAccountKind),
  untyped(DeploymentKind),
  untyped(ReplicaSetKind),
  untyped(LeaseKind),
  untyped(EndpointSliceKind),
  untyped(EventsEventKind),
];

const byKind = new Map(kinds.map((kind) => [`${kind.group}/${kind.version}/${kind.kind}`, kind]));
const byResource = new Map(kinds.map((kind) => [`${kind.group}/${kind.version}/${kind.resource}`, kind]));

/** The kind of this name in a group and version: `findKind('apps', 'v1', 'Deployment')`. */
export const findKind = (group: string, version: string, kind: string): Kind | undefined =>
  byKind.get(`${group}/${version}/${kind}`);

/** The kind served under this plural name: `findResource('apps', 'v1', 'deployments')`. */
export const findResource = (group: string, version: string, resource: string): Kind | undefined =>
  byResource.get(`${group}/${version}/${resource}`);
