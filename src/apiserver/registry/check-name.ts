import { badRequest } from '../../api/errors.ts';

/** Refuses a body whose name is not that of the URL. */
export function checkName({ metadata }: { readonly metadata?: { readonly name?: string } }, name: string): void {
  const given = metadata?.name;
  if (!given)
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (given !== name)
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
}
