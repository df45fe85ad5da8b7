import type { UntypedObject } from '../../api/object.ts';
import { apiVersionOf } from '../../api/kind.ts';
import type { Decodable } from '../../api/schema/decode.ts';
import type { Registry } from '../registry/registry.ts';
import { admissionRequest, type Scope } from '../registry/scope.ts';

/** What is sent to a subresource as admission plugins leave it: an Eviction, a Binding, a TokenRequest. */
export function admitBody<T extends object>(registry: Registry, scope: Scope, kind: Decodable, body: T): T {
  const { metadata, ...rest } = body as { readonly metadata?: object };
  const own = { apiVersion: apiVersionOf(kind), kind: kind.kind, ...rest, metadata: { ...metadata } };
  const draft = own as unknown as UntypedObject & T;
  const request = admissionRequest(scope, 'CREATE', scope.request.name!, draft, undefined);
  registry.admission.connect({ ...request, objectKind: kind });
  return draft;
}
