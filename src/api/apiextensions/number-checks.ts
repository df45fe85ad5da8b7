import { invalid } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import type { PropsSchema } from './schema-checks.ts';

interface NumberPlace {
  readonly field: string;
  readonly whole: string;
  readonly path: string;
  readonly subject: string;
}

const INT_RANGES: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, 2 ** 64],
};
const INT64 = [-(2 ** 63), 2 ** 63] as const;
const MAX_FLOAT32 = 3.4028234663852886e38;

/** Whether a number can be one of the type and format that its schema says. */
function inRange(value: number, { type, format = '' }: PropsSchema): boolean {
  if (type === 'integer') {
    const [min, max] = INT_RANGES[format] ?? INT64;
    return Number.isInteger(value) && value >= min && value <= max;
  }
  return (format !== 'float' && format !== 'float32') || Math.abs(value) <= MAX_FLOAT32;
}

/** A bound as it is compared with a value: whole numbers are compared with whole numbers. */
const boundFor = (value: number, bound: number): number => (Number.isInteger(value) ? Math.trunc(bound) : bound);

function isMultiple(value: number, factor: number): boolean {
  if (Number.isInteger(value) && Math.trunc(factor) !== 0) return value % Math.trunc(factor) === 0;
  const times = factor < 1 ? (1 / factor) * value : value / factor;
  return Math.abs(times - Math.round(times)) <= 1e-9 * Math.max(1, Math.abs(times));
}

/** What is wrong with a number: its range, and the factor and bounds that its schema gives. */
export function checkNumber(value: number, schema: PropsSchema, at: NumberPlace): FieldError[] {
  const errors: FieldError[] = [];
  const { type, format, multipleOf, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const range = (number: number, what: string): void => {
    if (inRange(number, schema)) return;
    const of = format ? `${type ?? ''} with format ${format}` : `${type ?? ''} (default format)`;
    errors.push(invalid(at.whole, '', `${what} value must be of type ${of} in ${at.path}`));
  };
  const say = (message: string): void => void errors.push(invalid(at.field, value, `${at.subject} ${message}`));
  range(value, 'Checked');
  if (multipleOf !== undefined) {
    range(multipleOf, 'MultipleOf');
    if (!isMultiple(value, multipleOf)) say(`should be a multiple of ${boundFor(value, multipleOf)}`);
  }
  if (minimum !== undefined) {
    range(minimum, 'Minimum boundary');
    const bound = boundFor(value, minimum);
    if (exclusiveMinimum ? value <= bound : value < bound)
      say(`should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${bound}`);
  }
  if (maximum !== undefined) {
    range(maximum, 'Maximum boundary');
    const bound = boundFor(value, maximum);
    if (exclusiveMaximum ? value >= bound : value > bound)
      say(`should be less than ${exclusiveMaximum ? '' : 'or equal to '}${bound}`);
  }
  return errors;
}
