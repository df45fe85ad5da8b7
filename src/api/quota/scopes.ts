import { qosClass } from '../core/pod-qos.ts';
import type { Kind } from '../kind.ts';
import type { UntypedObject } from '../object.ts';
import type { PersistentVolumeClaim, Pod, ResourceQuota } from '../types.ts';

interface Scope {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** The scopes of a quota, those without values as selectors. */
const scopesOf = ({ spec }: ResourceQuota): Scope[] => [
  ...(spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
  ...(spec?.scopeSelector?.matchExpressions ?? []),
];

function selects({ operator, values = [] }: Scope, value: string | undefined): boolean {
  switch (operator) {
    case 'Exists':
      return !!value;
    case 'DoesNotExist':
      return !value;
    case 'In':
      return value !== undefined && values.includes(value);
    default:
      return value === undefined || !values.includes(value);
  }
}

const reachesOtherNamespaces = ({ spec }: Pod): boolean => {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  return [podAffinity, podAntiAffinity].some((affinity) =>
    [
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
        ({ podAffinityTerm }) => podAffinityTerm,
      ),
    ].some(({ namespaces, namespaceSelector }) => (namespaces?.length ?? 0) > 0 || namespaceSelector !== undefined),
  );
};

function podMatches(scope: Scope, pod: Pod): boolean {
  switch (scope.scopeName) {
    case 'Terminating':
      return pod.spec.activeDeadlineSeconds !== undefined;
    case 'NotTerminating':
      return pod.spec.activeDeadlineSeconds === undefined;
    case 'BestEffort':
      return qosClass(pod.spec) === 'BestEffort';
    case 'NotBestEffort':
      return qosClass(pod.spec) !== 'BestEffort';
    case 'PriorityClass':
      return selects(scope, pod.spec.priorityClassName);
    case 'CrossNamespacePodAffinity':
      return reachesOtherNamespaces(pod);
    default:
      return false;
  }
}

/** Whether an object counts for a quota: all the quota's scopes must match, and most kinds match none. */
export function inScope(
  quota: ResourceQuota,
  { group, resource }: Pick<Kind, 'group' | 'resource'>,
  object: UntypedObject,
): boolean {
  const scopes = scopesOf(quota);
  if (scopes.length === 0) return true;
  if (group !== '') return false;
  if (resource === 'pods') return scopes.every((scope) => podMatches(scope, object as unknown as Pod));
  if (resource !== 'persistentvolumeclaims') return false;
  const { volumeAttributesClassName } = (object as unknown as PersistentVolumeClaim).spec ?? {};
  return scopes.every(
    (scope) => scope.scopeName === 'VolumeAttributesClass' && selects(scope, volumeAttributesClassName),
  );
}
