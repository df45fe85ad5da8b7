import { apiVersionOf } from '../../../api/kind.ts';
import { formatTime } from '../../../api/meta.ts';
import { schemaNames, schemaOf, type Schema } from '../../../api/schema/schema.ts';
import { embeddedType, fieldsOf } from './field-numbers.ts';
import { ProtobufError, readFields, type WireField } from './wire-reader.ts';

/** Every Kubernetes message begins with these bytes, so that it is not taken for something else. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const field = (message: Uint8Array, number: number): WireField | undefined =>
  [...readFields(message)].find((candidate) => candidate.number === number);

const NO_BYTES = new Uint8Array();
const MICROS_PER_SECOND = 1_000_000;
const NANOS_PER_MICRO = 1000;

const bytesOf = (message: Uint8Array, number: number): Uint8Array => field(message, number)?.bytes ?? NO_BYTES;
const integerOf = (message: Uint8Array, number: number): number => Number(field(message, number)?.number64 ?? 0n);

/** The JSON that a message carries as bytes, undefined where it carries none. */
function rawJson(message: Uint8Array): unknown {
  const raw = bytesOf(message, 1);
  if (raw.length === 0) return undefined;
  try {
    return JSON.parse(text(raw)) as unknown;
  } catch (error) {
    throw new ProtobufError((error as Error).message);
  }
}

function microTime(message: Uint8Array): string | undefined {
  if (message.length === 0) return undefined;
  const micros = Math.floor(integerOf(message, 2) / NANOS_PER_MICRO) % MICROS_PER_SECOND;
  return formatTime(integerOf(message, 1) * 1000).replace('Z', `.${String(micros).padStart(6, '0')}Z`);
}

/** Types whose JSON is no object of their fields; each reads its message. Undefined stands for nothing. */
const SPECIAL: Readonly<Record<string, (message: Uint8Array) => unknown>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': (message) => text(bytesOf(message, 1)),
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': (message) =>
    message.length === 0 ? undefined : formatTime(integerOf(message, 1) * 1000),
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': microTime,
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': rawJson,
  'io.k8s.apimachinery.pkg.runtime.RawExtension': rawJson,
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': (message) =>
    integerOf(message, 1) === 0 ? integerOf(message, 2) : text(bytesOf(message, 3)),
};

/** A double by its bits. */
function float(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, BigInt.asIntN(64, bits));
  return view.getFloat64(0);
}

function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function readValue(wire: WireField, schema: Schema): unknown {
  if (schema.$ref) {
    const special = SPECIAL[schema.$ref];
    return special ? special(wire.bytes) : readMessage(wire.bytes, schema.$ref);
  }
  switch (schema.type) {
    case 'boolean':
      return wire.number64 !== 0n;
    case 'integer':
      return Number(wire.number64);
    case 'string':
      return schema.format === 'byte' ? encodeBase64(wire.bytes) : text(wire.bytes);
    case 'number':
      return float(wire.number64);
    case 'array':
      // A list as the value of a map is a message that holds nothing else.
      return [...readFields(wire.bytes)].map((item) => readValue(item, schema.items!));
    default:
      throw new ProtobufError(`no reader for fields of type ${schema.type ?? 'unknown'}`);
  }
}

/** One entry of a map: key 1, value 2. */
function readEntry(message: Uint8Array, schema: Schema): [string, unknown] {
  const value = field(message, 2);
  const empty: WireField = { number: 2, wireType: 2, number64: 0n, bytes: NO_BYTES };
  return [text(bytesOf(message, 1)), readValue(value ?? empty, schema)];
}

function readMessage(message: Uint8Array, type: string): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  readInto(out, message, type, schemaOf(type).properties ?? {});
  return out;
}

/** Reads the fields of a type, or of a struct that it embeds, into the object that they belong to. */
function readInto(
  out: Record<string, unknown>,
  message: Uint8Array,
  type: string,
  properties: Readonly<Record<string, Schema>>,
): void {
  const names = fieldsOf(type);
  if (!names) throw new ProtobufError(`this server does not read ${type} as protobuf; send JSON`);
  for (const wire of readFields(message)) {
    const name = names[wire.number];
    if (name?.startsWith('@')) {
      readInto(out, wire.bytes, embeddedType(type, name), properties);
      continue;
    }
    const schema = name === undefined ? undefined : properties[name];
    // Fields of other versions are skipped, as protobuf has it.
    if (name === undefined || !schema) continue;
    if (schema.type === 'array') {
      ((out[name] ??= []) as unknown[]).push(readValue(wire, schema.items!));
    } else if (schema.type === 'object' && schema.additionalProperties) {
      const [key, value] = readEntry(wire.bytes, schema.additionalProperties);
      ((out[name] ??= {}) as Record<string, unknown>)[key] = value;
    } else {
      const value = readValue(wire, schema);
      if (value !== undefined) out[name] = value;
    }
  }
}

let typesByKind: Map<string, string> | undefined;

/** The schema of an apiVersion and kind. */
function typeOf(apiVersion: string, kind: string): string | undefined {
  if (!typesByKind) {
    typesByKind = new Map();
    for (const name of schemaNames()) {
      const { 'x-kubernetes-group-version-kind': kinds = [] } = schemaOf(name) as Schema & {
        readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
      };
      for (const gvk of kinds) typesByKind.set(`${apiVersionOf(gvk)} ${gvk.kind}`, name);
    }
  }
  return typesByKind.get(`${apiVersion} ${kind}`);
}

/** The JSON of an object that came as protobuf. Throws ProtobufError when it is none, or of a type that is not known. */
export function decodeProtobuf(body: Uint8Array): object {
  if (MAGIC.some((byte, i) => body[i] !== byte))
    throw new ProtobufError('provided data does not appear to be a protobuf message');
  const envelope = body.subarray(MAGIC.length);
  const typeMeta = bytesOf(envelope, 1);
  const apiVersion = text(bytesOf(typeMeta, 1));
  const kind = text(bytesOf(typeMeta, 2));
  const type = typeOf(apiVersion, kind);
  if (type === undefined) throw new ProtobufError(`no kind "${kind}" is registered for version "${apiVersion}"`);
  return { apiVersion, kind, ...readMessage(bytesOf(envelope, 2), type) };
}
