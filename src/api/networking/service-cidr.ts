import { refuse, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { invalid, required } from '../field-error.ts';
import { checkCanonicalCidr } from '../ip.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { ServiceCidr } from '../types.ts';

function checkServiceCidr({ spec }: ServiceCidr): Errors {
  const errors: Errors = [];
  const cidrs = spec.cidrs ?? [];
  const path = 'spec.cidrs';
  if (cidrs.length === 0) errors.push(required(path, 'at least one CIDR required'));
  if (cidrs.length > 2) errors.push(invalid(path, spec, 'may only hold up to 2 values'));
  if (cidrs.length === 2 && cidrs[0]!.includes(':') === cidrs[1]!.includes(':'))
    errors.push(
      invalid(path, spec, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'),
    );
  cidrs.forEach((cidr, i) => refuse(`${path}[${i}]`, cidr, checkCanonicalCidr(cidr), errors));
  return errors;
}

/** ServiceCIDRs: ranges from which Services get their addresses. */
export const ServiceCidrKind: Kind<ServiceCidr> = defineKind<ServiceCidr>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  resource: 'servicecidrs',
  singular: 'servicecidr',
  namespaced: false,
  schema: 'io.k8s.api.networking.v1.ServiceCIDR',
  hasStatus: true,
  prepareForCreate(draft) {
    draft.status = {};
  },
  validate: checkServiceCidr,
  validateUpdate(range, old) {
    const errors: Errors = [];
    const before = old.spec.cidrs ?? [];
    const after = range.spec.cidrs ?? [];
    // A range may get one of the other family, and that is all.
    if (before.length === 1 && after.length === 2) {
      if (after[0] !== before[0]) errors.push(invalid('spec.cidrs[0]', after[0], 'field is immutable'));
      return [...errors, ...checkServiceCidr(range)];
    }
    if (after.join() !== before.join()) errors.push(invalid('spec.cidrs', after, 'field is immutable'));
    return errors;
  },
  columns: [nameColumn, column('CIDRs', ({ spec }) => (spec.cidrs ?? []).join(',')), ageColumn],
});
