import type { Schema } from './schema.ts';

/** What Go has in a field of this type before it is set; null for structs, lists and maps. */
export function scalarZero({ type }: Schema): unknown {
  switch (type) {
    case 'string':
      return '';
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return 0;
    default:
      return null;
  }
}
