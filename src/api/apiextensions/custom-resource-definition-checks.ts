/** Validation of CustomResourceDefinitions; their schemas have a file of their own. */
import { checkWebhookService, checkWebhookUrl } from '../admissionregistration/webhooks.ts';
import { checkImmutable, checkOneOf, type Errors } from '../core/common-checks.ts';
import { equal } from '../draft.ts';
import { forbidden, invalid, required } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import { checkDns1035Label, checkDnsSubdomain } from '../names.ts';
import type { CustomResourceDefinition } from '../types.ts';
import { checkSchema, type PropsSchema } from './schema-checks.ts';
import {
  checkColumns,
  checkDeprecation,
  checkRootWithStatus,
  checkSelectableFields,
  checkSubresources,
} from './version-checks.ts';

type Spec = CustomResourceDefinition['spec'];
type Version = Spec['versions'][number];
type Names = Spec['names'];

const APPROVAL = 'api-approved.kubernetes.io';
const APPROVAL_REASON = 'https://github.com/kubernetes/enhancements/pull/1111';

const isProtected = (group: string): boolean => /(^|\.)(k8s|kubernetes)\.io$/.test(group);

function checkApproval({ metadata, spec }: CustomResourceDefinition, errors: Errors): void {
  if (!isProtected(spec.group ?? '')) return;
  const path = `metadata.annotations[${APPROVAL}]`;
  const approval = metadata.annotations?.[APPROVAL];
  if (!approval)
    errors.push(required(path, `protected groups must have approval annotation "${APPROVAL}", see ${APPROVAL_REASON}`));
  else if (!approval.startsWith('unapproved') && !/^[a-z]+:\/\/[^/]+/i.test(approval))
    errors.push(
      invalid(
        path,
        approval,
        `protected groups must have approval annotation "${APPROVAL}" with either a URL or a reason starting with "unapproved", see ${APPROVAL_REASON}`,
      ),
    );
}

/** Kubernetes joins what is wrong with a name into one sentence here. */
function checkName(name: string | undefined, path: string, errors: Errors, before = ''): void {
  if (!name) return;
  const messages = checkDns1035Label(before ? name.toLowerCase() : name);
  if (messages.length > 0) errors.push(invalid(path, name, before + messages.join(',')));
}

const MIXED = 'may have mixed case, but should otherwise match: ';

function checkNames(names: Names, path: string, errors: Errors): void {
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const)
    if (!names[field]) errors.push(required(`${path}.${field}`));
  checkName(names.plural, `${path}.plural`, errors);
  checkName(names.singular, `${path}.singular`, errors);
  checkName(names.kind, `${path}.kind`, errors, MIXED);
  checkName(names.listKind, `${path}.listKind`, errors, MIXED);
  names.shortNames?.forEach((name, i) => checkName(name, `${path}.shortNames[${i}]`, errors));
  if (names.kind && names.kind === names.listKind)
    errors.push(invalid(`${path}.listKind`, names.listKind, 'kind and listKind may not be the same'));
  names.categories?.forEach((name, i) => checkName(name, `${path}.categories[${i}]`, errors));
}

/** The parts of a version that belong to the whole when all versions have the same. */
const SHARED = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const;

/** Versions as Kubernetes' error texts show them. */
const shown = (versions: readonly Version[]): unknown[] =>
  versions.map(({ name, served, storage, deprecated }) => ({
    Name: name,
    Served: served ?? false,
    Storage: storage ?? false,
    Deprecated: deprecated ?? false,
    DeprecationWarning: null,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  }));

/** The parts of versions, and whether all versions have them in common: then they belong to the whole. */
class VersionParts {
  readonly #versions: readonly Version[];
  readonly #common: ReadonlySet<(typeof SHARED)[number]>;

  constructor(versions: readonly Version[]) {
    this.#versions = versions;
    this.#common = new Set(SHARED.filter((part) => versions.every((each) => equal(each[part], versions[0]?.[part]))));
  }

  /** Checks the parts that are a version's own. */
  checkOwn(version: Version, i: number, errors: Errors): void {
    this.#check(version, (part) => (this.#common.has(part) ? undefined : `spec.versions[${i}].${part}`), errors);
  }

  /** Checks what versions have in common; the schema has another name there. */
  checkCommon(errors: Errors): void {
    const [first] = this.#versions;
    if (!first) return;
    const name = (part: (typeof SHARED)[number]): string => `spec.${part === 'schema' ? 'validation' : part}`;
    this.#check(first, (part) => (this.#common.has(part) ? name(part) : undefined), errors);
  }

  #check(version: Version, placeOf: (part: (typeof SHARED)[number]) => string | undefined, errors: Errors): void {
    const schema = version.schema?.openAPIV3Schema as PropsSchema | undefined;
    const schemaPath = placeOf('schema');
    if (schemaPath && schema) {
      const path = `${schemaPath}.openAPIV3Schema`;
      if (version.subresources?.status !== undefined) checkRootWithStatus(schema, path, errors);
      errors.push(...checkSchema(schema, path));
    }
    const subresources = placeOf('subresources');
    if (subresources) checkSubresources(version.subresources, subresources, errors);
    const columns = placeOf('additionalPrinterColumns');
    if (columns) checkColumns(version.additionalPrinterColumns, columns, errors);
    const fields = placeOf('selectableFields');
    if (fields) checkSelectableFields(version.selectableFields, schema, fields, errors);
  }
}

