import { checkNonNegative, checkOneOf, refuse, type Errors } from '../core/common-checks.ts';
import { claimSpecWarnings } from '../core/claim-warnings.ts';
import { internalForm } from '../core/internal-form.ts';
import { defaultClaim } from '../core/persistent-volume-claim.ts';
import { checkTemplate } from '../core/pod-checks.ts';
import { templateWithDefaults } from '../core/pod-defaults.ts';
import { checkClaimSpec } from '../core/volume-claim-checks.ts';
import { defineKind } from '../define-kind.ts';
import { semanticallyEqual } from '../draft.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { FieldError, Kind } from '../kind.ts';
import { checkDnsLabel } from '../names.ts';
import { checkLabelSelector, matcherOf } from '../selector.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { PersistentVolumeClaim, PodSpec, PodTemplateSpec, StatefulSet } from '../types.ts';
import { workloadScale } from './deployment.ts';
import { asksAnew, checkCollisions, checkReplicaCounts, templateWarnings } from './workload-checks.ts';
import { templateColumns } from './workload-columns.ts';

type Spec = StatefulSet['spec'];
type Claim = NonNullable<Spec['volumeClaimTemplates']>[number];

function claimWithDefaults(claim: Claim): Claim {
  const draft = {
    ...claim,
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: claim.metadata ?? {},
    spec: { ...claim.spec },
  } as PersistentVolumeClaim;
  defaultClaim(draft);
  return draft as Claim;
}

const completeClaims = new WeakSet<object>();

/** Claim templates with their defaults; the same list when it came out of here before. */
function claimsWithDefaults(claims: Claim[]): Claim[] {
  if (completeClaims.has(claims)) return claims;
  const out = claims.map(claimWithDefaults);
  completeClaims.add(out);
  return out;
}

function checkUpdateStrategy(strategy: NonNullable<Spec['updateStrategy']>, errors: Errors): void {
  const path = 'spec.updateStrategy';
  const { type, rollingUpdate } = strategy;
  if (!type) errors.push(required(path));
  else if (type === 'OnDelete') {
    if (rollingUpdate)
      errors.push(
        invalid(
          `${path}.rollingUpdate`,
          internalForm('RollingUpdateStatefulSetStrategy', rollingUpdate),
          "only allowed for updateStrategy 'RollingUpdate'",
        ),
      );
  } else if (type === 'RollingUpdate')
    checkNonNegative(rollingUpdate?.partition, `${path}.rollingUpdate.partition`, errors);
  else
    errors.push(
      invalid(path, internalForm('StatefulSetUpdateStrategy', strategy), "must be 'RollingUpdate' or 'OnDelete'"),
    );
}

/** The template with the volumes that the claims will be: containers may mount them. */
function templateWithClaims({ template, volumeClaimTemplates = [] }: Spec): PodTemplateSpec {
  if (volumeClaimTemplates.length === 0) return template;
  const names = volumeClaimTemplates.map((claim) => claim.metadata?.name ?? '');
  const own = (template.spec?.volumes ?? []).filter(({ name }) => !names.includes(name));
  const claimed = names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...template.spec, volumes: [...own, ...claimed] } as PodSpec };
}

function checkSelectorAndTemplate(spec: Spec, errors: Errors): void {
  const { selector } = spec;
  const path = 'spec.template';
  if (!selector) errors.push(required('spec.selector'));
  else {
    errors.push(...checkLabelSelector(selector, 'spec.selector'));
    if (Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0)
      errors.push(invalid('spec.selector', selector, 'empty selector is invalid for statefulset'));
  }
  const matcher = matcherOf(selector);
  const labels = spec.template.metadata?.labels;
  if (!matcher.everything && !matcher.matches(labels))
    errors.push(invalid(`${path}.metadata.labels`, labels, '`selector` does not match template `labels`'));
  checkTemplate(templateWithClaims(spec), path, errors);
  const { restartPolicy = '', activeDeadlineSeconds } = spec.template.spec ?? {};
  if (restartPolicy !== 'Always') errors.push(notSupported(`${path}.spec.restartPolicy`, restartPolicy, ['Always']));
  if (activeDeadlineSeconds !== undefined)
    errors.push(
      forbidden(`${path}.spec.activeDeadlineSeconds`, 'activeDeadlineSeconds in StatefulSet is not Supported'),
    );
}

