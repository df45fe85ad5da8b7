import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import type { CustomResourceDefinition } from '../types.ts';
import { checkDefinition, checkDefinitionUpdate } from './custom-resource-definition-checks.ts';
import { formatWarnings } from './format-warnings.ts';

type Status = NonNullable<CustomResourceDefinition['status']>;

/** The version in which objects are written now, added to those in which some may still be stored. */
function noteStorageVersion(draft: CustomResourceDefinition): void {
  const storage = draft.spec.versions?.find((version) => version.storage)?.name;
  const stored = draft.status?.storedVersions ?? [];
  if (storage === undefined || stored.includes(storage)) return;
  draft.status = { ...draft.status, storedVersions: [...stored, storage] };
}

/** CustomResourceDefinitions: kinds that the API is extended with. */
export const CustomResourceDefinitionKind: Kind<CustomResourceDefinition> = defineKind<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  resource: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  schema: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  hasStatus: true,
  hasGeneration: true,
  defaults(draft) {
    const spec = (draft.spec ??= {} as CustomResourceDefinition['spec']);
    const names = { ...spec.names };
    if (names.kind) {
      names.singular ||= names.kind.toLowerCase();
      names.listKind ||= `${names.kind}List`;
    }
    spec.names = names;
    spec.conversion ??= { strategy: 'None' };
    const { service } = spec.conversion.webhook?.clientConfig ?? {};
    if (service && service.port === undefined)
      spec.conversion = {
        ...spec.conversion,
        webhook: {
          ...spec.conversion.webhook!,
          clientConfig: { ...spec.conversion.webhook!.clientConfig, service: { ...service, port: 443 } },
        },
      };
  },
  prepareForCreate(draft) {
    draft.status = {
      acceptedNames: { kind: '', plural: '' },
      conditions: null as unknown as Status['conditions'],
    } as Status;
    noteStorageVersion(draft);
  },
  prepareForUpdate: noteStorageVersion,
  validate: checkDefinition,
  validateUpdate: checkDefinitionUpdate,
  warnings: formatWarnings,
});
