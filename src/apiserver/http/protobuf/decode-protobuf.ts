import { apiVersionOf } from '../../../api/kind.ts';
import { formatTime } from '../../../api/meta.ts';
import { schemaNames, schemaOf, type Schema } from '../../../api/schema/schema.ts';
import { fieldsOf } from './field-numbers.ts';
import { ProtobufError, readFields, type WireField } from './wire-reader.ts';

/** Every Kubernetes message begins with these bytes, so that it is not taken for something else. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const field = (message: Uint8Array, number: number): WireField | undefined =>
  [...readFields(message)].find((candidate) => candidate.number === number);

/** Types whose JSON is no object; each reads its message. Undefined stands for nothing. */
const SCALARS: Readonly<Record<string, (message: Uint8Array) => unknown>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': (message) => text(field(message, 1)?.bytes ?? new Uint8Array()),
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': (message) => {
    const seconds = field(message, 1);
    return seconds && formatTime(Number(seconds.number64) * 1000);
  },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': (message) =>
    Number(field(message, 1)?.number64 ?? 0n) === 0
      ? Number(field(message, 2)?.number64 ?? 0n)
      : text(field(message, 3)?.bytes ?? new Uint8Array()),
};

function readValue(wire: WireField, schema: Schema): unknown {
  if (schema.$ref) {
    const scalar = SCALARS[schema.$ref];
    return scalar ? scalar(wire.bytes) : readMessage(wire.bytes, schema.$ref);
  }
  switch (schema.type) {
    case 'boolean':
      return wire.number64 !== 0n;
    case 'integer':
      return Number(wire.number64);
    case 'string':
      return schema.format === 'byte' ? btoa(String.fromCharCode(...wire.bytes)) : text(wire.bytes);
    default:
      throw new ProtobufError(`no reader for fields of type ${schema.type ?? 'unknown'}`);
  }
}

/** One entry of a map: key 1, value 2. */
function readEntry(message: Uint8Array, schema: Schema): [string, unknown] {
  const value = field(message, 2);
  const empty: WireField = { number: 2, wireType: 2, number64: 0n, bytes: new Uint8Array() };
  return [text(field(message, 1)?.bytes ?? new Uint8Array()), readValue(value ?? empty, schema)];
}

/** Whether a message says nothing: Go writes the empty values of its structs too. */
function isZero(message: Uint8Array): boolean {
  for (const { wireType, number64, bytes } of readFields(message)) {
    if (wireType === 2 ? bytes.length > 0 && !isZero(bytes) : number64 !== 0n) return false;
  }
  return true;
}

function readMessage(message: Uint8Array, type: string): Record<string, unknown> {
  const names = fieldsOf(type);
  if (!names && isZero(message)) return {};
  if (!names) throw new ProtobufError(`this server does not read ${type} as protobuf; send JSON`);
  const properties = schemaOf(type).properties ?? {};
  const out: Record<string, unknown> = {};
  for (const wire of readFields(message)) {
    const name = names[wire.number];
    const schema = name === undefined ? undefined : properties[name];
    if (name === undefined || !schema) {
      // Leaving out what somebody wrote would be worse than refusing it.
      if (wire.bytes.length === 0 && wire.number64 === 0n) continue;
      throw new ProtobufError(`this server does not read field ${wire.number} of ${type} as protobuf; send JSON`);
    }
    if (schema.type === 'array') {
      const list = (out[name] ??= []) as unknown[];
      list.push(readValue(wire, schema.items!));
    } else if (schema.type === 'object' && schema.additionalProperties) {
      const [key, value] = readEntry(wire.bytes, schema.additionalProperties);
      out[name] = { ...(out[name] as object | undefined), [key]: value };
    } else {
      const value = readValue(wire, schema);
      if (value !== undefined) out[name] = value;
    }
  }
  return out;
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
  const typeMeta = field(envelope, 1)?.bytes ?? new Uint8Array();
  const apiVersion = text(field(typeMeta, 1)?.bytes ?? new Uint8Array());
  const kind = text(field(typeMeta, 2)?.bytes ?? new Uint8Array());
  const type = typeOf(apiVersion, kind);
  if (type === undefined) throw new ProtobufError(`no kind "${kind}" is registered for version "${apiVersion}"`);
  return { apiVersion, kind, ...readMessage(field(envelope, 2)?.bytes ?? new Uint8Array(), type) };
}
