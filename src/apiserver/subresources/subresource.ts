import type { Kind } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { Registry } from '../registry/registry.ts';
import type { Scope } from '../registry/scope.ts';
import type { ApiResponse, Verb } from '../request.ts';

/** A part or an action of an object with an address of its own: `pods/web/binding`. `status` is served by the ordinary verbs. */
export interface Subresource {
  readonly name: string;
  /** What discovery says of it: verbs, and the kind that it speaks. */
  readonly verbs: readonly Verb[];
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  /** How the server prints what it answers, where that is not the object itself. */
  readonly table?: Kind;
  serve(registry: Registry, scope: Scope): ApiResponse;
}

/** `{"kind":"Status","status":"Success","code":201}`: the answer of actions that create nothing to show. */
export const created = (warnings: readonly string[]): ApiResponse => ({
  code: 201,
  object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as unknown as UntypedObject,
  warnings,
});
