import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Node } from '../types.ts';

export const NodeKind: Kind<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  resource: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  schema: 'io.k8s.api.core.v1.Node',
  hasStatus: true,
  columns: [nameColumn, ageColumn],
};
