import { defineKind } from '../define-kind.ts';
import { mapShared, semanticallyEqual } from '../draft.ts';
import type { Kind } from '../kind.ts';
import { checkDnsLabel } from '../names.ts';
import type { Pod, PodStatus } from '../types.ts';
import { appArmorWarnings, takeAppArmorOver } from './app-armor-annotations.ts';
import { mergeMatchLabelKeys } from './match-label-keys.ts';
import { checkNewPod } from './pod-checks.ts';
import { podColumns } from './pod-columns.ts';
import { defaultPod } from './pod-defaults.ts';
import { qosClass } from './pod-qos.ts';
import { checkPodStatusUpdate, checkPodUpdate } from './pod-update-checks.ts';
import { podWarnings } from './pod-warnings.ts';

/** Who does not say which generation he saw leaves what was said of it. */
function keepObservedGenerations(status: PodStatus, old: PodStatus): void {
  if (!status.observedGeneration && old.observedGeneration) status.observedGeneration = old.observedGeneration;
  const { conditions } = status;
  if (!conditions || conditions === old.conditions || conditions.every((one) => one.observedGeneration)) return;
  const taken = new Set<object>();
  status.conditions = mapShared(conditions, (condition) => {
    const before = old.conditions?.find((one) => one.type === condition.type && !taken.has(one));
    if (before) taken.add(before);
    return condition.observedGeneration || !before?.observedGeneration
      ? condition
      : { ...condition, observedGeneration: before.observedGeneration };
  });
}

/** Pods: one or more containers that share a network address, placed together on one node. */
export const PodKind: Kind<Pod> = defineKind<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  resource: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Pod',
  hasStatus: true,
  hasGeneration: true,
  columns: podColumns,
  defaults: defaultPod,
  prepareForCreate(draft) {
    if (draft.spec.schedulingGroup) {
      // Gang scheduling is alpha in 1.36: without its feature gate the field is not kept.
      const { schedulingGroup: _, ...spec } = draft.spec;
      draft.spec = spec;
    }
    const status: PodStatus = { phase: 'Pending', qosClass: qosClass(draft.spec) };
    if (draft.spec.schedulingGates?.length) {
      status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
          lastProbeTime: null as unknown as string,
          lastTransitionTime: draft.metadata.creationTimestamp ?? (null as unknown as string),
        },
      ];
    }
    draft.status = status;
    mergeMatchLabelKeys(draft);
    if (draft.metadata.annotations) takeAppArmorOver(draft);
  },
  prepareForUpdate(draft, old) {
    if (old.status) draft.status = old.status;
  },
  prepareForStatusUpdate(draft, old) {
    draft.spec = old.spec;
    const { ownerReferences } = old.metadata;
    if (ownerReferences) draft.metadata.ownerReferences = ownerReferences;
    else delete draft.metadata.ownerReferences;
    if (draft.status && old.status?.qosClass && draft.status.qosClass === undefined)
      draft.status = { ...draft.status, qosClass: old.status.qosClass };
    if (draft.status) keepObservedGenerations(draft.status, old.status ?? {});
    // A kubelet that was away must not undo what others said of the deletion.
    if (!semanticallyEqual(draft.metadata.deletionTimestamp, old.metadata.deletionTimestamp))
      draft.metadata.deletionTimestamp = old.metadata.deletionTimestamp;
  },
  validate: checkNewPod,
  validateUpdate: checkPodUpdate,
  validateStatusUpdate: checkPodStatusUpdate,
  warnings(pod, old) {
    // Hardly anybody changes Pods by hand: only what is created is spoken of.
    if (old) return [];
    const { metadata, spec } = pod;
    const warnings = metadata.annotations ? appArmorWarnings(metadata.annotations, spec) : [];
    const messages = checkDnsLabel(metadata.name);
    if (messages.length > 0)
      warnings.push(
        `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`,
      );
    warnings.push(...podWarnings(spec, 'spec', metadata));
    return warnings;
  },
  defaultGracePeriodSeconds(pod) {
    if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded' || !pod.spec.nodeName) return 0;
    return pod.spec.terminationGracePeriodSeconds ?? 30;
  },
  selectableFields: {
    'spec.nodeName': (pod) => pod.spec.nodeName ?? '',
    'spec.restartPolicy': (pod) => pod.spec.restartPolicy ?? '',
    'spec.schedulerName': (pod) => pod.spec.schedulerName ?? '',
    'spec.serviceAccountName': (pod) => pod.spec.serviceAccountName ?? '',
    'spec.hostNetwork': (pod) => String(pod.spec.hostNetwork ?? false),
    'status.phase': (pod) => pod.status?.phase ?? '',
    'status.podIP': (pod) => pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? '',
    // Kubernetes knows the name, but keeps no value of it.
    'status.podIPs': () => '',
    'status.nominatedNodeName': (pod) => pod.status?.nominatedNodeName ?? '',
  },
});
