import type { Attributes, Decision } from './authorization.ts';
import type { NodeRelations } from './node-relations.ts';

const ALLOWED: Decision = { allowed: true };
const NO_OPINION: Decision = { allowed: false };

const denied = (reason: string): Decision => ({ allowed: false, reason });

/** Reading of single objects, and watching of them by their name. */
const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

const unrelated = (node: string): Decision => denied(`no relationship found between node '${node}' and this object`);

/** Whether a field selector asks for one value of a field, among whatever else. */
const selects = (selector: string | undefined, field: string, value: string): boolean =>
  (selector ?? '').split(',').some((term) => term === `${field}=${value}` || term === `${field}==${value}`);

function related(node: string, { name }: Attributes, isRelated: (name: string) => boolean): Decision {
  if (!name) return denied('No Object name found');
  return isRelated(name) ? ALLOWED : unrelated(node);
}

function read(node: string, attributes: Attributes, isRelated: (namespace: string, name: string) => boolean): Decision {
  const { verb, subresource, namespace } = attributes;
  if (!READS.has(verb)) return denied('can only read resources of this type');
  if (subresource) return denied('cannot read subresource');
  if (!namespace) return denied('can only read namespaced object of this type');
  return related(node, attributes, (name) => isRelated(namespace, name));
}

function get(node: string, attributes: Attributes, isRelated: (namespace: string, name: string) => boolean): Decision {
  if (attributes.verb !== 'get') return denied('can only get individual resources of this type');
  if (attributes.subresource) return denied('cannot get subresource');
  return related(node, attributes, (name) => isRelated(attributes.namespace ?? '', name));
}

function claimStatus(node: string, attributes: Attributes, relations: NodeRelations): Decision {
  if (attributes.verb !== 'update' && attributes.verb !== 'patch') return denied('can only get/update/patch this type');
  return related(node, attributes, (name) => relations.claim(node, attributes.namespace ?? '', name));
}

function token(node: string, attributes: Attributes, relations: NodeRelations): Decision {
  const { verb, name, subresource, namespace = '' } = attributes;
  if (verb !== 'create' || !name) return denied('can only create tokens for individual service accounts');
  if (subresource !== 'token') return denied('can only create token subresource of serviceaccount');
  return relations.serviceAccount(node, namespace, name) ? ALLOWED : unrelated(node);
}

function nodes(node: string, { verb, name, subresource }: Attributes): Decision {
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? ALLOWED : NO_OPINION;
  if (subresource) return NO_OPINION;
  if (verb === 'create' || verb === 'update' || verb === 'patch') return ALLOWED;
  if (!READS.has(verb)) return NO_OPINION;
  if (name === node) return ALLOWED;
  return denied(
    name
      ? `node '${node}' cannot read '${name}', only its own Node object`
      : `node '${node}' cannot read all nodes, only its own Node object`,
  );
}

function pods(node: string, attributes: Attributes, relations: NodeRelations): Decision {
  const { verb, subresource, namespace = '', name } = attributes;
  const isOwn = (pod: string): boolean => relations.pod(node, namespace, pod);
  switch (subresource) {
    case 'status':
      return verb === 'update' || verb === 'patch' ? ALLOWED : NO_OPINION;
    case 'eviction':
      return verb === 'create' ? ALLOWED : NO_OPINION;
    case undefined:
    case '':
      break;
    default:
      return NO_OPINION;
  }
  switch (verb) {
    case 'create':
    case 'delete':
      return ALLOWED;
    case 'get':
      return related(node, attributes, isOwn);
    case 'list':
    case 'watch':
      if (selects(attributes.fieldSelector, 'spec.nodeName', node)) return ALLOWED;
      if (name) return related(node, attributes, isOwn);
      return denied('can only list/watch pods with spec.nodeName field selector');
    default:
      return NO_OPINION;
  }
}

function resourceSlices(node: string, attributes: Attributes, relations: NodeRelations): Decision {
  if (attributes.subresource) return denied('cannot authorize ResourceSlice subresources');
  switch (attributes.verb) {
    case 'create':
      return ALLOWED;
    case 'get':
    case 'update':
    case 'patch':
    case 'delete':
      return related(node, attributes, (name) => relations.resourceSlice(node, name));
    case 'watch':
    case 'list':
    case 'deletecollection':
      return selects(attributes.fieldSelector, 'spec.nodeName', node)
        ? ALLOWED
        : denied('can only list/watch/deletecollection resourceslices with nodeName field selector');
    default:
      return denied(
        'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
      );
  }
}

/** What a kubelet may do with the resources that belong to some nodes and not to others; undefined for all others. */
export function limitNode(relations: NodeRelations, node: string, attributes: Attributes): Decision | undefined {
  const { group, resource, subresource } = attributes;
  switch (group === '' ? resource : `${resource}.${group}`) {
    case 'pods':
      return pods(node, attributes, relations);
    case 'nodes':
      return nodes(node, attributes);
    case 'secrets':
      return read(node, attributes, (namespace, name) => relations.secret(node, namespace, name));
    case 'configmaps':
      return read(node, attributes, (namespace, name) => relations.configMap(node, namespace, name));
    case 'persistentvolumeclaims':
      return subresource === 'status'
        ? claimStatus(node, attributes, relations)
        : get(node, attributes, (namespace, name) => relations.claim(node, namespace, name));
    case 'persistentvolumes':
      return get(node, attributes, (_, name) => relations.volume(node, name));
    case 'volumeattachments.storage.k8s.io':
      return get(node, attributes, (_, name) => relations.attachment(node, name));
    case 'resourceclaims.resource.k8s.io':
      return get(node, attributes, (namespace, name) => relations.resourceClaim(node, namespace, name));
    case 'resourceslices.resource.k8s.io':
      return resourceSlices(node, attributes, relations);
    case 'serviceaccounts':
      return token(node, attributes, relations);
    default:
      return undefined;
  }
}
