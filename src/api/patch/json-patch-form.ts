/** What a JSON patch must look like before it is applied: a list of operations, their members of the right types. */
import { badRequest } from '../errors.ts';
import { jsonType } from '../schema/reading.ts';
import { isObject } from './strategic-schema.ts';

const TEXTS = ['op', 'path', 'from'];
const MEMBERS: ReadonlySet<string> = new Set([...TEXTS, 'value']);

const undecodable = (value: unknown, into: string): Error =>
  badRequest(`error decoding patch: json: cannot unmarshal ${jsonType(value)} into Go ${into}`);

/** The operations of a patch; none for null. Throws 400 for what is no list of operations. */
export function operationsOf(patch: unknown): readonly unknown[] {
  if (patch === null) return [];
  if (!Array.isArray(patch)) throw undecodable(patch, 'value of type []handlers.jsonPatchOp');
  for (const operation of patch as unknown[]) {
    if (!isObject(operation)) throw undecodable(operation, 'value of type handlers.jsonPatchOp');
    for (const member of TEXTS) {
      const value = operation[member] ?? '';
      if (typeof value !== 'string') throw undecodable(value, `struct field jsonPatchOp.${member} of type string`);
    }
  }
  return patch as unknown[];
}

/** Members that operations do not have: `json patch unknown field "[0].foo"`. */
export const unknownMembers = (operations: readonly unknown[]): string[] =>
  operations.flatMap((operation, i) =>
    Object.keys(operation as object)
      .filter((member) => !MEMBERS.has(member))
      .map((member) => `json patch unknown field ${JSON.stringify(`[${i}].${member}`)}`),
  );
