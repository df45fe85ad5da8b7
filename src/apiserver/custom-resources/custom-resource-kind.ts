import { forbidden } from '../../api/errors.ts';
import type { Kind } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import { byMaturity } from '../../api/version-order.ts';
import { columnsOf } from './columns.ts';
import type { ObjectForm } from './decoding.ts';
import { isTrue, type Definition, type DefinitionVersion } from './definition.ts';
import { ObjectChecks } from './object-checks.ts';
import { openApiV2Of, openApiV3Of, structureOf } from './published-schema.ts';
import { scalePathsOf } from './scale-paths.ts';

/** What discovery tells in this order. */
const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const VERBS_WHILE_TERMINATING = ['delete', 'deletecollection', 'get', 'list', 'watch'];

const TERMINATING = 'create not allowed while custom resource definition is terminating';

/** `com.example.v1.Kite`: the name of a type in OpenAPI. */
const schemaName = (group: string, version: string, kind: string): string =>
  `${group.split('.').reverse().join('.')}.${version}.${kind}`;

/** The value of a selectable field as selectors compare it. */
function fieldText(object: UntypedObject, path: string): string {
  let at: unknown = object;
  for (const field of path.replace(/^\./, '').split('.'))
    at = typeof at === 'object' && at !== null ? (at as Readonly<Record<string, unknown>>)[field] : undefined;
  return at === undefined || at === null || typeof at === 'object' ? '' : String(at as string | number | boolean);
}

/** What is said of a deprecated version that says nothing itself. */
function deprecationOf({ spec }: Definition, { name }: DefinitionVersion): string {
  const { group, names, versions } = spec;
  const [better] = versions
    .filter((other) => other.served && !other.deprecated && byMaturity(other.name, name) < 0)
    .map((other) => other.name)
    .sort(byMaturity);
  const said = `${group}/${name} ${names.kind} is deprecated`;
  return better === undefined ? said : `${said}; use ${group}/${better} ${names.kind}`;
}

/** Finalizers that Kubernetes would rather see with a domain. */
function finalizerWarnings({ metadata }: UntypedObject, old: UntypedObject | undefined): string[] {
  const known = old?.metadata.finalizers;
  return [...new Set(metadata.finalizers ?? [])]
    .filter((finalizer) => !known?.includes(finalizer))
    .sort()
    .filter((finalizer) => !finalizer.includes('/') && !['orphan', 'foregroundDeletion'].includes(finalizer))
    .map(
      (finalizer) =>
        `metadata.finalizers: ${JSON.stringify(finalizer)}: prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers`,
    );
}

/** The kind that a definition defines, in one of its versions. */
export function customResourceKind(definition: Definition, version: DefinitionVersion, form: ObjectForm): Kind {
  const { spec, status } = definition;
  const { group } = spec;
  const names = status!.acceptedNames ?? spec.names;
  const { kind } = names;
  const { schema } = form;
  const gvk = { group, version: version.name, kind };
  const apiVersion = `${group}/${version.name}`;
  const checks = new ObjectChecks({ kind, version, schema });
  const hasStatus = version.subresources?.status !== undefined;
  const scale = version.subresources?.scale;
  const terminating = isTrue(definition, 'Terminating');
  return {
    ...gvk,
    resource: names.plural,
    singular: names.singular ?? kind.toLowerCase(),
    ...(names.shortNames?.length ? { shortNames: names.shortNames } : {}),
    ...(names.categories?.length ? { categories: names.categories } : {}),
    namespaced: spec.scope === 'Namespaced',
    schema: schemaName(group, version.name, kind),
    listKind: names.listKind ?? `${kind}List`,
    hasGeneration: true,
    hasStatus,
    generationIncludesStatus: !hasStatus,
    conditionalUpdates: true,
    ...(scale ? { scale: scalePathsOf(scale) } : {}),
    custom: {
      decode: (raw, options) => form.decode(raw, apiVersion, options),
      structure: structureOf(schema, true),
      openApi: { v3: openApiV3Of(schema, gvk), v2: openApiV2Of(schema, gvk) },
      tolerated: (object) => checks.warnings(object as UntypedObject),
      verbs: terminating ? VERBS_WHILE_TERMINATING : VERBS,
      storageVersion: spec.versions.find(({ storage }) => storage)!.name,
    },
    prepareForCreate: (draft) => {
      if (terminating) throw forbidden({ group, resource: names.plural }, draft.metadata.name, TERMINATING);
      if (hasStatus) delete draft['status'];
    },
    prepareForStatusUpdate: (draft, old) => {
      draft.metadata = { ...old.metadata };
    },
    validate: (object) => checks.create(object),
    validateUpdate: (object, old) => checks.update(object, old),
    validateStatusUpdate: (object, old) => checks.status(object, old),
    warnings: (object, old) => [...checks.warnings(object), ...finalizerWarnings(object, old)],
    ...(version.deprecated ? { deprecation: version.deprecationWarning ?? deprecationOf(definition, version) } : {}),
    selectableFields: Object.fromEntries(
      (version.selectableFields ?? []).map(({ jsonPath }) => [
        jsonPath.replace(/^\./, ''),
        (object: UntypedObject) => fieldText(object, jsonPath),
      ]),
    ),
    columns: columnsOf(version),
  };
}
