import type { UntypedObject } from '../../api/object.ts';
import type { Pod } from '../../api/types.ts';
import {
  refuse,
  type AdmissionContext,
  type AdmissionRequest,
  type MutatingPlugin,
  type ValidatingPlugin,
} from './admission.ts';

type PreemptionPolicy = 'PreemptLowerPriority' | 'Never';

interface PriorityClass extends UntypedObject {
  readonly value: number;
  readonly globalDefault?: boolean;
  readonly preemptionPolicy?: PreemptionPolicy;
}

interface Priority {
  readonly className: string;
  readonly value: number;
  readonly preemptionPolicy: PreemptionPolicy;
}

/** Classes that every cluster has. */
const SYSTEM_CLASSES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/** A Pod's priority is the number of its priority class: nobody writes it. */
export const priority: MutatingPlugin = {
  name: 'Priority',
  admit: (request, context) => {
    const { kind, operation, subresource, object, old, name } = request;
    if (operation === 'DELETE' && kind.kind === 'PriorityClass' && Object.hasOwn(SYSTEM_CLASSES, name))
      throw refuse(request, 'this is a system priority class and cannot be deleted');
    if (kind.kind !== 'Pod' || subresource || !object) return;
    const { spec } = object as unknown as Pod;
    if (operation === 'UPDATE') {
      const was = (old as unknown as Pod).spec;
      if (spec.priority === undefined && was.priority !== undefined) spec.priority = was.priority;
      if (spec.preemptionPolicy === undefined && was.preemptionPolicy) spec.preemptionPolicy = was.preemptionPolicy;
      return;
    }
    if (operation !== 'CREATE') return;
    const { className, value, preemptionPolicy } = priorityOf(request, context, spec.priorityClassName);
    if (className) spec.priorityClassName = className;
    if (spec.priority !== undefined && spec.priority !== value) {
      throw refuse(
        request,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; ` +
          `priority admission controller computed ${value} from the given PriorityClass name`,
      );
    }
    spec.priority = value;
    if (spec.preemptionPolicy && spec.preemptionPolicy !== preemptionPolicy) {
      throw refuse(
        request,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; ` +
          `priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
      );
    }
    spec.preemptionPolicy = preemptionPolicy;
  },
};

/** There is one class for Pods that name none. */
export const onlyDefaultPriority: ValidatingPlugin = {
  name: 'Priority',
  validate(request, context) {
    const { kind, operation, subresource, object } = request;
    if (kind.kind !== 'PriorityClass' || subresource || !(object as PriorityClass | undefined)?.globalDefault) return;
    const current = defaultClass(context.list('scheduling.k8s.io', 'priorityclasses', undefined) as PriorityClass[]);
    if (!current || (operation === 'UPDATE' && current.metadata.name === object?.metadata.name)) return;
    throw refuse(
      request,
      `PriorityClass ${current.metadata.name} is already marked as default. Only one default can exist`,
    );
  },
};

function priorityOf(request: AdmissionRequest, context: AdmissionContext, className = ''): Priority {
  const found = (
    className
      ? context.get('scheduling.k8s.io', 'priorityclasses', undefined, className)
      : defaultClass(context.list('scheduling.k8s.io', 'priorityclasses', undefined) as PriorityClass[])
  ) as PriorityClass | undefined;
  if (found) {
    const { value, preemptionPolicy = 'PreemptLowerPriority' } = found;
    return { className: found.metadata.name, value, preemptionPolicy };
  }
  if (!className) return { className: '', value: 0, preemptionPolicy: 'PreemptLowerPriority' };
  const value = SYSTEM_CLASSES[className];
  if (value === undefined) throw refuse(request, `no PriorityClass with name ${className} was found`);
  return { className, value, preemptionPolicy: 'PreemptLowerPriority' };
}

/** The class of Pods that name none: of those marked as global default the one with the lowest value. */
const defaultClass = (classes: readonly PriorityClass[]): PriorityClass | undefined =>
  classes.filter(({ globalDefault }) => globalDefault).sort((a, b) => a.value - b.value)[0];
