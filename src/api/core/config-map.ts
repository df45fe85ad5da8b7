import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { ConfigMap } from '../types.ts';

const size = (map: object | undefined): number => (map ? Object.keys(map).length : 0);

/** ConfigMaps: configuration as keys and texts. */
export const ConfigMapKind: Kind<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ConfigMap',
  columns: [
    nameColumn,
    {
      name: 'Data',
      type: 'string',
      description:
        'Data contains the configuration data. Each key must consist of alphanumeric characters, \'-\', \'_\' or \'.\'.',
      cell: (map) => size(map.data) + size(map.binaryData),
    },
    ageColumn,
  ],
};
