import { refuse, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { invalid, required } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { checkDns1035Label, checkDnsSubdomain, checkPathSegmentName } from '../names.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { ApiService } from '../types.ts';

const MAX_PRIORITY = 20_000;
const MAX_VERSION_PRIORITY = 1_000;

function checkService({ metadata, spec }: ApiService): Errors {
  const errors: Errors = [];
  const { group = '', version = '', groupPriorityMinimum, versionPriority, service } = spec;
  const expected = `${version}.${group}`;
  if (metadata.name !== expected)
    errors.push(
      invalid('metadata.name', metadata.name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(expected)}`),
    );
  if (group) refuse('spec.group', group, checkDnsSubdomain(group), errors);
  refuse('spec.version', version, checkDns1035Label(version), errors);
  if (!(groupPriorityMinimum > 0 && groupPriorityMinimum <= MAX_PRIORITY))
    errors.push(
      invalid('spec.groupPriorityMinimum', groupPriorityMinimum ?? 0, `must be positive and less than ${MAX_PRIORITY}`),
    );
  if (!(versionPriority > 0 && versionPriority <= MAX_VERSION_PRIORITY))
    errors.push(
      invalid('spec.versionPriority', versionPriority ?? 0, `must be positive and less than ${MAX_VERSION_PRIORITY}`),
    );
  if (!service) {
    if (spec.caBundle?.length)
      errors.push(
        invalid('spec.caBundle', `${spec.caBundle.length} bytes`, 'local APIServices may not have a caBundle'),
      );
    if (spec.insecureSkipTLSVerify)
      errors.push(invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify'));
    return errors;
  }
  if (!service.namespace) errors.push(required('spec.service.namespace'));
  if (!service.name) errors.push(required('spec.service.name'));
  if (service.port !== undefined && (service.port < 1 || service.port > 65535))
    errors.push(
      invalid('spec.service.port', service.port, 'port is not valid: must be between 1 and 65535, inclusive'),
    );
  if (spec.insecureSkipTLSVerify && spec.caBundle?.length)
    errors.push(invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'));
  return errors;
}

function available({ status }: ApiService): string {
  const condition = status?.conditions?.find(({ type }) => type === 'Available');
  if (!condition) return 'Unknown';
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason ?? ''})`;
}

/** APIServices: who serves the resources of a group and version, this server or another one. */
export const ApiServiceKind: Kind<ApiService> = defineKind<ApiService>({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  resource: 'apiservices',
  singular: 'apiservice',
  categories: ['api-extensions'],
  namespaced: false,
  schema: 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService',
  conditionalUpdates: true,
  hasStatus: true,
  defaults(draft) {
    const service = draft.spec?.service;
    if (service && service.port === undefined) draft.spec.service = { ...service, port: 443 };
  },
  prepareForCreate(draft) {
    // What this server serves itself is there at once.
    draft.status = draft.spec?.service
      ? {}
      : {
          conditions: [
            {
              type: 'Available',
              status: 'True',
              reason: 'Local',
              message: 'Local APIServices are always available',
              lastTransitionTime: draft.metadata.creationTimestamp ?? (null as unknown as string),
            },
          ],
        };
  },
  validateName: (name, generated) => checkPathSegmentName(name, generated),
  validate: checkService,
  columns: [
    nameColumn,
    column('Service', ({ spec: { service } }) => (service ? `${service.namespace}/${service.name}` : 'Local')),
    column('Available', available),
    ageColumn,
  ],
});