function checkStatefulSetSpec(spec: Spec): Errors {
  const errors: Errors = [];
  const policy = spec.podManagementPolicy;
  if (!policy) errors.push(required('spec.podManagementPolicy'));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel')
    errors.push(invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  checkUpdateStrategy(spec.updateStrategy ?? {}, errors);
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  for (const when of ['whenDeleted', 'whenScaled'] as const)
    checkOneOf(
      retention?.[when],
      ['Retain', 'Delete'],
      `spec.persistentVolumeClaimRetentionPolicy.${when}`,
      errors,
      !retention,
    );
  checkNonNegative(spec.replicas, 'spec.replicas', errors);
  checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', errors);
  checkNonNegative(spec.ordinals?.start, 'spec.ordinals.start', errors);
  checkSelectorAndTemplate(spec, errors);
  return errors;
}

function checkNewStatefulSet({ spec }: StatefulSet): FieldError[] {
  const errors = checkStatefulSetSpec(spec);
  if (spec.serviceName) refuse('spec.serviceName', spec.serviceName, checkDnsLabel(spec.serviceName), errors);
  spec.volumeClaimTemplates?.forEach((claim, i) =>
    checkClaimSpec(claim.spec ?? {}, `spec.volumeClaimTemplates[${i}].spec`, errors),
  );
  return errors;
}

const CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

const ONLY_THESE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

function fixedPart(spec: Spec): object {
  const out: Partial<Spec> = { ...spec };
  for (const field of CHANGEABLE) delete out[field];
  return out;
}

const COUNTS = ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'];

/** StatefulSets: numbered Pods, each with a name, an address and storage of its own. */
export const StatefulSetKind: Kind<StatefulSet> = defineKind<StatefulSet>({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  resource: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.StatefulSet',
  hasStatus: true,
  validateName: checkDnsLabel,
  hasGeneration: true,
  scale: workloadScale,
  defaults(draft) {
    const spec = (draft.spec ??= {} as Spec);
    spec.podManagementPolicy ||= 'OrderedReady';
    const strategy = { ...spec.updateStrategy };
    strategy.type ||= 'RollingUpdate';
    if (strategy.type === 'RollingUpdate') strategy.rollingUpdate = { partition: 0, ...strategy.rollingUpdate };
    spec.updateStrategy = strategy;
    spec.persistentVolumeClaimRetentionPolicy = {
      whenDeleted: 'Retain',
      whenScaled: 'Retain',
      ...spec.persistentVolumeClaimRetentionPolicy,
    };
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    spec.template = templateWithDefaults(spec.template ?? ({} as PodTemplateSpec));
    if (spec.volumeClaimTemplates) spec.volumeClaimTemplates = claimsWithDefaults(spec.volumeClaimTemplates);
    draft.status ??= { availableReplicas: 0, replicas: 0 };
  },
  prepareForCreate(draft) {
    draft.status = { availableReplicas: 0, replicas: 0 };
    dropUnavailable(draft);
  },
  prepareForUpdate: dropUnavailable,
  validate: checkNewStatefulSet,
  validateUpdate({ spec }, old) {
    const errors = checkStatefulSetSpec(spec);
    if (!semanticallyEqual(fixedPart(spec), fixedPart(old.spec))) errors.push(forbidden('spec', ONLY_THESE));
    return errors;
  },
  validateStatusUpdate({ status }, old) {
    const errors: Errors = [];
    const counts = [...COUNTS, 'observedGeneration', 'collisionCount'];
    checkReplicaCounts({ ...status }, counts, COUNTS.slice(1), errors, 'status.readyReplicas');
    checkCollisions(status, old.status, errors);
    return errors;
  },
  warnings(set, old) {
    const { template, volumeClaimTemplates = [], revisionHistoryLimit = 0 } = set.spec;
    return [
      ...(asksAnew(set, old) ? templateWarnings(template, 'spec.template') : []),
      ...volumeClaimTemplates.flatMap((claim, i) =>
        claimSpecWarnings(claim.spec ?? {}, `spec.volumeClaimTemplates[${i}].spec`),
      ),
      ...(revisionHistoryLimit < 0
        ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
        : []),
    ];
  },
  columns: [
    nameColumn,
    column('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`),
    ageColumn,
    ...templateColumns<StatefulSet>(),
  ],
});

/** `maxUnavailable` is a field of a feature that is not switched on. */
function dropUnavailable({ spec }: StatefulSet): void {
  const { updateStrategy } = spec;
  if (updateStrategy?.rollingUpdate?.maxUnavailable === undefined) return;
  const { maxUnavailable: _, ...rollingUpdate } = updateStrategy.rollingUpdate;
  spec.updateStrategy = { ...updateStrategy, rollingUpdate };
}
