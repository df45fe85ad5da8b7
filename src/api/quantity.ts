/** Quantities: exact decimal numbers with SI or binary suffixes (k8s.io/apimachinery/pkg/api/resource). */

type Format = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

const DECIMAL_SUFFIXES: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY_SUFFIXES: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const DECIMAL_BY_EXPONENT = new Map(Object.entries(DECIMAL_SUFFIXES).map(([suffix, exponent]) => [exponent, suffix]));
const BINARY_BY_EXPONENT = new Map(Object.entries(BINARY_SUFFIXES).map(([suffix, exponent]) => [exponent, suffix]));

/** Quantities are kept in billionths: the finest grain that Kubernetes keeps. */
const NANO_DIGITS = 9;
const NANO = 10n ** 9n;
const MILLI = 10n ** 6n;
const MAX = (2n ** 63n - 1n) * NANO;

/** Text that is no quantity. */
export class QuantityError extends Error {}

const FORMAT_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const NUMERIC_WRONG = 'unable to parse numeric part of quantity';
const SUFFIX_WRONG = "unable to parse quantity's suffix";

const divideUp = (value: bigint, by: bigint): bigint => (value % by === 0n ? value / by : value / by + 1n);

/** An immutable amount; remembers the family of suffixes that it was written with. */
export class Quantity {
  /** The amount in billionths. */
  readonly nano: bigint;
  readonly format: Format;
  #text: string | undefined;

  constructor(nano: bigint, format: Format, text?: string) {
    this.nano = nano;
    this.format = format;
    this.#text = text;
  }

  add(other: Quantity): Quantity {
    // Zero has no family of its own.
    return new Quantity(this.nano + other.nano, this.nano === 0n ? other.format : this.format);
  }

  sub(other: Quantity): Quantity {
    return new Quantity(this.nano - other.nano, this.nano === 0n ? other.format : this.format);
  }

  /** Negative, zero or positive as this is less than, equal to or greater than the other. */
  compare(other: Quantity): number {
    return this.nano < other.nano ? -1 : this.nano > other.nano ? 1 : 0;
  }

  get isZero(): boolean {
    return this.nano === 0n;
  }

  /** The nearest number. */
  asNumber(): number {
    const whole = this.nano / NANO;
    return Number(whole) + Number(this.nano - whole * NANO) / 1e9;
  }

  /** Rounded up to thousandths, as stored resource lists are. */
  roundedToMilli(): Quantity {
    if (this.nano % MILLI === 0n) return this;
    const sign = this.nano < 0n ? -1n : 1n;
    return new Quantity(sign * divideUp(sign * this.nano, MILLI) * MILLI, this.format);
  }

