import { scalarZero } from '../schema/scalar-zero.ts';
import { resolve, type Schema } from '../schema/schema.ts';

const zeros = new WeakMap<Schema, unknown>();

/**
 * A new object of a type before anyone has said anything of it: structs that are no pointers are there, empty.
 * What a creation adds is what differs from this.
 */
export function zeroValue(schema: Schema): unknown {
  const type = resolve(schema);
  let zero = zeros.get(type);
  if (zero === undefined) zeros.set(type, (zero = makeZero(type)));
  return zero;
}

function makeZero({ properties = {}, required = [] }: Schema): Readonly<Record<string, unknown>> {
  const out: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(properties)) {
    const type = resolve(property);
    const isStruct = type.properties !== undefined;
    if (isStruct && property.default !== undefined) out[name] = zeroValue(property);
    else if (required.includes(name) && !isStruct) out[name] = scalarZero(type);
  }
  return out;
}
