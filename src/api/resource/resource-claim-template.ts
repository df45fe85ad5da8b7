import { checkImmutable, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import { checkAnnotations, checkLabels } from '../metadata-checks.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { ResourceClaimTemplate } from '../types.ts';
import { checkDevices, devicesWithDefaults } from './device-checks.ts';

function checkTemplate({ spec }: ResourceClaimTemplate): Errors {
  const errors: Errors = [];
  checkLabels(spec.metadata?.labels, 'spec.metadata.labels', errors);
  checkAnnotations(spec.metadata?.annotations, 'spec.metadata.annotations', errors);
  if (spec.spec?.devices) checkDevices(spec.spec.devices, 'spec.spec.devices', errors);
  return errors;
}

/** ResourceClaimTemplates: a claim for every Pod that names one. */
export const ResourceClaimTemplateKind: Kind<ResourceClaimTemplate> = defineKind<ResourceClaimTemplate>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  resource: 'resourceclaimtemplates',
  singular: 'resourceclaimtemplate',
  namespaced: true,
  schema: 'io.k8s.api.resource.v1.ResourceClaimTemplate',
  defaults(draft) {
    const devices = draft.spec?.spec?.devices;
    if (devices) draft.spec.spec = { ...draft.spec.spec, devices: devicesWithDefaults(devices) };
  },
  validate: checkTemplate,
  validateUpdate(template, old) {
    const errors: Errors = [];
    checkImmutable(template.spec, old.spec, 'spec', errors);
    return errors;
  },
  columns: [nameColumn, ageColumn],
});
