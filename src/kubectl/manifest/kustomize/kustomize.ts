import { CliError } from '../errors.ts';
import type { KubectlIo } from '../io.ts';
import { isObject, list, record, strings, text, withAt, type Obj } from '../value.ts';
import { configMapHash } from './name-hash.ts';
import { readDocuments } from './documents.ts';
import { readText } from './files.ts';
import { readYaml } from './yaml-read.ts';

const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** The part of Kustomize that manifests of the handbook use: resources, name affixes, namespace, labels, generators, images. */
export const kustomize = (io: KubectlIo, folder: string): Obj[] => {
  const root = folder.replace(/\/+$/, '');
  const join = (path: string): string => (root === '.' || root === '' ? path : `${root}/${path}`);
  const name = NAMES.find((candidate) => readText(io, join(candidate)) !== undefined);
  if (name === undefined)
    throw new CliError(
      `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${folder}'`,
    );
  const spec = readYaml(readText(io, join(name))!) as Obj;
  const objects = strings(spec, 'resources').flatMap((resource) => {
    const content = readText(io, join(resource));
    if (content === undefined) return kustomize(io, join(resource));
    return readDocuments(content, resource, { validate: false }).map((document) => {
      if ('error' in document) throw document.error;
      return document.object;
    });
  });
  const generated = list(spec, 'configMapGenerator').map((generator) => generatedConfigMap(io, join, generator, spec));
  const labels = Object.assign(
    {},
    ...list(spec, 'labels').map((each) => record(each, 'pairs')),
    record(spec, 'commonLabels'),
  ) as Record<string, string>;
  return [...objects.map((object) => renamed(object, spec)), ...generated]
    .map((object) => finished(object, spec, labels))
    .sort(byOrder);
};

const ORDER = ['Namespace', 'ResourceQuota', 'ServiceAccount', 'Role', 'RoleBinding', 'ConfigMap', 'Secret', 'Service'];
const rank = (object: Obj): number => {
  const found = ORDER.indexOf(text(object, 'kind'));
  return found < 0 ? ORDER.length : found;
};
const byOrder = (a: Obj, b: Obj): number => rank(a) - rank(b);

const renamed = (object: Obj, spec: Obj): Obj =>
  withAt(
    object,
    ['metadata', 'name'],
    `${text(spec, 'namePrefix')}${text(object, 'metadata', 'name')}${text(spec, 'nameSuffix')}`,
  );

const generatedConfigMap = (io: KubectlIo, join: (path: string) => string, generator: Obj, spec: Obj): Obj => {
  const data: Record<string, string> = {};
  for (const literal of strings(generator, 'literals'))
    data[literal.slice(0, literal.indexOf('='))] = literal.slice(literal.indexOf('=') + 1);
  for (const file of strings(generator, 'files')) {
    const [key, path] = file.includes('=')
      ? (file.split('=') as [string, string])
      : [file.slice(file.lastIndexOf('/') + 1), file];
    const content = readText(io, join(path));
    if (content === undefined)
      throw new CliError(
        `loading KV pairs: file sources: [${file}]: evalsymlink failure on '${path}' : no such file or directory`,
      );
    data[key] = content;
  }
  const object: Obj = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: text(generator, 'name') }, data };
  const named = renamed(object, spec);
  const hash = configMapHash(withAt(named, ['metadata', 'name'], text(generator, 'name')));
  return withAt(named, ['metadata', 'name'], `${text(named, 'metadata', 'name')}-${hash}`);
};

const finished = (object: Obj, spec: Obj, labels: Readonly<Record<string, string>>): Obj => {
  let result = object;
  if (text(spec, 'namespace')) result = withAt(result, ['metadata', 'namespace'], text(spec, 'namespace'));
  if (Object.keys(labels).length > 0)
    result = withAt(result, ['metadata', 'labels'], { ...record(result, 'metadata', 'labels'), ...labels });
  const annotations = record(spec, 'commonAnnotations');
  if (Object.keys(annotations).length > 0)
    result = withAt(result, ['metadata', 'annotations'], {
      ...record(result, 'metadata', 'annotations'),
      ...annotations,
    });
  const images = list(spec, 'images');
  return images.length > 0 ? (withImages(result, images) as Obj) : result;
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
  const tag = text(found, 'newTag');
  return `${text(found, 'newName') || name}${tag ? `:${tag}` : image.slice(name.length)}`;
};
