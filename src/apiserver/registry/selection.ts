import { badRequest } from '../../api/errors.ts';
import { quote } from '../../api/field-error.ts';
import type { Kind } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import { parseFieldSelector, parseLabelSelector, type FieldRequirement } from '../../api/selector.ts';
import { present, type Endpoint } from '../endpoint.ts';
import type { ApiRequest } from '../request.ts';
import type { Selection } from '../watch/selection.ts';

const METADATA: Readonly<Record<string, (object: UntypedObject) => string>> = {
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

/** Fields that have another name in what old clients send. */
const OLD_NAMES: Readonly<Record<string, string>> = { 'spec.host': 'spec.nodeName' };

/** How kinds with fields of their own refuse others. */
function fieldRefusal({ group, version, kind }: Kind, field: string): string {
  switch (`${kind}.${group}`) {
    case 'Job.batch':
      return `field label ${quote(field)} not supported for batchv1.Job`;
    case 'ResourceSlice.resource.k8s.io':
      return `field label not supported for ${group}/${version}, Kind=${kind}: ${field}`;
    default:
      return `field label not supported: ${field}`;
  }
}

/** The getter of a field that a selector names; kinds with fields of their own refuse others in other words. */
function fieldGetter(kind: Kind, field: string): (object: UntypedObject) => string {
  const { selectableFields: own, namespaced } = kind;
  // Kinds that say which fields there are say it of the namespace only where they have one.
  const getter = own && !namespaced && field === 'metadata.namespace' ? undefined : (METADATA[field] ?? own?.[field]);
  if (getter) return getter;
  throw badRequest(
    own
      ? fieldRefusal(kind, field)
      : `${quote(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

/** What the selectors and the path of a request select, split into what indexes answer and the rest. */
export function selectionOf(endpoint: Endpoint, request: ApiRequest): Selection {
  const { kind, store } = endpoint;
  const { options } = request;
  let namespace = kind.namespaced ? request.namespace || undefined : undefined;
  let name = request.name || undefined;
  let indexed: string | undefined;
  const fields: { readonly requirement: FieldRequirement; readonly get: (object: UntypedObject) => string }[] = [];
  for (const requirement of options.fieldSelector ? parseFieldSelector(options.fieldSelector) : []) {
    const { operator, value } = requirement;
    const field = (kind.kind === 'Pod' && OLD_NAMES[requirement.field]) || requirement.field;
    const get = fieldGetter(kind, field);
    if (operator === '=' && field === 'metadata.name' && name === undefined) name = value;
    else if (operator === '=' && field === 'metadata.namespace' && namespace === undefined) namespace = value;
    else if (operator === '=' && field === store.indexedField && indexed === undefined) indexed = value;
    else fields.push({ requirement, get });
  }
  const labels = options.labelSelector ? parseLabelSelector(options.labelSelector) : undefined;
  const byLabels = labels && !labels.everything ? labels : undefined;
  let filter: Selection['filter'];
  if (byLabels || fields.length > 0) {
    filter = (stored) => {
      if (byLabels && !byLabels.matches(stored.metadata.labels)) return false;
      const object = fields.length > 0 ? present(endpoint, stored) : stored;
      return fields.every(
        ({ requirement, get }) => (get(object) === requirement.value) === (requirement.operator === '='),
      );
    };
  }
  return { namespace, name, indexed, filter };
}
