import { at, isObject, list, record, strings, text, withAt, type Obj } from '../../value.ts';
import { kindOf, nameOf, renamed, type Resource } from './resource.ts';

const CLUSTER_SCOPED = new Set([
  'APIService',
  'CSIDriver',
  'CSINode',
  'CertificateSigningRequest',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'DeviceClass',
  'FlowSchema',
  'IngressClass',
  'MutatingWebhookConfiguration',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'PriorityLevelConfiguration',
  'ResourceSlice',
  'RuntimeClass',
  'StorageClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'VolumeAttachment',
]);
/** Names that mean something to others than their author. */
const KEEPS_NAME = new Set(['APIService', 'CustomResourceDefinition', 'Namespace']);
const WITH_TEMPLATE = new Set(['DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'ReplicationController', 'StatefulSet']);
const WITH_MATCH_LABELS = new Set(['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet']);
const SCALED = new Set(['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet']);

type Labels = Readonly<Record<string, string>>;

const added = (object: Obj, path: readonly string[], values: Labels): Obj =>
  Object.keys(values).length === 0 ? object : withAt(object, path, { ...record(object, ...path), ...values });

/** Where the Pod template's metadata is, and that of the Job template. */
const templates = (kind: string): readonly (readonly string[])[] => {
  if (WITH_TEMPLATE.has(kind)) return [['spec', 'template', 'metadata']];
  if (kind !== 'CronJob') return [];
  return [
    ['spec', 'jobTemplate', 'metadata'],
    ['spec', 'jobTemplate', 'spec', 'template', 'metadata'],
  ];
};

const labelled = (object: Obj, labels: Labels, inTemplates: boolean, inSelectors: boolean): Obj => {
  const kind = text(object, 'kind');
  let out = added(object, ['metadata', 'labels'], labels);
  if (inTemplates || inSelectors) for (const path of templates(kind)) out = added(out, [...path, 'labels'], labels);
  if (!inSelectors) return out;
  if (WITH_MATCH_LABELS.has(kind)) out = added(out, ['spec', 'selector', 'matchLabels'], labels);
  if (kind === 'Service' || kind === 'ReplicationController') out = added(out, ['spec', 'selector'], labels);
  if (kind === 'PodDisruptionBudget' && at(out, 'spec', 'selector', 'matchLabels'))
    out = added(out, ['spec', 'selector', 'matchLabels'], labels);
  if (kind === 'NetworkPolicy' && at(out, 'spec', 'podSelector', 'matchLabels'))
    out = added(out, ['spec', 'podSelector', 'matchLabels'], labels);
  return out;
};

const annotated = (object: Obj, annotations: Labels): Obj => {
  let out = added(object, ['metadata', 'annotations'], annotations);
  for (const path of templates(text(object, 'kind'))) out = added(out, [...path, 'annotations'], annotations);
  return out;
};

const withImages = (value: unknown, images: readonly Obj[]): unknown => {
  if (Array.isArray(value)) return value.map((item) => withImages(item, images));
  if (!isObject(value)) return value;
  const copy: Obj = {};
  for (const [key, each] of Object.entries(value))
    copy[key] = key === 'image' && typeof each === 'string' ? newImage(each, images) : withImages(each, images);
  return copy;
};

const newImage = (image: string, images: readonly Obj[]): string => {
  const name = image.replace(/[:@][^/]*$/, '');
  const found = images.find((each) => each['name'] === name);
  if (!found) return image;
  const [tag, digest] = [text(found, 'newTag'), text(found, 'digest')];
  const version = digest ? `@${digest}` : tag ? `:${tag}` : image.slice(name.length);
  return `${text(found, 'newName') || name}${version}`;
};

/** Namespace, name affixes, labels, annotations, replicas and images of a kustomization. */
export const transformed = (resource: Resource, spec: Obj): Resource => {
  const kind = kindOf(resource);
  let out = resource;
  const change = (object: Obj): void => void (out = { ...out, object });
  const namespace = text(spec, 'namespace');
  if (namespace && kind === 'Namespace') out = renamed(out, namespace);
  else if (namespace && !CLUSTER_SCOPED.has(kind)) change(withAt(out.object, ['metadata', 'namespace'], namespace));
  const [prefix, suffix] = [text(spec, 'namePrefix'), text(spec, 'nameSuffix')];
  if ((prefix || suffix) && !KEEPS_NAME.has(kind)) out = renamed(out, `${prefix}${nameOf(out)}${suffix}`);
  for (const each of list(spec, 'labels'))
    change(
      labelled(out.object, record(each, 'pairs'), each['includeTemplates'] === true, each['includeSelectors'] === true),
    );
  change(labelled(out.object, record(spec, 'commonLabels'), true, true));
  change(annotated(out.object, record(spec, 'commonAnnotations')));
  for (const { name, count } of list(spec, 'replicas') as unknown as { name: string; count: number }[])
    if (SCALED.has(kind) && resource.names.includes(name)) change(withAt(out.object, ['spec', 'replicas'], count));
  const images = list(spec, 'images');
  if (images.length > 0) change(withImages(out.object, images) as Obj);
  return out;
};

export const sourcesOf = (spec: Obj): string[] => [...strings(spec, 'resources'), ...strings(spec, 'bases')];
