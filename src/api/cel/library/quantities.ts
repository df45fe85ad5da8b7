/** Quantities (Kubernetes' cel/library/quantity.go). */
import { parseQuantity, Quantity, QuantityError } from '../../quantity.ts';
import { global, member, type Library } from '../functions.ts';
import { isInt } from '../literals.ts';
import { BOOL, DOUBLE, INT, opaqueType, STRING } from '../types.ts';
import { Failure, Opaque, type CelValue, type Result } from '../values.ts';

const NAME = 'kubernetes.Quantity';
const QUANTITY = opaqueType(NAME);
const NANO = 1_000_000_000n;

class QuantityValue extends Opaque {
  readonly typeName = NAME;
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }

  equals(other: CelValue): boolean {
    return other instanceof QuantityValue && other.quantity.compare(this.quantity) === 0;
  }

  override toString(): string {
    return String(this.quantity);
  }
}

function parse(text: string): Result {
  try {
    return new QuantityValue(parseQuantity(text));
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    return new Failure(error.message);
  }
}

const integer = ({ quantity }: QuantityValue): bigint | undefined => {
  const value = quantity.nano / NANO;
  return quantity.nano % NANO === 0n && isInt(value) ? value : undefined;
};

const ofInt = (value: bigint): Quantity => new Quantity(value * NANO, 'DecimalExponent');
const order = (a: QuantityValue, b: QuantityValue): number => a.quantity.compare(b.quantity);

export const quantities: Library = [
  ['quantity', global('string_to_quantity', [STRING], QUANTITY, parse)],
  ['isQuantity', global('is_quantity_string', [STRING], BOOL, (text: string) => !(parse(text) instanceof Failure))],
  [
    'sign',
    global('quantity_sign', [QUANTITY], INT, ({ quantity: { nano } }: QuantityValue) =>
      nano > 0n ? 1n : nano < 0n ? -1n : 0n,
    ),
  ],
  [
    'isGreaterThan',
    member(
      'quantity_is_greater_than',
      [QUANTITY, QUANTITY],
      BOOL,
      (a: QuantityValue, b: QuantityValue) => order(a, b) > 0,
    ),
  ],
  [
    'isLessThan',
    member(
      'quantity_is_less_than',
      [QUANTITY, QUANTITY],
      BOOL,
      (a: QuantityValue, b: QuantityValue) => order(a, b) < 0,
    ),
  ],
  [
    'compareTo',
    member('quantity_compare_to', [QUANTITY, QUANTITY], INT, (a: QuantityValue, b: QuantityValue) =>
      BigInt(order(a, b)),
    ),
  ],
  [
    'asApproximateFloat',
    member('quantity_get_float', [QUANTITY], DOUBLE, ({ quantity }: QuantityValue) => quantity.asNumber()),
  ],
  [
    'asInteger',
    member(
      'quantity_get_int',
      [QUANTITY],
      INT,
      (value: QuantityValue) => integer(value) ?? new Failure('cannot convert value to integer'),
    ),
  ],
  [
    'isInteger',
    member('quantity_is_integer', [QUANTITY], BOOL, (value: QuantityValue) => integer(value) !== undefined),
  ],
  [
    'add',
    member(
      'quantity_add',
      [QUANTITY, QUANTITY],
      QUANTITY,
      (a: QuantityValue, b: QuantityValue) => new QuantityValue(a.quantity.add(b.quantity)),
    ),
    member(
      'quantity_add_int',
      [QUANTITY, INT],
      QUANTITY,
      (a: QuantityValue, b: bigint) => new QuantityValue(a.quantity.add(ofInt(b))),
    ),
  ],
  [
    'sub',
    member(
      'quantity_sub',
      [QUANTITY, QUANTITY],
      QUANTITY,
      (a: QuantityValue, b: QuantityValue) => new QuantityValue(a.quantity.sub(b.quantity)),
    ),
    member(
      'quantity_sub_int',
      [QUANTITY, INT],
      QUANTITY,
      (a: QuantityValue, b: bigint) => new QuantityValue(a.quantity.sub(ofInt(b))),
    ),
  ],
];
