export type { AdmissionContext, AdmissionRequest, MutatingPlugin, ValidatingPlugin } from './admission/admission.ts';
export { allowAll, type Authorizer, type Decision } from './authorization.ts';
export { startCompaction } from './compaction.ts';
export type { NodeProxy } from './node-proxy.ts';
export type { ApiServerOptions } from './options.ts';
export type * from './request.ts';
export { ApiServer, type ApiServerParts } from './server.ts';
export { storagePrefix } from './storage-keys.ts';
