import { checkDomainPath, checkImmutable, checkSegment, refuse, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { forbidden, notSupported, required, tooLong } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../names.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { IngressClass } from '../types.ts';

const MAX_CONTROLLER = 250;

function checkParameters(parameters: NonNullable<IngressClass['spec']['parameters']>, errors: Errors): void {
  const path = 'spec.parameters';
  const { apiGroup, kind, name, scope, namespace } = parameters;
  if (apiGroup) refuse(`${path}.apiGroup`, apiGroup, checkDnsSubdomain(apiGroup), errors);
  checkSegment(kind, `${path}.kind`, errors);
  checkSegment(name, `${path}.name`, errors);
  if (scope === undefined) errors.push(required(`${path}.scope`));
  else if (scope === 'Cluster') {
    if (namespace !== undefined) errors.push(forbidden(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  } else if (scope !== 'Namespace') errors.push(notSupported(`${path}.scope`, scope, ['Cluster', 'Namespace']));
  else if (!namespace) errors.push(required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'"));
  else refuse(`${path}.namespace`, namespace, checkDnsLabel(namespace), errors);
}

function checkClass({ spec }: IngressClass): Errors {
  const errors: Errors = [];
  if ((spec.controller?.length ?? 0) > MAX_CONTROLLER) errors.push(tooLong('spec.controller', MAX_CONTROLLER));
  checkDomainPath(spec.controller, 'spec.controller', errors);
  if (spec.parameters) checkParameters(spec.parameters, errors);
  return errors;
}

function parametersText({ spec: { parameters } }: IngressClass): string {
  if (!parameters) return '<none>';
  const { kind, apiGroup, name } = parameters;
  return `${kind}${apiGroup ? `.${apiGroup}` : ''}/${name}`;
}

/** IngressClasses: which controller serves an Ingress. */
export const IngressClassKind: Kind<IngressClass> = defineKind<IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  resource: 'ingressclasses',
  singular: 'ingressclass',
  namespaced: false,
  schema: 'io.k8s.api.networking.v1.IngressClass',
  hasGeneration: true,
  defaults(draft) {
    const { parameters } = (draft.spec ??= {});
    if (parameters && parameters.scope === undefined) draft.spec.parameters = { ...parameters, scope: 'Cluster' };
  },
  validate: checkClass,
  validateUpdate(ingressClass, old) {
    const errors = checkClass(ingressClass);
    checkImmutable(ingressClass.spec.controller, old.spec.controller, 'spec.controller', errors);
    return errors;
  },
  columns: [
    nameColumn,
    column('Controller', ({ spec }) => spec.controller ?? ''),
    column('Parameters', parametersText),
    ageColumn,
  ],
});
