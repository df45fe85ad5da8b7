import { templateColumns } from '../apps/workload-columns.ts';
import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import { matcherOfSet } from '../selector.ts';
import { column, nameColumn } from '../table.ts';
import type { PodTemplate, PodTemplateSpec } from '../types.ts';
import type { Errors } from './common-checks.ts';
import { checkTemplate } from './pod-checks.ts';
import { templateWithDefaults } from './pod-defaults.ts';
import { podWarnings } from './pod-warnings.ts';

/** PodTemplates: templates on their own, for whoever wants to make Pods of them. */
export const PodTemplateKind: Kind<PodTemplate> = defineKind<PodTemplate>({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  resource: 'podtemplates',
  singular: 'podtemplate',
  namespaced: true,
  schema: 'io.k8s.api.core.v1.PodTemplate',
  hasGeneration: true,
  defaults(draft) {
    draft.template = templateWithDefaults(draft.template ?? ({} as PodTemplateSpec));
  },
  validate(template) {
    const errors: Errors = [];
    if (template.template) checkTemplate(template.template, 'template', errors);
    return errors;
  },
  warnings: ({ template }, old) =>
    template?.spec && template !== old?.template ? podWarnings(template.spec, 'template.spec', template.metadata) : [],
  columns: [
    nameColumn,
    ...templateColumns<PodTemplate>(({ template }) => template, 0),
    column('Pod Labels', ({ template }) => matcherOfSet(template?.metadata?.labels).toString() || '<none>'),
  ],
});
