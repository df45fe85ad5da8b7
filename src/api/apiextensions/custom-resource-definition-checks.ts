/** Validation of CustomResourceDefinitions; their schemas have a file of their own. */
import { checkWebhookService, checkWebhookUrl } from '../admissionregistration/webhooks.ts';
import { checkImmutable, checkOneOf, type Errors } from '../core/common-checks.ts';
import { equal } from '../draft.ts';
import { duplicate, forbidden, invalid, required } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import { checkDns1035Label, checkDnsSubdomain } from '../names.ts';
import type { CustomResourceDefinition } from '../types.ts';
import { checkSchema, type PropsSchema } from './schema-checks.ts';

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

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['binary', 'byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

function checkColumns(columns: Version['additionalPrinterColumns'], path: string, errors: Errors): void {
  columns?.forEach((column, i) => {
    const at = `${path}[${i}]`;
    if (!column.name) errors.push(required(`${at}.name`));
    if (!column.type) errors.push(required(`${at}.type`, `must be one of ${COLUMN_TYPES.join(',')}`));
    else if (!COLUMN_TYPES.includes(column.type))
      errors.push(invalid(`${at}.type`, column.type, `must be one of ${COLUMN_TYPES.join(',')}`));
    if (column.format && !COLUMN_FORMATS.includes(column.format))
      errors.push(invalid(`${at}.format`, column.format, `must be one of ${COLUMN_FORMATS.join(',')}`));
    if (!column.jsonPath) errors.push(required(`${at}.jsonPath`));
    else checkJsonPath(column.jsonPath, `${at}.jsonPath`, errors);
  });
}

function checkJsonPath(path: string, at: string, errors: Errors): void {
  if (!/^[.[]/.test(path)) errors.push(invalid(at, path, 'must be a simple json path starting with .'));
}

function checkSubresources(of: Version['subresources'], path: string, errors: Errors): void {
  const { scale } = of ?? {};
  if (!scale) return;
  const check = (field: 'specReplicasPath' | 'statusReplicasPath' | 'labelSelectorPath', root: string): void => {
    const value = scale[field];
    const at = `${path}.scale.${field}`;
    if (!value) {
      if (field !== 'labelSelectorPath') errors.push(required(at));
    } else if (!new RegExp(`^\\.${root}(\\.|$)`).test(value)) {
      const where = field === 'labelSelectorPath' ? 'either .spec or .status' : `.${root}`;
      errors.push(invalid(at, value, `should be a json path under ${where}`));
    }
  };
  check('specReplicasPath', 'spec');
  check('statusReplicasPath', 'status');
  check('labelSelectorPath', '(?:spec|status)');
}

function checkVersions(spec: Spec, errors: Errors): void {
  const versions = spec.versions ?? [];
  const [first] = versions;
  const common = new Set(SHARED.filter((part) => versions.every((version) => equal(version[part], first?.[part]))));
  /** Where a part is, as Kubernetes sees it: at the top when it is common to all versions. */
  const placed = (part: (typeof SHARED)[number], i: number): string =>
    common.has(part) ? `spec.${part === 'schema' ? 'validation' : part}` : `spec.versions[${i}].${part}`;
  versions.forEach((version, i) => {
    checkName(version.name, `spec.versions[${i}].name`, errors);
    const schema = version.schema?.openAPIV3Schema as PropsSchema | undefined;
    if (!schema) errors.push(required(`spec.versions[${i}].schema.openAPIV3Schema`));
    else if (i === 0 || !common.has('schema'))
      errors.push(...checkSchema(schema, `${placed('schema', i)}.openAPIV3Schema`));
    if (i === 0 || !common.has('subresources'))
      checkSubresources(version.subresources, placed('subresources', i), errors);
    if (i === 0 || !common.has('additionalPrinterColumns'))
      checkColumns(version.additionalPrinterColumns, placed('additionalPrinterColumns', i), errors);
    if (version.deprecationWarning !== undefined && !version.deprecated)
      errors.push(
        invalid(
          `spec.versions[${i}].deprecationWarning`,
          version.deprecationWarning,
          'can only be set for deprecated versions',
        ),
      );
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
    if (webhook)
      for (const field of webhook.clientConfig ? ['webhookClientConfig'] : [])
        errors.push(forbidden(`${path}.${field}`, 'should not be set when strategy is not set to Webhook'));
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
    if (conversionReviewVersions.indexOf(version) < i)
      errors.push(duplicate(`${path}.conversionReviewVersions[${i}]`, version));
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
    if (!spec.versions.some(({ name }) => name === version))
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
  checkVersions(spec, errors);
  checkNames(names, 'spec.names', errors);
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
