import type { FlagSet } from './flags.ts';

/** Flags that every command takes. */
export const globalFlags: FlagSet = {
  namespace: { type: 'string', short: 'n' },
  as: { type: 'string' },
  'as-group': { type: 'array' },
  'as-uid': { type: 'string' },
  'as-user-extra': { type: 'array' },
  'cache-dir': { type: 'string' },
  'certificate-authority': { type: 'string' },
  'client-certificate': { type: 'string' },
  'client-key': { type: 'string' },
  cluster: { type: 'string' },
  context: { type: 'string' },
  'disable-compression': { type: 'bool' },
  'insecure-skip-tls-verify': { type: 'bool' },
  kubeconfig: { type: 'string' },
  kuberc: { type: 'string' },
  'match-server-version': { type: 'bool' },
  password: { type: 'string' },
  profile: { type: 'string' },
  'profile-output': { type: 'string' },
  'request-timeout': { type: 'string', default: '0' },
  server: { type: 'string', short: 's' },
  'tls-server-name': { type: 'string' },
  token: { type: 'string' },
  user: { type: 'string' },
  username: { type: 'string' },
  v: { type: 'string', short: 'v' },
  vmodule: { type: 'string' },
  'log-flush-frequency': { type: 'duration' },
  'warnings-as-errors': { type: 'bool' },
  help: { type: 'bool', short: 'h' },
};

export const filenameFlags: FlagSet = {
  filename: { type: 'list', short: 'f' },
  kustomize: { type: 'string', short: 'k' },
  recursive: { type: 'bool', short: 'R' },
};

/** `-o` of commands that print the objects they changed. */
export const printFlags: FlagSet = {
  output: { type: 'string', short: 'o' },
  template: { type: 'string' },
  'allow-missing-template-keys': { type: 'bool', default: true },
  'show-managed-fields': { type: 'bool' },
};

export const dryRunFlags: FlagSet = { 'dry-run': { type: 'string', default: 'none', bare: 'unchanged' } };
export const selectorFlags: FlagSet = { selector: { type: 'string', short: 'l' } };
export const fieldSelectorFlags: FlagSet = { 'field-selector': { type: 'string' } };
export const allNamespacesFlags: FlagSet = { 'all-namespaces': { type: 'bool', short: 'A' } };
export const chunkFlags: FlagSet = { 'chunk-size': { type: 'int', default: 500 } };
export const validateFlags: FlagSet = { validate: { type: 'string', default: 'strict', bare: 'strict' } };
export const managerFlags = (manager: string): FlagSet => ({ 'field-manager': { type: 'string', default: manager } });
