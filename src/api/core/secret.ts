import { defineKind } from '../define-kind.ts';
import { semanticallyEqual } from '../draft.ts';
import { forbidden, invalid, required, tooLong } from '../field-error.ts';
import { goJsonError } from '../go-json.ts';
import type { FieldError, Kind } from '../kind.ts';
import { checkConfigMapKey } from '../names.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Secret } from '../types.ts';
import { decodedLength } from './data-size.ts';
import { tlsWarnings } from './tls-warnings.ts';

/** Base64 of the text's UTF-8 bytes. */
function base64(text: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

const MAX_BYTES = 1024 * 1024;
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';

function checkDockerConfig(data: Record<string, string>, key: string, errors: FieldError[]): void {
  const path = `data[${key}]`;
  const value = data[key];
  if (value === undefined) {
    errors.push(required(path));
    return;
  }
  const problem = goJsonError(atob(value));
  if (problem) errors.push(invalid(path, '<secret contents redacted>', problem));
}

function checkByType(secret: Secret, data: Record<string, string>, errors: FieldError[]): void {
  const need = (...keys: string[]): void => {
    for (const key of keys) if (data[key] === undefined) errors.push(required(`data[${key}]`));
  };
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      if (!secret.metadata.annotations?.[ACCOUNT_NAME]) errors.push(required(`metadata.annotations[${ACCOUNT_NAME}]`));
      break;
    case 'kubernetes.io/dockercfg':
      checkDockerConfig(data, '.dockercfg', errors);
      break;
    case 'kubernetes.io/dockerconfigjson':
      checkDockerConfig(data, '.dockerconfigjson', errors);
      break;
    case 'kubernetes.io/basic-auth':
      if (data['username'] === undefined && data['password'] === undefined) need('username', 'password');
      break;
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) errors.push(required('data[ssh-privatekey]'));
      break;
    case 'kubernetes.io/tls':
      need('tls.crt', 'tls.key');
      break;
    default:
  }
}

function checkSecret(secret: Secret): FieldError[] {
  const errors: FieldError[] = [];
  const data = secret.data ?? {};
  let bytes = 0;
  for (const key of Object.keys(data).sort()) {
    for (const message of checkConfigMapKey(key)) errors.push(invalid(`data[${key}]`, key, message));
    bytes += decodedLength(data[key]!);
  }
  if (bytes > MAX_BYTES) errors.push(tooLong('data', MAX_BYTES));
  checkByType(secret, data, errors);
  return errors;
}

const FROZEN = 'field is immutable when `immutable` is set';

/** Secrets: configuration that is not shown to everyone; values are base64. */
export const SecretKind: Kind<Secret> = defineKind<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  resource: 'secrets',
  singular: 'secret',
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Secret',
  defaults(draft) {
    draft.type ||= 'Opaque';
    const { stringData } = draft;
    if (!stringData) return;
    // Written as text, kept as base64.
    draft.data = { ...draft.data };
    for (const key in stringData) draft.data[key] = base64(stringData[key]!);
    delete draft.stringData;
  },
  validate: checkSecret,
  validateUpdate(secret, old) {
    const errors: FieldError[] = [];
    if (secret.type !== old.type) errors.push(invalid('type', secret.type, 'field is immutable'));
    if (old.immutable) {
      if (!secret.immutable) errors.push(forbidden('immutable', FROZEN));
      if (!semanticallyEqual(secret.data, old.data)) errors.push(forbidden('data', FROZEN));
    }
    return [...errors, ...checkSecret(secret)];
  },
  warnings: (secret) => (secret.type === 'kubernetes.io/tls' ? tlsWarnings(secret.data ?? {}) : []),
  selectableFields: { type: (secret) => secret.type ?? '' },
  columns: [
    nameColumn,
    {
      name: 'Type',
      type: 'string',
      description: 'Used to facilitate programmatic handling of secret data.',
      cell: (secret) => secret.type ?? '',
    },
    {
      name: 'Data',
      type: 'string',
      description: 'Data contains the secret data.',
      cell: (secret) => Object.keys(secret.data ?? {}).length,
    },
    ageColumn,
  ],
});
