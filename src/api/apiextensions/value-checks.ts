/** Whether a value fits a schema, in the words and the order of kube-openapi's pkg/validation/validate. */
import { equal } from '../draft.ts';
import { invalid, notSupported, quote, required, tooLong, tooMany, typeInvalid } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import { hasFormat, isKnownFormat } from './formats.ts';
import { checkNumber } from './number-checks.ts';
import { patternOf } from './pattern.ts';
import { propertySchema } from './pruning.ts';
import type { PropsSchema } from './schema-checks.ts';

/** What came of checking: what is wrong, and how many checks passed, by which the best of several alternatives is chosen. */
class Result {
  readonly errors: FieldError[] = [];
  passed = 0;

  add(error: FieldError): void {
    const known = this.errors.some(({ field, detail }) => field === error.field && detail === error.detail);
    if (!known) this.errors.push(error);
  }

  merge(other: Result): void {
    this.passed += other.passed;
    for (const error of other.errors) this.add(error);
  }

  get valid(): boolean {
    return this.errors.length === 0;
  }
}

/** Where the checked value stands: `base` in the object, `path` within the value. */
class Place {
  readonly base: string;
  readonly path: string;

  constructor(base: string, path = '') {
    this.base = base;
    this.path = path;
  }

  /** The field that errors name. */
  get field(): string {
    const path = this.path.replace(/^\./, '');
    return this.base && path ? `${this.base}.${path}` : this.base || path || '<nil>';
  }

  /** The field that errors name which are not about one value. */
  get whole(): string {
    return this.base || '<nil>';
  }

  /** `spec.a in body` */
  get subject(): string {
    return `${this.path} in body`;
  }

  child(key: string): Place {
    return new Place(this.base, this.path ? `${this.path}.${key}` : key);
  }

  /** Map keys and missing fields are named with a dot even at the root. */
  below(key: string): Place {
    return new Place(this.base, `${this.path}.${key}`);
  }

  item(index: number): Place {
    return new Place(this.base, `${this.path}[${index}]`);
  }
}

/** The type of a JSON value in the words of OpenAPI; whole numbers are integers. */
function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** The type that a value must have: whether it is an integer or a string cannot be said in one word. */
const typesOf = (schema: PropsSchema): readonly string[] =>
  schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : schema.type ? [schema.type] : [];

const wrongType = (at: Place, types: string, found: string): FieldError =>
  typeInvalid(at.field, found, `${at.subject} must be of type ${types}: ${quote(found)}`);

function checkType(value: unknown, schema: PropsSchema, at: Place): Result {
  const result = new Result();
  const types = typesOf(schema);
  const found = typeOf(value);
  const format = formatOf(schema);
  const isNumeric = types.includes('number') || types.includes('integer');
  const fits =
    types.length === 0 ||
    types.includes(found) ||
    (found === 'integer' && types.includes('number')) ||
    (found === 'null' && schema.nullable === true) ||
    (!isNumeric && format !== undefined && (found === 'string' || found === 'array'));
  if (fits) result.passed++;
  else result.add(wrongType(at, types.join(','), found));
  return result;
}

/** The format of a schema, if it is one that is checked. */
const formatOf = ({ format, type }: PropsSchema): string | undefined =>
  format && (isKnownFormat(format) || type === 'integer' || type === 'number') ? format : undefined;

function checkString(value: string, schema: PropsSchema, at: Place): Result {
  const result = new Result();
  const { maxLength, minLength, pattern } = schema;
  const length = maxLength === undefined && minLength === undefined ? 0 : [...value].length;
  if (maxLength !== undefined && length > maxLength) result.add(tooLong(at.field, maxLength));
  else if (minLength !== undefined && length < minLength)
    result.add(invalid(at.field, value, `${at.subject} should be at least ${minLength} chars long`));
  else if (pattern && patternOf(pattern)?.matcher(value).find() !== true)
    result.add(invalid(at.field, value, `${at.subject} should match '${pattern}'`));
  return result;
}

function checkFormat(value: string, format: string, at: Place): Result {
  const result = new Result();
  if (!hasFormat(value, format)) result.add(wrongType(at, format, value));
  return result;
}

/** allOf, anyOf, oneOf, not. What is unchanged within them is checked all the same. */
function checkJunctors(value: unknown, schema: PropsSchema, at: Place): Result {
  const result = new Result();
  const { anyOf = [], oneOf = [], allOf = [], not } = schema;
  const whole = (message: string): void => result.add(invalid(at.whole, '', `${quote(at.path)} ${message}`));
  if (anyOf.length > 0) {
    const results = anyOf.map((each) => checkSchema(value, each, at));
    const fitting = results.find(({ valid }) => valid);
    if (!fitting) whole('must validate at least one schema (anyOf)');
    result.merge(fitting ?? best(results));
  }
  if (oneOf.length > 0) {
    const results = oneOf.map((each) => checkSchema(value, each, at));
    const fitting = results.filter(({ valid }) => valid);
    if (fitting.length === 1) result.merge(fitting[0]!);
    else {
      const found = fitting.length === 0 ? 'Found none valid' : `Found ${fitting.length} valid alternatives`;
      whole(`must validate one and only one schema (oneOf). ${found}`);
      if (fitting.length === 0) result.merge(best(results));
    }
  }
  if (allOf.length > 0) {
    const results = allOf.map((each) => checkSchema(value, each, at));
    for (const each of results) result.merge(each);
    const fitting = results.filter(({ valid }) => valid).length;
    if (fitting < results.length)
      whole(`must validate all the schemas (allOf)${fitting === 0 ? '. None validated' : ''}`);
  }
  if (not && checkSchema(value, not, at).valid) whole('must not validate the schema (not)');
  result.passed++;
  return result;
}

