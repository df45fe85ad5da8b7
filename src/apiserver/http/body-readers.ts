import { JSON_SCHEMA, load, YAMLException } from 'js-yaml';
import { badRequest } from '../../api/errors.ts';
import type { BodyFormats } from './body-formats.ts';
import { duplicateKey } from './duplicate-key.ts';
import { decodeProtobuf } from './protobuf/decode-protobuf.ts';
import { ProtobufError } from './protobuf/wire-reader.ts';

const DUPLICATED = 'duplicated mapping key';

/** The key that begins somewhere in a text, as far as its colon, quoted or not. */
const KEY = /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^:\n]*[^:\s]/y;

/**
 * The keys that the text has twice. The parser stops at the first of them: it is given the text again with that one
 * under another name, until nothing is left to complain of.
 */
function duplicatesOf(text: string): string[] {
  const found: string[] = [];
  for (let rest = text; ;) {
    try {
      load(rest, { schema: JSON_SCHEMA });
      return found;
    } catch (error) {
      if (!(error instanceof YAMLException) || error.reason !== DUPLICATED || !error.mark) return found;
      KEY.lastIndex = error.mark.position;
      const [key = ''] = KEY.exec(rest) ?? [];
      if (key === '') return found;
      const again = key.replace(/^["']|["']$/g, '');
      found.push(duplicateKey(error.mark.line + 1, again));
      rest = `${rest.slice(0, error.mark.position)}"${found.length} ${rest.length}"${rest.slice(error.mark.position + key.length)}`;
    }
  }
}

/** The readers of both. */
export const bodyReaders: BodyFormats = {
  yaml(text) {
    try {
      return { value: load(text, { schema: JSON_SCHEMA }), duplicates: [] };
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error;
      if (error.reason !== DUPLICATED) throw badRequest(`error decoding YAML: ${error.reason}`);
      return { value: load(text, { schema: JSON_SCHEMA, json: true }), duplicates: duplicatesOf(text) };
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
