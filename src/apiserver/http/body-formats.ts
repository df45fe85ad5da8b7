import { Late } from '../../api/late.ts';

/**
 * Forms of request bodies besides JSON. Clients in the same process speak JSON, so whoever assembles a server says
 * whether it needs them.
 */
export interface BodyFormats {
  /** What a YAML text stands for. Throws ApiError when it does not parse. */
  yaml(text: string): YamlBody;
  /** The object in a Kubernetes protobuf envelope. Throws ApiError when it does not decode. */
  protobuf(bytes: Uint8Array): unknown;
}

export interface YamlBody {
  /** The JSON value; of keys that are there twice, the last counts. */
  readonly value: unknown;
  /** What is to be said of keys that are there twice. */
  readonly duplicates: readonly string[];
}

/** What reads them. */
export const bodyReader = new Late<BodyFormats>('the reader of YAML and protobuf');

/** Reads by what has been brought by the time that the first such body comes. */
export const bodyFormats: BodyFormats = {
  yaml: (text) => bodyReader.value.yaml(text),
  protobuf: (bytes) => bodyReader.value.protobuf(bytes),
};
