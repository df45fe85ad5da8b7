import { defineKind } from '../define-kind.ts';
import { semanticallyEqual } from '../draft.ts';
import { forbidden, invalid, tooLong } from '../field-error.ts';
import type { FieldError, Kind } from '../kind.ts';
import { checkConfigMapKey } from '../names.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { ConfigMap } from '../types.ts';
import { decodedLength, utf8Length } from './data-size.ts';

const MAX_BYTES = 1024 * 1024;
/** The path of an object as a whole, as Kubernetes writes it. */
const WHOLE = '[]';

function checkConfigMap(map: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [field, values] of [
    ['data', map.data],
    ['binaryData', map.binaryData],
  ] as const)
    for (const key of Object.keys(values ?? {}).sort()) {
      for (const message of checkConfigMapKey(key)) errors.push(invalid(`${field}[${key}]`, key, message));
      if (field === 'data' && map.binaryData && Object.hasOwn(map.binaryData, key))
        errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
      bytes += field === 'data' ? utf8Length(values![key]!) : decodedLength(values![key]!);
    }
  if (bytes > MAX_BYTES) errors.push(tooLong(WHOLE, MAX_BYTES));
  return errors;
}

const FROZEN = 'field is immutable when `immutable` is set';

const size = (map: object | undefined): number => (map ? Object.keys(map).length : 0);

/** ConfigMaps: configuration as keys and texts. */
export const ConfigMapKind: Kind<ConfigMap> = defineKind<ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ConfigMap',
  validate: checkConfigMap,
  validateUpdate(map, old) {
    const errors: FieldError[] = [];
    if (old.immutable) {
      if (!map.immutable) errors.push(forbidden('immutable', FROZEN));
      if (!semanticallyEqual(map.data, old.data)) errors.push(forbidden('data', FROZEN));
      if (!semanticallyEqual(map.binaryData, old.binaryData)) errors.push(forbidden('binaryData', FROZEN));
    }
    return [...errors, ...checkConfigMap(map)];
  },
  columns: [
    nameColumn,
    {
      name: 'Data',
      type: 'string',
      description:
        "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'.",
      cell: (map) => size(map.data) + size(map.binaryData),
    },
    ageColumn,
  ],
});
