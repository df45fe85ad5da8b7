import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import type { UntypedObject } from '../object.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerV1 } from '../types.ts';
import { autoscalerColumns, HorizontalPodAutoscalerKind } from './horizontal-pod-autoscaler.ts';
import { checkAutoscaler, checkAutoscalerStatus } from './horizontal-pod-autoscaler-checks.ts';
import { fromV1 } from './v1-conversion.ts';

const stored = (object: HorizontalPodAutoscalerV1): HorizontalPodAutoscaler =>
  fromV1(object as unknown as UntypedObject) as unknown as HorizontalPodAutoscaler;

/** Autoscalers as the first version of their group shows them: with a target for the CPU's use and nothing else. */
export const HorizontalPodAutoscalerV1Kind: Kind<HorizontalPodAutoscalerV1> = defineKind<HorizontalPodAutoscalerV1>({
  group: 'autoscaling',
  version: 'v1',
  kind: HorizontalPodAutoscalerKind.kind,
  resource: HorizontalPodAutoscalerKind.resource,
  singular: HorizontalPodAutoscalerKind.singular,
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler',
  hasStatus: true,
  defaults(draft) {
    const spec = (draft.spec ??= {} as HorizontalPodAutoscalerV1['spec']);
    spec.minReplicas ??= 1;
    draft.status ??= { currentReplicas: 0, desiredReplicas: 0 };
  },
  prepareForCreate(draft) {
    draft.status = { currentReplicas: 0, desiredReplicas: 0 };
  },
  validate: (autoscaler) => checkAutoscaler(stored(autoscaler)),
  validateStatusUpdate: checkAutoscalerStatus,
  columns: autoscalerColumns(stored),
});
