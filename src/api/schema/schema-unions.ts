/**
 * Parts of a CustomResourceDefinition's schema that are one thing or another, and that Go reads by hand: `items` (a schema
 * or a list of them), `additionalProperties` (a schema or a boolean), `dependencies` (a schema or names).
 */
import { jsonType, Reading, type Reader } from './reading.ts';

const PROPS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/** Reading within such a part: what is of a wrong type is told of at the part itself, and what is unknown not at all. */
class InnerReading extends Reading {
  readonly #outer: Reading;
  readonly #name: string;

  constructor(outer: Reading, name: string) {
    super(false, outer.base);
    this.#outer = outer;
    this.#name = name;
    this.struct = 'JSONSchemaProps';
  }

  override mismatch(value: string, _name: string, type: string): undefined {
    return this.#outer.mismatch(value, this.#name, type);
  }

  override unknownField(): void {}
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

type ReaderOf = (ref: string) => Reader;

const schemaReader =
  (readerOf: ReaderOf): Reader =>
  (value, at, name) =>
    readerOf(PROPS)(value, new InnerReading(at, name), '');

const UNIONS: Readonly<Record<string, (readSchema: Reader) => Reader>> = {
  [`${PROPS}OrArray`]: (readSchema) => (value, at, name) => {
    if (Array.isArray(value)) return value.map((each) => readSchema(each ?? {}, at, name));
    return isObject(value) ? readSchema(value, at, name) : undefined;
  },
  [`${PROPS}OrBool`]: (readSchema) => (value, at, name) => {
    if (isObject(value)) return readSchema(value, at, name);
    if (typeof value === 'boolean') return value;
    at.typeError ??= 'boolean or JSON schema expected';
    return undefined;
  },
  [`${PROPS}OrStringArray`]: (readSchema) => (value, at, name) => {
    if (isObject(value)) return readSchema(value, at, name);
    if (!Array.isArray(value)) return undefined;
    const wrong: unknown = value.find((each) => typeof each !== 'string');
    return wrong === undefined ? (value as unknown[]) : at.mismatch(jsonType(wrong), name, 'string');
  },
};

/** The reader of such a part, if a type is one. */
export const unionReader = (ref: string, readerOf: ReaderOf): Reader | undefined =>
  Object.hasOwn(UNIONS, ref) ? UNIONS[ref]!(schemaReader(readerOf)) : undefined;