/** Of several failures the first with the most checks passed. */
const best = (results: readonly Result[]): Result =>
  results.reduce((chosen, result) => (result.passed > chosen.passed ? result : chosen));

function checkList(list: readonly unknown[], schema: PropsSchema, at: Place, old: unknown): Result {
  const result = new Result();
  const { items, minItems, maxItems } = schema;
  if (items)
    list.forEach((item, i) => result.merge(checkSchema(item, items, at.item(i), counterpart(item, old, schema))));
  if (minItems !== undefined && list.length < minItems)
    result.add(invalid(at.field, list.length, `${at.subject} should have at least ${minItems} items`));
  if (maxItems !== undefined && list.length > maxItems) result.add(tooMany(at.field, list.length, maxItems));
  result.passed++;
  return result;
}

/** The item of an old list that an item came from: only lists that are maps know. */
export function counterpart(item: unknown, old: unknown, schema: PropsSchema): unknown {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'map' || !keys || !Array.isArray(old)) return undefined;
  const of = (each: unknown): unknown[] =>
    keys.map((key) => (each as Readonly<Record<string, unknown>> | null)?.[key] ?? null);
  const wanted = of(item);
  return (old as unknown[]).find((each) => equal(of(each), wanted));
}

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;

function checkObject(value: Readonly<Record<string, unknown>>, schema: PropsSchema, at: Place, old: unknown): Result {
  const result = new Result();
  const { minProperties, maxProperties, properties = {}, additionalProperties } = schema;
  const keys = Object.keys(value);
  if (minProperties !== undefined && keys.length < minProperties) {
    result.add(invalid(at.field, keys.length, `${at.subject} should have at least ${minProperties} properties`));
    return result;
  }
  if (maxProperties !== undefined && keys.length > maxProperties) {
    result.add(tooMany(at.field, keys.length, maxProperties));
    return result;
  }
  for (const key of keys) {
    if (propertySchema(schema, key)) continue;
    if (additionalProperties === false)
      result.add(invalid(at.field, key, `${at.path}.${key} in body is a forbidden property`));
    else if (typeof additionalProperties === 'object')
      result.merge(checkSchema(value[key], additionalProperties, at.below(key), fieldOf(old, key)));
  }
  for (const [key, property] of Object.entries(properties))
    if (Object.hasOwn(value, key)) result.merge(checkSchema(value[key], property, at.child(key), fieldOf(old, key)));
  for (const key of schema.required ?? []) if (!Object.hasOwn(value, key)) result.add(required(at.below(key).field));
  return result;
}

function checkEnum(value: unknown, schema: PropsSchema, at: Place): Result {
  const result = new Result();
  const { enum: allowed } = schema;
  if (!allowed || allowed.length === 0 || allowed.some((each) => equal(each, value))) return result;
  const shown = allowed.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
  result.add(notSupported(at.field, value, shown));
  return result;
}

/** What has not changed since it was stored is let pass (KEP-4008, ratcheting). */
function checkSchema(value: unknown, schema: PropsSchema, at: Place, old?: unknown): Result {
  const result = new Result();
  if (old !== undefined && equal(value, old)) return result;
  const check = (part: Result): void => {
    result.merge(part);
    result.passed++;
  };
  if (value === null) {
    if (typesOf(schema).length > 0) result.merge(checkType(value, schema, at));
    result.merge(checkEnum(value, schema, at));
    return result;
  }
  const format = formatOf(schema);
  if (typesOf(schema).length > 0 || format !== undefined) check(checkType(value, schema, at));
  check(checkJunctors(value, schema, at));
  if (typeof value === 'string') {
    check(checkString(value, schema, at));
    if (format !== undefined) check(checkFormat(value, format, at));
  } else if (typeof value === 'number') {
    const part = new Result();
    for (const error of checkNumber(value, schema, at)) part.add(error);
    part.passed++;
    check(part);
  } else if (Array.isArray(value)) check(checkList(value, schema, at, old));
  check(checkEnum(value, schema, at));
  if (typeof value === 'object' && !Array.isArray(value))
    check(checkObject(value as Readonly<Record<string, unknown>>, schema, at, old));
  result.passed++;
  return result;
}

/**
 * What is wrong with a value: nothing in it may contradict the schema, except what is as it was in `old`, the value
 * before. `base` is the field that the value stands in, '' for an object itself.
 */
export const checkValue = (value: unknown, schema: PropsSchema, base = '', old?: unknown): FieldError[] =>
  checkSchema(value, schema, new Place(base), old).errors;
