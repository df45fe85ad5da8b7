/** What kubectl's client-side apply left on objects, and server-side apply by kubectl takes over. */
import { EMPTY, type FieldSet } from '../../api/apply/field-set.ts';
import { fieldSetOf } from '../../api/apply/field-set-of.ts';
import { apiVersionOf, type Kind } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import { schemaOf } from '../../api/schema/schema.ts';

/** The field manager whose applies heed and renew the annotation. */
export const KUBECTL = 'kubectl';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const lastApplied = (object: UntypedObject): string | undefined => object.metadata.annotations?.[LAST_APPLIED];

/** The fields that kubectl last applied from its own side: it may take them without force. */
export function lastAppliedFields(kind: Kind, object: UntypedObject): FieldSet {
  const text = lastApplied(object);
  if (text === undefined) return EMPTY;
  try {
    const config = JSON.parse(text) as UntypedObject;
    return config.apiVersion === apiVersionOf(kind)
      ? fieldSetOf(config, kind.custom?.structure ?? schemaOf(kind.schema))
      : EMPTY;
  } catch {
    return EMPTY;
  }
}

/** The object with the annotation saying what was applied now, where it has the annotation. */
export function renewLastApplied(object: UntypedObject, config: UntypedObject): UntypedObject {
  const { metadata } = object;
  if (lastApplied(object) === undefined) return object;
  const { [LAST_APPLIED]: _, ...annotations } = config.metadata.annotations ?? {};
  const applied = config.metadata.annotations ? { ...config, metadata: { ...config.metadata, annotations } } : config;
  const text = `${goJson(applied)}\n`;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, [LAST_APPLIED]: text } } };
}

const ESCAPED = /[<>&\u2028\u2029]/g;

/** JSON as Go writes maps: keys sorted, characters that mean something in HTML escaped. */
function goJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
  return text.replace(ESCAPED, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
