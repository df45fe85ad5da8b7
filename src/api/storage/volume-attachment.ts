import { refuse, type Errors } from '../core/common-checks.ts';
import { internalForm } from '../core/internal-form.ts';
import { defineKind } from '../define-kind.ts';
import { semanticallyEqual } from '../draft.ts';
import { forbidden, invalid, required } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { checkDnsSubdomain } from '../names.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { VolumeAttachment } from '../types.ts';
import { checkDriverName } from './driver-name.ts';

function checkAttachment({ spec }: VolumeAttachment): Errors {
  const errors: Errors = [];
  if (!spec.attacher) errors.push(required('spec.attacher'));
  const { inlineVolumeSpec, persistentVolumeName } = spec.source ?? {};
  if (!inlineVolumeSpec && persistentVolumeName === undefined)
    errors.push(required('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  else if (inlineVolumeSpec && persistentVolumeName !== undefined)
    errors.push(forbidden('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  else if (persistentVolumeName === '')
    errors.push(required('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName'));
  refuse('spec.nodeName', spec.nodeName ?? '', checkDnsSubdomain(spec.nodeName ?? ''), errors);
  return errors;
}

function checkNewAttachment(attachment: VolumeAttachment): Errors {
  const errors = checkAttachment(attachment);
  const { attacher, source } = attachment.spec;
  checkDriverName(attacher, 'spec.attacher', errors);
  const volume = source?.persistentVolumeName;
  if (volume !== undefined) refuse('spec.source.persistentVolumeName', volume, checkDnsSubdomain(volume), errors);
  return errors;
}

/** VolumeAttachments: that a volume is to be attached to a node. */
export const VolumeAttachmentKind: Kind<VolumeAttachment> = defineKind<VolumeAttachment>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  resource: 'volumeattachments',
  singular: 'volumeattachment',
  namespaced: false,
  schema: 'io.k8s.api.storage.v1.VolumeAttachment',
  conditionalUpdates: true,
  hasStatus: true,
  prepareForCreate(draft) {
    draft.status = { attached: false };
  },
  validate: checkNewAttachment,
  validateUpdate(attachment, old) {
    const errors = checkAttachment(attachment);
    if (!semanticallyEqual(attachment.spec, old.spec))
      errors.push(invalid('spec', internalForm('VolumeAttachmentSpec', attachment.spec), 'field is immutable'));
    return errors;
  },
  columns: [
    nameColumn,
    column('Attacher', ({ spec }) => spec.attacher),
    column('PV', ({ spec }) => spec.source.persistentVolumeName ?? ''),
    column('Node', ({ spec }) => spec.nodeName),
    column('Attached', ({ status }) => status?.attached ?? false, 0, 'boolean'),
    ageColumn,
  ],
});
