import { JSON_SCHEMA, load, YAMLException } from 'js-yaml';
import { badRequest } from '../../api/errors.ts';
import { decodeProtobuf } from './protobuf/decode-protobuf.ts';
import { ProtobufError } from './protobuf/wire-reader.ts';

/**
 * Forms of request bodies besides JSON. Clients in the same process speak JSON, so whoever assembles a server says
 * whether it needs them.
 */
export interface BodyFormats {
  /** The JSON value that a YAML text stands for. Throws ApiError when it does not parse. */
  yaml(text: string): unknown;
  /** The object in a Kubernetes protobuf envelope. Throws ApiError when it does not decode. */
  protobuf(bytes: Uint8Array): unknown;
}

export const bodyFormats: BodyFormats = {
  yaml(text) {
    try {
      return load(text, { schema: JSON_SCHEMA });
    } catch (error) {
      if (error instanceof YAMLException) throw badRequest(`error decoding YAML: ${error.reason}`);
      throw error;
    }
  },
  protobuf(bytes) {
    try {
      return decodeProtobuf(bytes);
    } catch (error) {
      if (error instanceof ProtobufError) throw badRequest(error.message);
      throw error;
    }
  },
};
