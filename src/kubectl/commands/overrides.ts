import { applyMergePatch } from '../../api/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../api/patch/strategic-merge-patch.ts';
import { CliError } from '../errors.ts';
import { goJsonError } from '../manifest/documents.ts';
import type { Obj } from '../value.ts';

/** `--overrides`: a patch laid over an object that kubectl built. */
export const mergeOverrides = (object: Obj, overrides: string, type: string, ref: string): Obj => {
  let patch: Obj;
  try {
    patch = JSON.parse(overrides) as Obj;
  } catch (error) {
    throw new CliError(`Invalid JSON Patch: ${goJsonError(overrides, error as Error)}`);
  }
  if (type === 'merge') return applyMergePatch(object, patch) as Obj;
  if (type === 'strategic') return applyStrategicMergePatch(object, patch, ref);
  throw new CliError(`invalid override type: ${type}`);
};
