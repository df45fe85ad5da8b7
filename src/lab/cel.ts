import { Environment } from '@marcbachmann/cel-js';

/** A CEL expression that does not parse or does not type-check. */
export class CelError extends Error {
  /** Offset in the expression where it went wrong, when the parser said. */
  readonly offset: number | undefined;

  constructor(message: string, offset: number | undefined) {
    super(message);
    this.name = 'CelError';
    this.offset = offset;
  }
}

/** What a check's expression may use: one of these, by the check's form. */
export type CelScope = 'object' | 'objects' | 'span';

const scopes: Record<CelScope, Environment> = {
  object: new Environment({ enableOptionalTypes: true }).registerVariable('object', 'dyn'),
  objects: new Environment({ enableOptionalTypes: true }).registerVariable('objects', 'list'),
  span: new Environment({ enableOptionalTypes: true }).registerVariable('span', 'dyn'),
};

const converted = new WeakMap<object, unknown>();

/** JSON as CEL sees it: whole numbers are ints. Parts that versions of an object share are converted once. */
export function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  const known = converted.get(value);
  if (known !== undefined) return known;
  const result = Array.isArray(value)
    ? value.map(celValue)
    : Object.fromEntries(
        Object.entries(value)
          .filter(([, v]) => v !== undefined)
          .map(([k, v]) => [k, celValue(v)]),
      );
  converted.set(value, result);
  return result;
}

/** Compiles an expression that says yes or no. Throws CelError. */
export function compileCel(scope: CelScope, expression: string): (value: unknown) => boolean {
  const environment = scopes[scope];
  try {
    const checked = environment.check(expression);
    if (!checked.valid) throw checked.error ?? new Error('does not type-check');
    if (checked.type !== 'bool' && checked.type !== 'dyn') throw new Error(`gives ${checked.type}, not true or false`);
    const evaluate = environment.parse(expression);
    return (value) => {
      const result: unknown = evaluate({ [scope]: value });
      return result === true;
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CelError(message.split('\n')[0]!, offsetOf(error));
  }
}

function offsetOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('node' in error)) return undefined;
  const { node } = error;
  return typeof node === 'object' && node !== null && 'pos' in node && typeof node.pos === 'number'
    ? node.pos
    : undefined;
}
