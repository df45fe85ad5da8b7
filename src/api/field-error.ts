import type { FieldError } from './kind.ts';

/** A value as Kubernetes' error texts print it: strings quoted, objects as JSON. */
export function showValue(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return quote(value);
  return typeof value === 'object' ? JSON.stringify(value, asDeclared).replace(IN_HTML, escaped) : String(value);
}

/** Fields that Kubernetes declares in another order than the alphabet's, of types that errors show as they are. */
const DECLARED = [
  ['matchLabels', 'matchExpressions'],
  ['apiVersion', 'kind', 'name', 'uid', 'controller', 'blockOwnerDeletion'],
];

/** A replacer for JSON.stringify that puts such fields into their order. */
function asDeclared(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const fields = value as Record<string, unknown>;
  const order = DECLARED.find(([first = '']) => first in fields);
  if (!order || !Object.keys(fields).every((field) => order.includes(field))) return value;
  return Object.fromEntries(order.filter((field) => field in fields).map((field) => [field, fields[field]]));
}

/** What Go's encoding/json escapes, lest it mean something in a page. */
const IN_HTML = /[<>&\u2028\u2029]/g;

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A string as Go's %q prints it. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u00a0\u00ad]/g, (c) =>
    c < '\u0080' ? '\\x7f' : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const make = (type: FieldError['type'], field: string, detail: string): FieldError => ({ type, field, detail });

/** `field: Required value: message` */
export const required = (field: string, message = ''): FieldError =>
  make('FieldValueRequired', field, message ? `Required value: ${message}` : 'Required value');

/** `field: Invalid value: "x": message` */
export const invalid = (field: string, value: unknown, message: string): FieldError =>
  make('FieldValueInvalid', field, `Invalid value: ${showValue(value)}${message ? `: ${message}` : ''}`);

/** `field: Invalid value: message`, where the value is too large or too obvious to be shown */
export const invalidAsWhole = (field: string, message: string): FieldError =>
  make('FieldValueInvalid', field, `Invalid value: ${message}`);

/** `field: Unsupported value: "x": supported values: "a", "b"`, in the order given */
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError =>
  make(
    'FieldValueNotSupported',
    field,
    `Unsupported value: ${showValue(value)}` +
      (supported.length > 0 ? `: supported values: ${supported.map(quote).join(', ')}` : ''),
  );

/** `field: Duplicate value: "x"` */
export const duplicate = (field: string, value: unknown): FieldError =>
  make('FieldValueDuplicate', field, `Duplicate value: ${showValue(value)}`);

/** `field: Forbidden: message` */
export const forbidden = (field: string, message: string): FieldError =>
  make('FieldValueForbidden', field, `Forbidden: ${message}`);

/** `field: Not found: "x"` */
export const notFound = (field: string, value: unknown): FieldError =>
  make('FieldValueNotFound', field, `Not found: ${showValue(value)}`);

/** `field: Too long: may not be more than 63 bytes` */
export const tooLong = (field: string, max: number): FieldError =>
  make('FieldValueTooLong', field, `Too long: may not be more than ${max} bytes`);

/** `field: Too many: 9: must have at most 8 items` */
export const tooMany = (field: string, actual: number, max: number): FieldError =>
  make('FieldValueTooMany', field, `Too many: ${actual}: must have at most ${max} item${max === 1 ? '' : 's'}`);

/** `field: Invalid value: ...: message` for a value of the wrong type */
export const typeInvalid = (field: string, value: unknown, message: string): FieldError =>
  make('FieldValueTypeInvalid', field, `Invalid value: ${showValue(value)}${message ? `: ${message}` : ''}`);
