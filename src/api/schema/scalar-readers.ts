/** Readers of values that are not made of fields: texts, numbers, quantities, times. */
import { quote } from '../field-error.ts';
import { formatMicroTime, formatTime } from '../meta.ts';
import { parseQuantity, QuantityError } from '../quantity.ts';
import { DecodeError, jsonType, type Reader } from './reading.ts';

export const readString =
  (type: string): Reader =>
  (value, at, name) =>
    typeof value === 'string' ? value : at.mismatch(jsonType(value), name, type);

export const readBoolean: Reader = (value, at, name) =>
  typeof value === 'boolean' ? value : at.mismatch(jsonType(value), name, 'bool');

const RANGES: Readonly<Record<string, number>> = { int32: 2 ** 31, int64: 2 ** 63 };

export const readInteger = (type: string): Reader => {
  const limit = RANGES[type] ?? 2 ** 63;
  return (value, at, name) => {
    if (typeof value !== 'number') return at.mismatch(jsonType(value), name, type);
    if (Number.isInteger(value) && value < limit && value >= -limit) return value;
    return at.mismatch(`number ${value}`, name, type);
  };
};

export const readNumber: Reader = (value, at, name) =>
  typeof value === 'number' ? value : at.mismatch(jsonType(value), name, 'float64');

export const readAnything: Reader = (value) => value;

/** Base64 text; Go names the first byte that is wrong. */
export const readBytes: Reader = (value, at, name) => {
  if (typeof value !== 'string') return at.mismatch(jsonType(value), name, '[]uint8');
  const text = value.replace(/[\r\n]/g, '');
  const wrong = illegalBase64(text);
  if (wrong >= 0) at.typeError ??= `illegal base64 data at input byte ${wrong}`;
  return text;
};

/** Index of the first byte that makes the text no base64, or -1. */
function illegalBase64(text: string): number {
  const digits = /^[A-Za-z0-9+/]*/.exec(text)![0].length;
  const remainder = digits % 4;
  const rest = text.slice(digits);
  if (rest === '') return remainder === 0 ? -1 : digits - remainder;
  if (!rest.startsWith('=') || remainder < 2) return digits;
  const padding = remainder === 2 ? '==' : '=';
  if (rest === padding) return -1;
  if (rest.startsWith(padding)) return digits + padding.length;
  return remainder === 2 && rest === '=' ? text.length : digits + 1;
}

export const readQuantity: Reader = (value) => {
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw new DecodeError(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
  try {
    return parseQuantity(value).toString();
  } catch (error) {
    if (error instanceof QuantityError) throw new DecodeError(error.message);
    throw error;
  }
};

export const readIntOrString: Reader = (value) => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31) return value;
  const shown = typeof value === 'number' ? `number ${value}` : jsonType(value);
  throw new DecodeError(`json: cannot unmarshal ${shown} into Go value of type int32`);
};

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Times read before: an object's times come again with each of its writes. */
const knownTimes = new Map<string, string>();

export const readTime =
  (format: (ms: number) => string, layout: string): Reader =>
  (value) => {
    const cached = typeof value === 'string' ? knownTimes.get(layout.length + value) : undefined;
    if (cached !== undefined) return cached;
    if (typeof value !== 'string')
      throw new DecodeError(`json: cannot unmarshal ${jsonType(value)} into Go value of type string`);
    const ms = RFC3339.test(value) ? Date.parse(value) : NaN;
    if (Number.isNaN(ms))
      throw new DecodeError(`parsing time ${quote(value)} as ${quote(layout)}: cannot parse ${quote(value)} as "2006"`);
    const time = micros(value, ms, format);
    if (knownTimes.size >= 4096) knownTimes.clear();
    knownTimes.set(layout.length + value, time);
    return time;
  };

/** Dates keep milliseconds only; the digits after them are taken from the text. */
const micros = (text: string, ms: number, format: (ms: number) => string): string => {
  const fraction = /\.(\d+)/.exec(text)?.[1];
  return format(fraction && fraction.length > 3 ? ms + Number(`0.${fraction.slice(3)}`) : ms);
};

/** Types that write themselves differently from how they are built. */
export const SPECIAL: Readonly<Record<string, Reader>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': readQuantity,
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': readIntOrString,
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': readTime(formatTime, '2006-01-02T15:04:05Z07:00'),
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': readTime(formatMicroTime, '2006-01-02T15:04:05.000000Z07:00'),
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': readAnything,
  'io.k8s.apimachinery.pkg.runtime.RawExtension': readAnything,
};
