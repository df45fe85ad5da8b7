import type { MutatingPlugin, ValidatingPlugin } from './admission.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';

/** The mutating plugins, in the order in which the real server runs them. */
export const MUTATING_PLUGINS: readonly MutatingPlugin[] = [namespaceLifecycle];

/** The validating plugins, in order. */
export const VALIDATING_PLUGINS: readonly ValidatingPlugin[] = [];