function checkVersions(versions: readonly Version[], parts: VersionParts, errors: Errors): void {
  versions.forEach(({ schema }, i) => {
    if (!schema?.openAPIV3Schema) errors.push(required(`spec.versions[${i}].schema.openAPIV3Schema`));
  });
  versions.forEach((version, i) => {
    checkName(version.name, `spec.versions[${i}].name`, errors);
    checkDeprecation(version, `spec.versions[${i}]`, errors);
    parts.checkOwn(version, i, errors);
  });
  if (new Set(versions.map(({ name }) => name)).size < versions.length)
    errors.push(invalid('spec.versions', shown(versions), 'must contain unique version names'));
  if (versions.filter(({ storage }) => storage).length !== 1)
    errors.push(invalid('spec.versions', shown(versions), 'must have exactly one version marked as storage version'));
}

function checkConversion({ conversion, preserveUnknownFields }: Spec, errors: Errors): void {
  const path = 'spec.conversion';
  if (!conversion) return;
  const { strategy, webhook } = conversion;
  if (!strategy) errors.push(required(`${path}.strategy`));
  else checkOneOf(strategy, ['None', 'Webhook'], `${path}.strategy`, errors);
  if (strategy !== 'Webhook') {
    const message = 'should not be set when strategy is not set to Webhook';
    if (webhook?.clientConfig) errors.push(forbidden(`${path}.webhookClientConfig`, message));
    if (webhook?.conversionReviewVersions?.length) errors.push(forbidden(`${path}.conversionReviewVersions`, message));
    return;
  }
  if (preserveUnknownFields)
    errors.push(invalid(`${path}.strategy`, strategy, 'must be None if spec.preserveUnknownFields is true'));
  const { clientConfig, conversionReviewVersions = [] } = webhook ?? {};
  const at = `${path}.webhookClientConfig`;
  if (!clientConfig) errors.push(required(at, 'required when strategy is set to Webhook'));
  else if ((clientConfig.url === undefined) === (clientConfig.service === undefined))
    errors.push(required(at, 'exactly one of url or service is required'));
  else if (clientConfig.url !== undefined) checkWebhookUrl(clientConfig.url, `${at}.url`, errors);
  else checkWebhookService(clientConfig.service!, `${at}.service`, errors);
  const known = ['v1', 'v1beta1'];
  if (conversionReviewVersions.length === 0) errors.push(required(`${path}.conversionReviewVersions`));
  else if (!conversionReviewVersions.some((version) => known.includes(version)))
    errors.push(
      invalid(
        `${path}.conversionReviewVersions`,
        conversionReviewVersions,
        `must include at least one of ${known.join(', ')}`,
      ),
    );
  conversionReviewVersions.forEach((version, i) => {
    const each = `${path}.conversionReviewVersions[${i}]`;
    if (conversionReviewVersions.indexOf(version) < i) errors.push(invalid(each, version, 'duplicate version'));
    else for (const message of checkDns1035Label(version)) errors.push(invalid(each, version, message));
  });
}

function checkStoredVersions({ spec, status }: CustomResourceDefinition, errors: Errors): void {
  const stored = status?.storedVersions;
  const path = 'status.storedVersions';
  if (!stored?.length) {
    errors.push(invalid(path, stored, 'must have at least one stored version'));
    return;
  }
  const current = (spec.versions ?? []).filter(({ storage }) => storage).at(-1)?.name;
  if (current !== undefined && !stored.includes(current))
    errors.push(invalid(path, stored, `must have the storage version ${current}`));
  stored.forEach((version, i) => {
    if (!spec.versions?.some(({ name }) => name === version))
      errors.push(
        invalid(
          `${path}[${i}]`,
          version,
          `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`,
        ),
      );
  });
}

export function checkDefinition(definition: CustomResourceDefinition): FieldError[] {
  const errors: Errors = [];
  const { metadata, spec } = definition;
  const { group = '', scope, names = {} as Names } = spec;
  if (metadata.name !== `${names.plural}.${group}`)
    errors.push(invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'));
  if (!group) errors.push(required('spec.group'));
  else {
    const messages = checkDnsSubdomain(group);
    if (messages.length > 0) errors.push(invalid('spec.group', group, messages.join(',')));
    else if (!group.includes('.'))
      errors.push(invalid('spec.group', group, 'should be a domain with at least one dot'));
  }
  if (!scope) errors.push(required('spec.scope'));
  else checkOneOf(scope, ['Cluster', 'Namespaced'], 'spec.scope', errors);
  if (spec.preserveUnknownFields)
    errors.push(
      invalid(
        'spec.preserveUnknownFields',
        true,
        'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ),
    );
  const versions = spec.versions ?? [];
  const parts = new VersionParts(versions);
  checkVersions(versions, parts, errors);
  checkNames(names, 'spec.names', errors);
  parts.checkCommon(errors);
  checkConversion(spec, errors);
  checkStoredVersions(definition, errors);
  checkApproval(definition, errors);
  return errors;
}

/** Once resources of the kind may exist, what they are called stays. */
export function checkDefinitionUpdate(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
): FieldError[] {
  const errors = checkDefinition(definition);
  const { spec } = definition;
  const established = old.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True');
  if (established) {
    checkImmutable(spec.scope, old.spec.scope, 'spec.scope', errors);
    checkImmutable(spec.names.kind, old.spec.names.kind, 'spec.names.kind', errors);
  }
  checkImmutable(spec.group, old.spec.group, 'spec.group', errors);
  checkImmutable(spec.names.plural, old.spec.names.plural, 'spec.names.plural', errors);
  return errors;
}
