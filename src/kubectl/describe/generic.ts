import { goValue } from '../../api/go-text.ts';
import { isObject, sortedKeys, text, type Obj } from '../value.ts';
import type { Describer } from './context.ts';
import { eventsOf } from './events.ts';
import { metadataOf, type DescribeWriter } from './writer.ts';

const SKIPPED = new Set([
  '.metadata.managedFields',
  '.metadata.name',
  '.metadata.namespace',
  '.metadata.labels',
  '.metadata.annotations',
]);

/** Any object of which kubectl knows nothing: its fields, with names made readable. */
export const describeGeneric: Describer = (context, w) => {
  const { object } = context;
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  w.line(0, 'Namespace:', text(object, 'metadata', 'namespace'));
  metadataOf(w, object);
  content(w, object, 0, '');
  eventsOf(context, w);
};

const content = (w: DescribeWriter, value: Obj, level: number, path: string): void => {
  for (const key of sortedKeys(value)) {
    const here = `${path}.${key}`;
    if (SKIPPED.has(here)) continue;
    const child = value[key];
    if (isObject(child)) {
      w.write(level, `${labelFor(key)}:\n`);
      content(w, child, level + 1, here);
    } else if (Array.isArray(child)) {
      w.write(level, `${labelFor(key)}:\n`);
      for (const item of child as unknown[]) {
        if (isObject(item)) content(w, item, level + 1, here);
        else w.write(level + 1, `${goValue(item)}\n`);
      }
    } else w.line(level, `${labelFor(key)}:`, goValue(child));
  }
};

const ACRONYMS = ['API', 'URL', 'UID', 'GUID'];

/** `lastTransitionTime` → `Last Transition Time`. */
export const labelFor = (field: string): string => {
  if (!/^[\p{L}-]*$/u.test(field)) return field;
  const parts = field.match(/\p{Lu}*\p{Ll}+|\p{Lu}+|-+/gu) ?? [field];
  return parts
    .map((part) =>
      ACRONYMS.includes(part.toUpperCase())
        ? part.toUpperCase()
        : part.toLowerCase() === part
          ? part.charAt(0).toUpperCase() + part.slice(1)
          : part,
    )
    .join(' ');
};
