import { createMergePatch, createThreeWayMergePatch } from '../api/patch/merge-patch.ts';
import { createThreeWayStrategicPatch, createTwoWayStrategicPatch } from '../api/patch/strategic-diff.ts';
import type { Mapping } from './discovery.ts';
import { schemaRef } from './schema-ref.ts';
import type { Obj } from './value.ts';

/** The patch that kubectl apply sends: strategic for built-in kinds, a JSON merge patch for others. */
export const threeWayPatch = (
  mapping: Mapping,
  original: string,
  modified: Obj,
  current: Obj,
): { patch: Obj; strategic: boolean } => {
  const before = original === '' ? {} : (JSON.parse(original) as Obj);
  const ref = schemaRef(mapping);
  return ref === undefined
    ? { patch: createThreeWayMergePatch(before, modified, current), strategic: false }
    : { patch: createThreeWayStrategicPatch(before, modified, current, ref), strategic: true };
};

/** The patch that leads from one object to another. */
export const twoWayPatch = (mapping: Mapping, from: Obj, to: Obj): Obj => {
  const ref = schemaRef(mapping);
  return ref === undefined ? createMergePatch(from, to) : createTwoWayStrategicPatch(from, to, ref);
};
