import { checkImmutable, checkNonNegative, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { required } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { controllerOf } from '../meta.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { ControllerRevision } from '../types.ts';

function controllerText(revision: ControllerRevision): string {
  const owner = controllerOf(revision);
  if (!owner) return '<none>';
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}

function checkRevision(revision: ControllerRevision): Errors {
  const errors: Errors = [];
  if (revision.data === undefined || revision.data === null) errors.push(required('data', 'data is mandatory'));
  checkNonNegative(revision.revision, 'revision', errors);
  return errors;
}

/** ControllerRevisions: states of a workload's template that it can go back to. */
export const ControllerRevisionKind: Kind<ControllerRevision> = defineKind<ControllerRevision>({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  resource: 'controllerrevisions',
  singular: 'controllerrevision',
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.ControllerRevision',
  validate: checkRevision,
  validateUpdate(revision, old) {
    const errors = checkRevision(revision);
    checkImmutable(revision.data, old.data, 'data', errors);
    return errors;
  },
  columns: [
    nameColumn,
    column('Controller', controllerText),
    column('Revision', ({ revision }) => revision, 0, 'integer'),
    ageColumn,
  ],
});
