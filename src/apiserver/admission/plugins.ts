import type { MutatingPlugin, ValidatingPlugin } from './admission.ts';
import { defaultIngressClass, defaultStorageClass } from './default-classes.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { limitRanger, limitRangerDefaults } from './limit-ranger.ts';
import { mountableSecrets } from './mountable-secrets.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.ts';
import { podResize } from './pod-resize.ts';
import { podTopologyLabels } from './pod-topology-labels.ts';
import { podSecurity } from './pod-security/pod-security.ts';
import { onlyDefaultPriority, priority } from './priority.ts';
import { resourceQuota } from './resource-quota.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

/** The mutating plugins, in the order in which the real server runs them. */
export const MUTATING_PLUGINS: readonly MutatingPlugin[] = [
  namespaceLifecycle,
  limitRangerDefaults,
  serviceAccount,
  taintNodesByCondition,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUseProtection,
  runtimeClass,
  defaultIngressClass,
  podTopologyLabels,
];

/** The validating plugins, in order. */
export const VALIDATING_PLUGINS: readonly ValidatingPlugin[] = [
  limitRanger,
  mountableSecrets,
  podSecurity,
  onlyDefaultPriority,
  persistentVolumeClaimResize,
  runtimeClass,
  podResize,
  resourceQuota,
];
