import type { Kind } from '../../api/kind.ts';
import type { KubeList, UntypedObject, WatchEvent } from '../../api/object.ts';
import { toTable, type IncludeObject } from '../../api/table.ts';
import type { Representation } from './negotiation.ts';
import { wireCustomList, wireCustomObject, wireList, wireObject } from './wire.ts';

export interface View {
  readonly representation: Representation;
  readonly kind: Kind;
  readonly include: IncludeObject;
  /** Virtual milliseconds since the Unix epoch, for ages. */
  readonly now: () => number;
}

/** The includeObject parameter of a table request. */
export const includeOf = (query: URLSearchParams): IncludeObject => {
  const value = query.get('includeObject');
  return value === 'None' || value === 'Object' ? value : 'Metadata';
};

const META = 'meta.k8s.io/v1';

const isList = (object: UntypedObject): boolean => Array.isArray(object['items']) && object.kind.endsWith('List');

const partial = ({ metadata }: UntypedObject): UntypedObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: META,
  metadata,
});

/** An answer in the form that the client asked for. Status objects are never transformed. */
export function presentAnswer(view: View, object: UntypedObject): unknown {
  const list = isList(object);
  const shown = object.kind === 'Status' ? 'Object' : view.representation.as;
  switch (shown) {
    case 'Table': {
      const items = list ? (object['items'] as UntypedObject[]) : [object];
      const metadata = list
        ? (object.metadata as unknown as KubeList['metadata'])
        : { resourceVersion: object.metadata.resourceVersion ?? '' };
      return toTable(view.kind, items, view.now(), metadata, view.include);
    }
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      if (!list) return wireObject(partial(object));
      return {
        kind: 'PartialObjectMetadataList',
        apiVersion: META,
        metadata: object.metadata,
        items: (object['items'] as UntypedObject[]).map((item) => wireObject(partial(item))),
      };
    default:
      if (view.kind.custom && object.kind !== 'Status') return list ? wireCustomList(object) : wireCustomObject(object);
      return list ? wireList(object) : wireObject(object);
  }
}

/** The events of one watch, in the form that the client asked for. */
export function eventPresenter(view: View): (event: WatchEvent) => unknown {
  let first = true;
  return (event) => {
    if (event.type === 'ERROR') return event;
    if (event.type === 'BOOKMARK' && view.representation.as === 'Object') return event;
    const object = event.object as UntypedObject;
    switch (view.representation.as) {
      case 'Table': {
        const rows = event.type === 'BOOKMARK' ? [] : [object];
        const metadata = { resourceVersion: object.metadata.resourceVersion ?? '' };
        const table = toTable(view.kind, rows, view.now(), metadata, view.include);
        const shown = first ? table : { ...table, columnDefinitions: null };
        first = false;
        return { type: event.type, object: shown };
      }
      case 'PartialObjectMetadata':
        return {
          type: event.type,
          object: object.metadata.name === undefined ? partial(object) : wireObject(partial(object)),
        };
      default:
        return { type: event.type, object: wireObject(object) };
    }
  };
}
