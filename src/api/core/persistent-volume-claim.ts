import { defineKind } from '../define-kind.ts';
import { equal, semanticallyEqual, withField } from '../draft.ts';
import { forbidden, invalid } from '../field-error.ts';
import type { FieldError, Kind } from '../kind.ts';
import { parseQuantity } from '../quantity.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { PersistentVolumeClaim } from '../types.ts';
import { checkClaimStatus } from './claim-status-checks.ts';
import { claimSpecWarnings } from './claim-warnings.ts';
import { checkImmutable, type Errors } from './common-checks.ts';
import { internalForm } from './internal-form.ts';
import { roundedUp } from './pod-defaults.ts';
import { unifiedDiff } from './unified-diff.ts';
import { checkClaimSpec } from './volume-claim-checks.ts';
import { accessModesText, BETA_CLASS, storageClassOf } from './volume-columns.ts';

type Spec = PersistentVolumeClaim['spec'];

/** Resource lists keep thousandths only. */
function resourcesRounded(resources: NonNullable<Spec['resources']>): NonNullable<Spec['resources']> {
  let out = resources;
  if (out.limits) out = withField(out, 'limits', roundedUp(out.limits));
  if (out.requests) out = withField(out, 'requests', roundedUp(out.requests));
  return out;
}

/** A claim, or a template of one, completed. Changes `draft`, whose top level and spec are its own. */
export function defaultClaim(draft: PersistentVolumeClaim): void {
  const spec = (draft.spec ??= {});
  spec.volumeMode ??= 'Filesystem';
  if (spec.resources) spec.resources = resourcesRounded(spec.resources);
  for (const field of ['dataSource', 'dataSourceRef'] as const) {
    const source = spec[field];
    // This field is never left out.
    if (source && source.apiGroup === undefined)
      spec[field] = { ...source, apiGroup: null as unknown as string } as never;
  }
  draft.status = { ...draft.status };
  draft.status.phase ||= 'Pending';
}

/** Sources that a claim may name in its older field alone; others are dropped from it. */
const isOldSource = ({ kind, apiGroup }: NonNullable<Spec['dataSource']>): boolean =>
  apiGroup ? kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io' : kind === 'PersistentVolumeClaim';

/** What a claim may not say: sources of an unknown kind, and sources elsewhere, which is alpha. */
function dropSources(spec: Spec, old?: Spec): void {
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef;
  const hadSource = old && (old.dataSource || old.dataSourceRef);
  if (!hadSource && !spec.dataSourceRef && spec.dataSource && !isOldSource(spec.dataSource)) delete spec.dataSource;
}

/** The older and the newer field for the source of the data follow each other. */
function normalizeSources(spec: Spec): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = dataSource;
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _, ...local } = dataSourceRef;
    spec.dataSource = local;
  }
}

function checkClaim({ spec }: PersistentVolumeClaim): Errors {
  const errors: Errors = [];
  checkClaimSpec(spec, 'spec', errors);
  return errors;
}

const storageOf = (spec: Spec): string | number => spec.resources?.requests?.['storage'] ?? '0';

function checkClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const errors = checkClaim(claim);
  const before: Spec = { ...old.spec };
  const after: Spec = { ...claim.spec };
  const annotated = old.metadata.annotations?.[BETA_CLASS];
  const annotation = claim.metadata.annotations?.[BETA_CLASS];
  // The class may move from the annotation to the field.
  const moved =
    annotated !== undefined &&
    before.storageClassName === undefined &&
    after.storageClassName === annotated &&
    (annotation === undefined || annotation === annotated);
  if (!moved && (annotation ?? '') !== (annotated ?? ''))
    errors.push(invalid(`metadata.annotations.${BETA_CLASS}`, annotation ?? '', 'field is immutable'));
  if (!before.volumeName && after.volumeName) before.volumeName = after.volumeName;
  if (before.storageClassName === undefined && after.storageClassName !== undefined)
    if (annotated === undefined || annotated === after.storageClassName)
      before.storageClassName = after.storageClassName;
  if (old.status?.phase === 'Bound') {
    if (after.resources?.requests)
      after.resources = { ...after.resources, requests: { ...after.resources.requests, storage: storageOf(before) } };
    if (after.volumeAttributesClassName !== undefined) {
      if (before.volumeAttributesClassName === undefined) delete after.volumeAttributesClassName;
      else after.volumeAttributesClassName = before.volumeAttributesClassName;
    }
  }
  if (!semanticallyEqual(after, before)) {
    const show = (of: Spec): string => JSON.stringify(internalForm('PersistentVolumeClaimSpec', of), undefined, 1);
    errors.push(
      forbidden(
        'spec',
        `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${unifiedDiff(show(before), show(after))}`,
      ),
    );
  }
  const size = parseQuantity(storageOf(claim.spec));
  const granted = parseQuantity(claim.status?.capacity?.['storage'] ?? '0');
  if (size.compare(parseQuantity(storageOf(old.spec))) < 0 && size.compare(granted) <= 0)
    errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  checkImmutable(claim.spec.volumeMode, old.spec.volumeMode, 'volumeMode', errors);
  const attributes = claim.spec.volumeAttributesClassName;
  const at = 'spec.volumeAttributesClassName';
  if (old.spec.volumeAttributesClassName !== undefined) {
    if (attributes === undefined) errors.push(forbidden(at, 'update from non-nil value to nil is forbidden'));
    else if (attributes === '' && old.spec.volumeAttributesClassName !== '')
      errors.push(forbidden(at, 'update from non-nil value to an empty string is forbidden'));
  }
  return errors;
}

/** PersistentVolumeClaims: storage that somebody asks for. */
export const PersistentVolumeClaimKind: Kind<PersistentVolumeClaim> = defineKind<PersistentVolumeClaim>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  resource: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.PersistentVolumeClaim',
  hasStatus: true,
  defaults: defaultClaim,
  prepareForCreate(draft) {
    draft.status = { phase: 'Pending' };
    dropSources(draft.spec);
    normalizeSources(draft.spec);
  },
  prepareForUpdate(draft, old) {
    if (equal(draft.spec.dataSource, old.spec.dataSource) && draft.spec.dataSourceRef === undefined)
      if (old.spec.dataSourceRef) draft.spec.dataSourceRef = old.spec.dataSourceRef;
    dropSources(draft.spec, old.spec);
    normalizeSources(draft.spec);
  },
  validate: checkClaim,
  validateUpdate: checkClaimUpdate,
  validateStatusUpdate: checkClaimStatus,
  warnings(claim) {
    const warnings: string[] = [];
    if (claim.metadata.annotations?.[BETA_CLASS] !== undefined)
      warnings.push(
        `metadata.annotations[${BETA_CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`,
      );
    return [...warnings, ...claimSpecWarnings(claim.spec, 'spec')];
  },
  columns: [
    nameColumn,
    column('Status', ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''))),
    column('Volume', ({ spec }) => spec.volumeName ?? ''),
    column('Capacity', ({ spec, status }) => (spec.volumeName ? String(status?.capacity?.['storage'] ?? '0') : '')),
    column('Access Modes', ({ spec, status }) => (spec.volumeName ? accessModesText(status?.accessModes) : '')),
    column('StorageClass', (claim) => storageClassOf(claim)),
    column('VolumeAttributesClass', ({ spec }) => spec.volumeAttributesClassName ?? '<unset>'),
    ageColumn,
    column('VolumeMode', ({ spec }) => spec.volumeMode ?? '<unset>', 1),
  ],
});
