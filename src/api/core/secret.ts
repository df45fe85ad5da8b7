import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Secret } from '../types.ts';

/** Base64 of the text's UTF-8 bytes. */
function base64(text: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Secrets: configuration that is not shown to everyone; values are base64. */
export const SecretKind: Kind<Secret> = {
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
};
