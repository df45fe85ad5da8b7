import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';

/** Bindings: that a Pod is to run on a node. They are carried out and not kept. */
export const BindingKind: Kind = defineKind({
  group: '',
  version: 'v1',
  kind: 'Binding',
  resource: 'bindings',
  singular: 'binding',
  namespaced: true,
  verbs: ['create'],
  schema: 'io.k8s.api.core.v1.Binding',
});
