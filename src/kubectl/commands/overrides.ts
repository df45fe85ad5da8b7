import { applyJsonPatch, PatchError } from '../../api/patch/json-patch.ts';
import { applyMergePatch } from '../../api/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../api/patch/strategic-merge-patch.ts';
import { CliError } from '../errors.ts';
import { goJsonError } from '../manifest/documents.ts';
import { isObject, type Obj } from '../value.ts';

/** `--overrides`: a patch laid over an object that kubectl built. */
export const mergeOverrides = (object: Obj, overrides: string, type: string, ref: string): Obj => {
  if (type === 'merge')
    return applyMergePatch(
      object,
      patchOf(overrides, () => 'Invalid JSON Patch'),
    ) as Obj;
  if (type === 'strategic') {
    return applyStrategicMergePatch(object, patchOf(overrides, () => 'invalid JSON document') as Obj, ref);
  }
  if (type === 'json') return jsonPatched(object, overrides);
  throw new CliError(`invalid override type: ${type}`);
};

const patchOf = (overrides: string, complaint: (error: Error) => string): unknown => {
  try {
    return JSON.parse(overrides);
  } catch (error) {
    throw new CliError(complaint(error as Error));
  }
};

const jsonPatched = (object: Obj, overrides: string): Obj => {
  const operations = patchOf(overrides, (error) => goJsonError(overrides, error));
  if (!Array.isArray(operations)) {
    const type = isObject(operations) ? 'object' : typeof operations;
    throw new CliError(`json: cannot unmarshal ${type} into Go value of type jsonpatch.Patch`);
  }
  try {
    return applyJsonPatch(object, operations) as Obj;
  } catch (error) {
    if (error instanceof PatchError) throw new CliError(error.message);
    throw error;
  }
};
