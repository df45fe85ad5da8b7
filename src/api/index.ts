/** The API floor: machinery (meta, names, quantities, selectors, schemas, patches, tables) and the kinds. */
export * from './errors.ts';
export * as field from './field-error.ts';
export * from './kind.ts';
export * from './kinds.ts';
export * from './meta.ts';
export * from './object.ts';
export * from './status.ts';
export type * from './types.ts';
export * from './duration.ts';
export * from './names.ts';
export * from './quantity.ts';
export * from './selector.ts';
export * from './table.ts';
export { DeploymentKind } from './apps/deployment.ts';
export { ReplicaSetKind } from './apps/replica-set.ts';
export { LeaseKind } from './coordination/lease.ts';
export { ConfigMapKind } from './core/config-map.ts';
export { EndpointsKind } from './core/endpoints.ts';
export { EventKind } from './core/event.ts';
export { NamespaceKind } from './core/namespace.ts';
export { NodeKind } from './core/node.ts';
export { PodKind } from './core/pod.ts';
export { SecretKind } from './core/secret.ts';
export { ServiceAccountKind } from './core/service-account.ts';
export { ServiceKind } from './core/service.ts';
export { EndpointSliceKind } from './discovery/endpoint-slice.ts';
export { EventsEventKind } from './events/event.ts';
export { schemaOf, SCHEMA_VERSION, type Schema } from './schema/schema.ts';
export {
  BINDING,
  decode,
  decodeRaw,
  DecodeError,
  DELETE_OPTIONS,
  EVICTION,
  SCALE,
  type Decodable,
  type Decoded,
  type DecodeOptions,
} from './schema/decode.ts';
export { duplicateFields } from './schema/duplicate-fields.ts';
export * from './generation.ts';
export { equal, fillIn, mapShared, semanticallyEqual, withField } from './draft.ts';
export { qosClass } from './core/pod-qos.ts';
export { applyPatch, type PatchKind } from './patch/apply-patch.ts';
export { applyJsonPatch, PatchError } from './patch/json-patch.ts';
export { applyMergePatch, createMergePatch, createThreeWayMergePatch } from './patch/merge-patch.ts';
export { createThreeWayStrategicPatch, createTwoWayStrategicPatch } from './patch/strategic-diff.ts';
export { applyStrategicMergePatch } from './patch/strategic-merge-patch.ts';
export { goValue, StrategicPatchError } from './patch/strategic-schema.ts';
export { goJsonError } from './go-json.ts';
export * from './ip.ts';
export { defineKind } from './define-kind.ts';
export { checkAnnotations, checkLabels } from './metadata-checks.ts';
export { checkEphemeralContainersUpdate } from './core/pod-update-checks.ts';
