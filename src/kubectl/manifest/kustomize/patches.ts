import { applyJsonPatch, PatchError } from '../../../api/patch/json-patch.ts';
import { applyMergePatch } from '../../../api/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../../api/patch/strategic-merge-patch.ts';
import { SelectorParser } from '../../../api/selector-parser.ts';
import { LabelMatcher } from '../../../api/selector.ts';
import { CliError } from '../../errors.ts';
import { schemaRef } from '../../schema-ref.ts';
import { isObject, list, record, strings, text, type Obj } from '../../value.ts';
import { readYaml } from '../yaml-read.ts';
import type { ReadFile } from './generators.ts';
import { kindOf, type Resource } from './resource.ts';

const versionOf = (object: Obj): { group: string; version: string; kind: string } => {
  const [version = '', group = ''] = text(object, 'apiVersion').split('/').reverse();
  return { group, version, kind: text(object, 'kind') };
};

const fits = (pattern: string, value: string): boolean => pattern === '' || new RegExp(`^(?:${pattern})$`).test(value);

const matchesText = (selector: string, labels: Readonly<Record<string, string>>): boolean =>
  selector === '' || new LabelMatcher(new SelectorParser(selector).parse()).matches(labels);

const isTarget = (resource: Resource, target: Obj): boolean => {
  const { group, version, kind } = versionOf(resource.object);
  return (
    fits(text(target, 'group'), group) &&
    fits(text(target, 'version'), version) &&
    fits(text(target, 'kind'), kind) &&
    (text(target, 'name') === '' || resource.names.some((name) => fits(text(target, 'name'), name))) &&
    fits(text(target, 'namespace'), text(resource.object, 'metadata', 'namespace')) &&
    matchesText(text(target, 'labelSelector'), record(resource.object, 'metadata', 'labels')) &&
    matchesText(text(target, 'annotationSelector'), record(resource.object, 'metadata', 'annotations'))
  );
};

/** The object with a strategic merge patch laid over it; undefined when the patch takes it away. */
const merged = (object: Obj, patch: Obj): Obj | undefined => {
  if (patch['$patch'] === 'delete') return undefined;
  const ref = schemaRef(versionOf(object));
  const { metadata, ...rest } = patch;
  const { name: _name, namespace: _namespace, ...more } = (metadata ?? {}) as Obj;
  const body = Object.keys(more).length > 0 ? { ...rest, metadata: more } : rest;
  return ref ? applyStrategicMergePatch(object, body, ref) : (applyMergePatch(object, body) as Obj);
};

const patchedBy = (resource: Resource, patch: unknown): Resource | undefined => {
  if (!Array.isArray(patch)) {
    const object = merged(resource.object, patch as Obj);
    return object && { ...resource, object };
  }
  try {
    return { ...resource, object: applyJsonPatch(resource.object, patch) as Obj };
  } catch (error) {
    if (error instanceof PatchError) throw new CliError(error.message);
    throw error;
  }
};

const applied = (resources: readonly Resource[], patch: unknown, target: Obj | undefined): Resource[] => {
  let found = false;
  const after = resources.flatMap((resource) => {
    const wanted = target
      ? isTarget(resource, target)
      : kindOf(resource) === text(patch, 'kind') && resource.names.includes(text(patch, 'metadata', 'name'));
    if (!wanted) return [resource];
    found = true;
    return patchedBy(resource, patch) ?? [];
  });
  if (!found && !target) {
    const { group, version, kind } = versionOf(patch as Obj);
    const id = `${kind}.${version}.${group || '[noGrp]'}/${text(patch, 'metadata', 'name')}.[noNs]`;
    throw new CliError(
      `no resource matches strategic merge patch "${id}": no matches for Id ${id}; failed to find unique target for patch ${id}`,
    );
  }
  return after;
};

/** What a kustomization's patches make of the resources; each is YAML in place or in a file. */
export const patched = (resources: readonly Resource[], spec: Obj, read: ReadFile): Resource[] => {
  const entries = [
    ...strings(spec, 'patchesStrategicMerge').map((source): Obj => ({ patch: read(source) ?? source })),
    ...list(spec, 'patches'),
    ...list(spec, 'patchesJson6902'),
  ];
  let result = [...resources];
  for (const entry of entries) {
    const path = text(entry, 'path');
    const source = path ? read(path) : text(entry, 'patch');
    if (source === undefined) throw new CliError(`invalid file reference: '${path}' is no file`);
    for (const document of source.split(/^---\s*$/m)) {
      const patch = readYaml(document) as unknown;
      if (Array.isArray(patch) || isObject(patch))
        result = applied(result, patch, isObject(entry['target']) ? entry['target'] : undefined);
    }
  }
  return result;
};
