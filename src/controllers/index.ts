export type { CertificateAuthority } from './certificates/authority.ts';
export type { Controller, ControllerContext, PodCidrOptions } from './context.ts';
export { startControllers, type Controllers, type ControllerTable } from './controllers.ts';
