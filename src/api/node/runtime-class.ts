import { checkTolerations } from '../core/affinity-checks.ts';
import { checkImmutable, refuse, type Errors } from '../core/common-checks.ts';
import { DEPRECATED_NODE_LABELS } from '../core/node-labels.ts';
import { internalForm } from '../core/internal-form.ts';
import { roundedUp } from '../core/pod-defaults.ts';
import { checkContainerResourceName, checkRequirements } from '../core/resource-checks.ts';
import { defineKind } from '../define-kind.ts';
import { duplicate } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { checkLabels } from '../metadata-checks.ts';
import { checkDnsLabel } from '../names.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { RuntimeClass, Toleration } from '../types.ts';

function checkDistinctTolerations(tolerations: readonly Toleration[], errors: Errors): void {
  const path = 'scheduling.tolerations';
  checkTolerations(tolerations, path, errors);
  const seen = new Set<string>();
  tolerations.forEach((toleration, i) => {
    const { key, operator, value, effect } = toleration;
    const same = JSON.stringify([key, operator, value, effect]);
    if (seen.has(same)) errors.push(duplicate(`${path}[${i}]`, internalForm('Toleration', toleration)));
    seen.add(same);
  });
}

function checkClass({ handler, overhead, scheduling }: RuntimeClass): Errors {
  const errors: Errors = [];
  refuse('handler', handler ?? '', checkDnsLabel(handler ?? ''), errors);
  if (overhead) checkRequirements({ limits: overhead.podFixed ?? {} }, checkContainerResourceName, 'overhead', errors);
  if (scheduling?.nodeSelector) checkLabels(scheduling.nodeSelector, 'scheduling.nodeSelector', errors);
  if (scheduling?.tolerations) checkDistinctTolerations(scheduling.tolerations, errors);
  return errors;
}

/** RuntimeClasses: with what containers are run. */
export const RuntimeClassKind: Kind<RuntimeClass> = defineKind<RuntimeClass>({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  resource: 'runtimeclasses',
  singular: 'runtimeclass',
  namespaced: false,
  schema: 'io.k8s.api.node.v1.RuntimeClass',
  conditionalUpdates: true,
  defaults(draft) {
    const { overhead } = draft;
    if (overhead?.podFixed) draft.overhead = { ...overhead, podFixed: roundedUp(overhead.podFixed) };
  },
  validate: checkClass,
  validateUpdate(runtime, old) {
    const errors = checkClass(runtime);
    checkImmutable(runtime.handler, old.handler, 'handler', errors);
    return errors;
  },
  warnings: ({ scheduling }) =>
    Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) =>
      DEPRECATED_NODE_LABELS[key] ? [`scheduling.nodeSelector: ${DEPRECATED_NODE_LABELS[key]}`] : [],
    ),
  columns: [nameColumn, column('Handler', ({ handler }) => handler), ageColumn],
});
