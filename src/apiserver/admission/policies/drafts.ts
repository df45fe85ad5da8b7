/** Putting what a policy or a webhook made of an object in the place of the draft. */
import type { UntypedObject } from '../../../api/object.ts';

type Fields = Record<string, unknown>;

function replaceFields(target: Fields, source: Fields): void {
  for (const key of Object.keys(target)) if (!(key in source)) delete target[key];
  for (const [key, value] of Object.entries(source)) if (value !== undefined) target[key] = value;
}

/** Makes a draft say what another object says. The draft and its metadata stay the objects that they are. */
export function replaceDraft(draft: UntypedObject, { metadata, ...rest }: UntypedObject): void {
  const own = draft.metadata as UntypedObject['metadata'] | undefined;
  replaceFields(draft as Fields, { ...rest, metadata: own });
  if (own) replaceFields(own as unknown as Fields, metadata as unknown as Fields);
}
