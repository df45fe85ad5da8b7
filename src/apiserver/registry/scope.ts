import type { Manager } from '../../api/apply/managers.ts';
import { badRequest } from '../../api/errors.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { AdmissionRequest } from '../admission/admission.ts';
import type { Endpoint } from '../endpoint.ts';
import type { ApiRequest } from '../request.ts';

/** One request on its way through the stages: what was asked, of which resource, and what is learned on the way. */
export interface Scope {
  readonly request: ApiRequest;
  readonly endpoint: Endpoint;
  readonly dryRun: boolean;
  readonly warnings: string[];
  /** The subresource that managed fields name, where the write itself is one to the object. */
  readonly writtenBy?: string;
  /** Who manages the fields after a server-side apply. */
  readonly managers?: readonly Manager[];
  /** Whether admission plugins are done with it. */
  readonly admitted?: true;
}

/** The question that admission plugins are asked about this request. */
export const admissionRequest = (
  scope: Scope,
  operation: AdmissionRequest['operation'],
  name: string,
  object: UntypedObject | undefined,
  old: UntypedObject | undefined,
): AdmissionRequest => ({
  operation,
  kind: scope.endpoint.kind,
  subresource: scope.request.subresource ?? scope.writtenBy,
  namespace: scope.request.namespace ?? '',
  name,
  user: scope.request.user,
  options: scope.request.options,
  dryRun: scope.dryRun,
  object,
  old,
  warnings: scope.warnings,
});

/** Gives an object the namespace of the request's path, or refuses if it names another. */
export function settleNamespace(scope: Scope, draft: UntypedObject): void {
  const namespace = scope.endpoint.kind.namespaced ? (scope.request.namespace ?? '') : '';
  const { metadata } = draft;
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (namespace) metadata.namespace = namespace;
  else delete metadata.namespace;
}