  /** The canonical form: the largest suffix that leaves a whole number. */
  toString(): string {
    return (this.#text ??= canonical(this.nano, this.format));
  }
}

function canonical(nano: bigint, format: Format): string {
  if (nano === 0n) return '0';
  const binary = format === 'BinarySI' && nano % NANO === 0n && (nano <= -1024n * NANO || nano >= 1024n * NANO);
  if (binary) {
    let value = nano / NANO;
    let exponent = 0;
    while (value % 1024n === 0n && exponent < 60) {
      value /= 1024n;
      exponent += 10;
    }
    return `${value}${exponent === 0 ? '' : BINARY_BY_EXPONENT.get(exponent)!}`;
  }
  let value = nano;
  let exponent = -NANO_DIGITS;
  while (value % 1000n === 0n && exponent < 18) {
    value /= 1000n;
    exponent += 3;
  }
  if (format === 'DecimalExponent') return exponent === 0 ? `${value}` : `${value}e${exponent}`;
  return `${value}${DECIMAL_BY_EXPONENT.get(exponent)!}`;
}

const SHAPE = /^([+-]?)(\d*)(?:(\.)(\d*))?([eEinumkKMGTP]*)([+-]?\d*)$/;

/** Reads a quantity; throws QuantityError with Kubernetes' message. */
export function parseQuantity(text: string | number): Quantity {
  const source = typeof text === 'number' ? String(text) : text;
  const known = cache.get(source);
  if (known) return known;
  const quantity = parse(source.trim());
  if (cache.size >= 4096) cache.clear();
  cache.set(source, quantity);
  return quantity;
}
const cache = new Map<string, Quantity>();

function parse(source: string): Quantity {
  if (source === '') throw new QuantityError(FORMAT_WRONG);
  const match = SHAPE.exec(source);
  if (!match) throw new QuantityError(FORMAT_WRONG);
  const [, sign, whole = '', point, fraction = '', letters = '', digits = ''] = match;
  // Letters other than an exponent's take no number after them: "1e3m" and "5M2" do not scan.
  const isExponent = letters === 'e' || letters === 'E';
  if (whole === '' && fraction === '') {
    if (point !== undefined || letters + digits !== '') throw new QuantityError(NUMERIC_WRONG);
  }
  let format: Format;
  let exponent = 0;
  let binaryExponent = 0;
  const suffix = letters + digits;
  if (suffix in BINARY_SUFFIXES) {
    format = 'BinarySI';
    binaryExponent = BINARY_SUFFIXES[suffix]!;
  } else if (suffix in DECIMAL_SUFFIXES) {
    format = 'DecimalSI';
    exponent = DECIMAL_SUFFIXES[suffix]!;
  } else if (isExponent && /^[+-]?\d+$/.test(digits)) {
    format = 'DecimalExponent';
    exponent = Number(digits);
  } else {
    throw new QuantityError(SUFFIX_WRONG);
  }
  const leading = whole.replace(/^0+/, '') || '0';
  return amount(source, sign === '-', leading, fraction, format, exponent, binaryExponent);
}

/** Parsed parts to a number; text that is canonical already is kept as it was written, odd as it may look. */
function amount(
  source: string,
  negative: boolean,
  whole: string,
  fraction: string,
  format: Format,
  exponent: number,
  binaryExponent: number,
): Quantity {
  const digits = BigInt(whole + fraction);
  const scale = exponent - fraction.length;
  if (Math.abs(exponent) > 100) {
    if (digits === 0n) return new Quantity(0n, format);
    return new Quantity(exponent > 0 ? (negative ? -MAX : MAX) : negative ? -1n : 1n, format);
  }
  const scaled = digits * 2n ** BigInt(binaryExponent);
  let nano =
    scale + NANO_DIGITS >= 0
      ? scaled * 10n ** BigInt(scale + NANO_DIGITS)
      : divideUp(scaled, 10n ** BigInt(-scale - NANO_DIGITS));
  if (format === 'BinarySI') {
    if (nano > MAX) nano = MAX;
    if (nano < NANO && nano > 0n) format = 'DecimalSI';
  }
  return new Quantity(
    negative ? -nano : nano,
    format,
    isCanonical(whole, fraction, format, scale, binaryExponent, digits) ? source : undefined,
  );
}

/**
 * Whether Kubernetes' fast path keeps the text: it looks at the digits without sign and leading zeros,
 * so that "+1" and "0100m" come back as they went in.
 */
function isCanonical(
  whole: string,
  fraction: string,
  format: Format,
  scale: number,
  binaryExponent: number,
  digits: bigint,
): boolean {
  const shifted = whole + fraction;
  if (format === 'BinarySI') {
    const precision = 15 - whole.length - Math.trunc((binaryExponent * 3) / 10) - 1;
    return fraction === '' && precision >= 0 && (digits & 7n) !== 0n;
  }
  if (18 - shifted.length < 0 || scale < -NANO_DIGITS) return false;
  return scale % 3 === 0 && !shifted.endsWith('000') && shifted[0] !== '0';
}

const millis = new Map<string, number>();

/** Thousandths, rounded up: milliCPU of a CPU quantity. 0 for what is missing. */
export function milliValue(text: string | number | undefined): number {
  if (text === undefined) return 0;
  const key = typeof text === 'number' ? String(text) : text;
  let value = millis.get(key);
  if (value === undefined) {
    value = Number(ceilDivide(parseQuantity(key).nano, MILLI));
    if (millis.size >= 4096) millis.clear();
    millis.set(key, value);
  }
  return value;
}

const integers = new Map<string, number>();

/** Units, rounded up: bytes of a memory quantity. 0 for what is missing. */
export function intValue(text: string | number | undefined): number {
  if (text === undefined) return 0;
  const key = typeof text === 'number' ? String(text) : text;
  let value = integers.get(key);
  if (value === undefined) {
    value = Number(ceilDivide(parseQuantity(key).nano, NANO));
    if (integers.size >= 4096) integers.clear();
    integers.set(key, value);
  }
  return value;
}

/** Rounds away from zero, as Kubernetes scales quantities. */
const ceilDivide = (nano: bigint, by: bigint): bigint => (nano < 0n ? -divideUp(-nano, by) : divideUp(nano, by));

/** A quantity of thousandths: `quantityOfMilli(1500)` prints `1500m`. */
export const quantityOfMilli = (milli: number): Quantity =>
  new Quantity(BigInt(Math.round(milli)) * MILLI, 'DecimalSI');

/** A quantity of units, binary (bytes) or decimal. */
export const quantityOfInt = (value: number, format: Format = 'DecimalSI'): Quantity =>
  new Quantity(BigInt(Math.round(value)) * NANO, format);
