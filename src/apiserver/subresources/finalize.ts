import { checkFinalizeUpdate } from '../../api/core/namespace.ts';
import { invalid, notFound } from '../../api/errors.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { Namespace } from '../../api/types.ts';
import { decodeBody } from '../registry/decode-body.ts';
import { replace } from '../registry/update.ts';
import type { Subresource } from './subresource.ts';

/** namespaces/finalize: the only way to take finalizers off a Namespace's spec. The last one lets it go. */
export const finalize: Subresource = {
  name: 'finalize',
  verbs: ['update'],
  kind: { group: '', version: 'v1', kind: 'Namespace' },
  serve: (registry, scope) => {
    const { endpoint, request } = scope;
    const stored = endpoint.store.get(undefined, request.name!);
    if (!stored) throw notFound(endpoint.kind, request.name!);
    const asked = decodeBody(scope, request.body);
    const draft: UntypedObject = {
      ...stored,
      metadata: { ...stored.metadata },
      spec: {
        ...(stored['spec'] as object),
        finalizers: (asked['spec'] as { finalizers?: string[] } | undefined)?.finalizers,
      },
    };
    const spec = draft['spec'] as { finalizers?: string[] };
    if (!spec.finalizers?.length) delete spec.finalizers;
    if (asked.metadata.resourceVersion) draft.metadata.resourceVersion = asked.metadata.resourceVersion;
    const errors = checkFinalizeUpdate(draft as unknown as Namespace);
    if (errors.length > 0) throw invalid(endpoint.kind, stored.metadata.name, errors);
    const object = replace(registry, scope, draft, stored, stored);
    return { code: 200, object, warnings: scope.warnings };
  },
};
