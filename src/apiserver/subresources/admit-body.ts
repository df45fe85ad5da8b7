import type { UntypedObject } from '../../api/object.ts';
import type { Registry } from '../registry/registry.ts';
import { admissionRequest, type Scope } from '../registry/scope.ts';
import type { Subresource } from './subresource.ts';

/** Asks admission about what is sent to a subresource and kept by nobody: an Eviction, a Binding. */
export function admitBody(registry: Registry, scope: Scope, kind: Subresource['kind'], body: object): void {
  const name = scope.request.name!;
  registry.admission.mutate(admissionRequest(scope, 'CREATE', name, undefined, undefined));
  const apiVersion = kind.group ? `${kind.group}/${kind.version}` : kind.version;
  const object = { apiVersion, kind: kind.kind, ...body } as unknown as UntypedObject;
  registry.admission.connect({ ...admissionRequest(scope, 'CREATE', name, object, undefined), objectKind: kind });
}
