import { badRequest, notAcceptable } from '../../api/errors.ts';
import type { Kind } from '../../api/kind.ts';
import type { KubeList, UntypedObject, WatchEvent } from '../../api/object.ts';
import { toTable, type IncludeObject, type Table } from '../../api/table.ts';
import type { Representation } from './negotiation.ts';
import { wireCustomList, wireCustomObject, wireList, wireObject } from './wire.ts';

export interface View {
  readonly representation: Representation;
  readonly kind: Kind;
  readonly include: IncludeObject;
  /** Virtual milliseconds since the Unix epoch, for ages. */
  readonly now: () => number;
}

/** The includeObject parameter of a table request. Throws BadRequest when it is none. */
export function includeOf(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') || 'Metadata';
  if (value === 'None' || value === 'Object' || value === 'Metadata') return value;
  const { field, detail } = { field: 'includeObject', detail: "must be 'Metadata', 'Object', 'None', or empty" };
  throw badRequest(
    `Unable to convert to Table as requested: ${field}: Invalid value: ${JSON.stringify(value)}: ${detail}`,
  );
}

const META = 'meta.k8s.io/v1';

/** An answer of the version of meta.k8s.io that was asked for. */
const versioned = <T extends object>(answer: T, { version }: Representation): T =>
  version === 'v1beta1' ? { ...answer, apiVersion: `meta.k8s.io/${version}` } : answer;

/** The name of the Go package of a group's types, which some refusals tell. */
const packageOf = ({ group }: Kind): string =>
  group === '' || group === 'events.k8s.io'
    ? 'core'
    : group === 'internal.apiserver.k8s.io'
      ? 'apiserverinternal'
      : group.split('.')[0]!;

/** What Go calls the type of an answer. */
const typeOf = ({ kind }: View, list: boolean): string =>
  kind.custom
    ? `*unstructured.Unstructured${list ? 'List' : ''}`
    : `*${packageOf(kind)}.${list ? (kind.listKind ?? `${kind.kind}List`) : kind.kind}`;

const isList = (object: UntypedObject): boolean => Array.isArray(object['items']) && object.kind.endsWith('List');

const partial = ({ metadata }: UntypedObject): UntypedObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: META,
  metadata,
});

/** The table of objects, in the version that the client asked for. */
function tableOf(
  { kind, now, include, representation }: View,
  items: UntypedObject[],
  metadata: Table['metadata'],
): Table {
  const table = toTable(kind, items, now(), metadata, include);
  if (representation.version !== 'v1beta1') return table;
  const rows =
    include === 'Metadata'
      ? table.rows.map((row) => ({ ...row, object: versioned(row.object as UntypedObject, representation) }))
      : table.rows;
  return versioned({ ...table, rows }, representation);
}

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
      return tableOf(view, items, metadata);
    }
    case 'PartialObjectMetadata':
      if (list)
        throw notAcceptable(
          `you requested PartialObjectMetadata, but the requested object is a list (${typeOf(view, true)})`,
        );
      return versioned(wireObject(partial(object)), view.representation);
    case 'PartialObjectMetadataList':
      if (!list)
        throw notAcceptable(
          `you requested PartialObjectMetadataList, but the requested object is not a list (${typeOf(view, false)})`,
        );
      return versioned(
        {
          kind: 'PartialObjectMetadataList',
          apiVersion: META,
          metadata: object.metadata,
          items: (object['items'] as UntypedObject[]).map((item) =>
            versioned(wireObject(partial(item)), view.representation),
          ),
        },
        view.representation,
      );
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
        const table = tableOf(view, rows, metadata);
        const shown = first ? table : { ...table, columnDefinitions: null };
        first = false;
        return { type: event.type, object: shown };
      }
      case 'PartialObjectMetadata':
        return {
          type: event.type,
          object: versioned(
            object.metadata.name === undefined ? partial(object) : wireObject(partial(object)),
            view.representation,
          ),
        };
      default:
        return { type: event.type, object: wireObject(object) };
    }
  };
}
