import { badRequest, conflict, notFound } from '../../api/errors.ts';
import { formatTime } from '../../api/meta.ts';
import type { UntypedObject } from '../../api/object.ts';
import { BINDING } from '../../api/schema/decode.ts';
import { ApiError } from '../../api/status.ts';
import type { ObjectMeta } from '../../api/object.ts';
import type { Node, Pod, PodCondition } from '../../api/types.ts';
import { topologyLabelsOf } from '../admission/topology-labels.ts';
import { decodeAs } from '../registry/decode-body.ts';
import { admitBody } from './admit-body.ts';
import { created, type Subresource } from './subresource.ts';

interface Binding {
  readonly metadata?: Partial<ObjectMeta>;
  readonly target?: { readonly kind?: string; readonly name?: string };
}

const nodeKey = (name: string): string => `/registry/minions/${name}`;

/** pods/binding: the scheduler's decision. Sets spec.nodeName once, and the PodScheduled condition with it. */
export const binding: Subresource = {
  name: 'binding',
  verbs: ['create'],
  kind: BINDING,
  serve: (registry, scope) => {
    const { endpoint, request, dryRun } = scope;
    const { kind, store } = endpoint;
    const name = request.name!;
    const sent = decodeAs<Binding>(scope, BINDING, request.body);
    if (sent.metadata?.name !== name) throw badRequest('name in URL does not match name in Binding object');
    const body = admitBody(registry, scope, BINDING, sent);
    const asked = body.metadata ?? {};
    const node = checkTarget(body);
    const stored = store.get(request.namespace, name);
    if (!stored) throw notFound(kind, name);
    const pod = stored as unknown as Pod;
    const refuse = (message: string): Error => conflict({ group: '', resource: 'pods/binding' }, name, message);
    const { metadata, spec } = pod;
    if (asked.uid && asked.uid !== metadata.uid) {
      throw refuse(`Precondition failed: UID in precondition: ${asked.uid}, UID in object meta: ${metadata.uid}`);
    }
    if (asked.resourceVersion && asked.resourceVersion !== metadata.resourceVersion) {
      throw refuse(
        `Precondition failed: ResourceVersion in precondition: ${asked.resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`,
      );
    }
    if (metadata.deletionTimestamp) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
    if (spec.nodeName) throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`);
    if (spec.schedulingGates?.length) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`);
    const where = topologyLabelsOf(registry.etcd.get(nodeKey(node))?.value as Node | undefined);
    const next: Pod = {
      ...pod,
      metadata: {
        ...metadata,
        ...merged('annotations', metadata, asked),
        ...merged('labels', metadata, where ? { labels: { ...asked.labels, ...where } } : asked),
      },
      spec: { ...spec, nodeName: node },
      status: {
        ...unnominated(pod.status),
        conditions: scheduled(pod.status?.conditions ?? [], formatTime(registry.kernel.now)),
      },
    };
    if (!dryRun && !store.write(next as unknown as UntypedObject, stored)) throw refuse('the object has been modified');
    return created(scope.warnings);
  },
};

/** The node that a binding names; other targets there are none. */
function checkTarget({ target = {} }: Binding): string {
  const errors: string[] = [];
  if (target.kind && target.kind !== 'Node') {
    errors.push(`target.kind: Unsupported value: ${JSON.stringify(target.kind)}: supported values: "Node", "<empty>"`);
  }
  if (!target.name) errors.push('target.name: Required value');
  if (errors.length === 0) return target.name!;
  throw new ApiError(500, '', errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`);
}

function merged(
  field: 'annotations' | 'labels',
  metadata: ObjectMeta,
  asked: Partial<ObjectMeta>,
): Partial<ObjectMeta> {
  return asked[field] ? { [field]: { ...metadata[field], ...asked[field] } } : {};
}

/** A Pod that has a node needs no nomination any more. */
function unnominated(status: Pod['status']): Pod['status'] {
  if (status?.nominatedNodeName === undefined) return status;
  const { nominatedNodeName: _, ...rest } = status;
  return rest;
}

function scheduled(conditions: readonly PodCondition[], now: string): PodCondition[] {
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null!,
    lastTransitionTime: now,
  };
  const others = conditions.filter(({ type }) => type !== 'PodScheduled');
  return others.concat([condition]);
}
