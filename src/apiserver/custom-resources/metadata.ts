import { readerOf } from '../../api/schema/reader.ts';
import { DecodeError, Reading } from '../../api/schema/reading.ts';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** The metadata of a resource, and the fields in it that metadata does not have. Throws DecodeError for wrong types. */
export function readMetadata(raw: unknown): { readonly metadata: object; readonly unknown: readonly string[] } {
  const at = new Reading();
  const metadata = readerOf(OBJECT_META)(raw ?? {}, at, '') as object | undefined;
  if (at.typeError !== undefined) throw new DecodeError(at.typeError);
  return { metadata: metadata ?? {}, unknown: at.unknown };
}
