import type { UntypedObject } from '../../api/object.ts';
import type { Conversion } from '../endpoint.ts';
import type { ObjectForm } from './decoding.ts';
import type { Definition } from './definition.ts';

/** Turns objects of one definition from the version they have into another. Throws ApiError when that fails. */
export type Converter = (objects: readonly UntypedObject[], apiVersion: string) => readonly UntypedObject[];

/** The strategy None: versions differ in their name alone. */
export const renameVersion: Converter = (objects, apiVersion) =>
  objects.map((object) => (object.apiVersion === apiVersion ? object : { ...object, apiVersion }));

/** How the objects of a version are read from the store, and how they get there. */
export function conversionTo(
  version: string,
  definition: Definition,
  forms: ReadonlyMap<string, ObjectForm>,
  convert: Converter,
): Conversion {
  const { group, names, versions } = definition.spec;
  const storage = versions.find((each) => each.storage)!.name;
  const form = forms.get(version)!;
  const shown = `${group}/${version}`;
  const kept = `${group}/${storage}`;
  const to = (object: UntypedObject, apiVersion: string): UntypedObject =>
    object.apiVersion === apiVersion ? object : convert([object], apiVersion)[0]!;
  return {
    stored: { group, version: storage, resource: names.plural },
    ...(convert !== renameVersion && version !== storage ? { isForeign: true } : {}),
    fromStored: (stored) => {
      const written = forms.get(stored.apiVersion.slice(group.length + 1));
      const read = (written?.read(stored) ?? stored) as UntypedObject;
      return read.apiVersion === shown ? read : (form.read(to(read, shown)) as UntypedObject);
    },
    toStored: (object) => {
      const converted = to(object, kept);
      if (converted === object) return object;
      const draft = forms.get(storage)!.pruned(converted) as UntypedObject;
      return { ...draft, metadata: { ...draft.metadata } };
    },
  };
}
