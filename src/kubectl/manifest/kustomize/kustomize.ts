import { CliError } from '../../errors.ts';
import { goQuote } from '../../go-format.ts';
import type { KubectlIo } from '../../io.ts';
import { text, withAt, type Obj } from '../../value.ts';
import { readDocuments } from '../documents.ts';
import { readText } from '../files.ts';
import { configMapHash, secretHash } from '../name-hash.ts';
import { readYaml } from '../yaml-read.ts';
import { generate } from './generators.ts';
import { patched } from './patches.ts';
import { withReferences } from './references.ts';
import { nameOf, newResource, renamed, type Resource } from './resource.ts';
import { sourcesOf, transformed } from './transformers.ts';

const FILES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
const FIELDS = new Set(
  `apiVersion kind metadata resources bases namePrefix nameSuffix namespace labels commonLabels commonAnnotations
   configMapGenerator secretGenerator generatorOptions images replicas patches patchesStrategicMerge patchesJson6902
   components configurations crds generators transformers validators helmCharts helmGlobals openapi replacements
   sortOptions vars buildMetadata`.split(/\s+/),
);
/** Fields that Kustomize would rather not see any more, and what stands for them. */
const DEPRECATED: Readonly<Record<string, string>> = {
  bases: 'resources',
  commonLabels: 'labels',
  patchesJson6902: 'patches',
  patchesStrategicMerge: 'patches',
  vars: 'replacements',
};

/**
 * What a kustomization builds: resources and bases, generators, patches, name affixes, namespace, labels, annotations,
 * replicas and images, with references following names. Components, replacements and Helm charts are not built.
 * https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
 */
export const kustomize = (io: KubectlIo, folder: string): Obj[] => {
  const resources = build(io, folder === '.' ? '' : folder.replace(/^\.\//, '').replace(/\/+$/, ''), folder).map(
    (resource) => (resource.hashed ? renamed(resource, `${nameOf(resource)}-${hashOf(resource.object)}`) : resource),
  );
  return withReferences(resources).sort(byOrder);
};

/** Of the content alone: another prefix does not make another version of it. */
const hashOf = (object: Obj): string => {
  const nameless = withAt(object, ['metadata', 'name'], '');
  return object['kind'] === 'Secret' ? secretHash(nameless) : configMapHash(nameless);
};

/** `o/../b` is `b`. */
const joined = (folder: string, path: string): string => {
  const parts: string[] = [];
  for (const part of [...folder.split('/'), ...path.split('/')]) {
    if (part === '..' && parts.length > 0) parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
};

const build = (io: KubectlIo, folder: string, said: string): Resource[] => {
  const read = (path: string): string | undefined => readText(io, joined(folder, path));
  const file = FILES.find((candidate) => read(candidate) !== undefined);
  if (file === undefined)
    throw new CliError(
      `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${said}'`,
    );
  const spec = (readYaml(read(file)!) ?? {}) as Obj;
  for (const field of Object.keys(spec)) {
    if (!FIELDS.has(field)) throw new CliError(`invalid Kustomization: json: unknown field ${goQuote(field)}`);
    if (DEPRECATED[field])
      io.stderr(
        `# Warning: '${field}' is deprecated. Please use '${DEPRECATED[field]}' instead. Run 'kustomize edit fix' to update your Kustomization automatically.\n`,
      );
  }
  const resources = sourcesOf(spec).flatMap((source) => {
    const content = read(source);
    if (content === undefined) return build(io, joined(folder, source), joined(folder, source));
    return readDocuments(content, source, { validate: false }).map((document) => {
      if ('error' in document) throw document.error;
      return newResource(document.object);
    });
  });
  return patched([...resources, ...generate(spec, read)], spec, read).map((resource) => transformed(resource, spec));
};

/** What others need comes first, what may stop them last. */
const FIRST = `Namespace ResourceQuota StorageClass CustomResourceDefinition ServiceAccount PodSecurityPolicy Role
  ClusterRole RoleBinding ClusterRoleBinding ConfigMap Secret Endpoints Service LimitRange PriorityClass PersistentVolume
  PersistentVolumeClaim Deployment StatefulSet CronJob PodDisruptionBudget`.split(/\s+/);
const LAST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

const rank = (object: Obj): number => {
  const kind = text(object, 'kind');
  const first = FIRST.indexOf(kind);
  return first >= 0 ? first : FIRST.length + 1 + LAST.indexOf(kind);
};
const placeOf = (object: Obj): string =>
  ['kind', 'apiVersion'].map((field) => text(object, field)).join('/') +
  `/${text(object, 'metadata', 'namespace')}/${text(object, 'metadata', 'name')}`;
const byOrder = (a: Obj, b: Obj): number => rank(a) - rank(b) || (placeOf(a) < placeOf(b) ? -1 : 1);
