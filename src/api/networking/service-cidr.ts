import { refuse, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { invalid, required } from '../field-error.ts';
import { canonicalIp, checkCanonicalCidr } from '../ip.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { ServiceCidr } from '../types.ts';

function checkServiceCidr({ spec }: ServiceCidr): Errors {
  const cidrs = spec.cidrs ?? [];
  const path = 'spec.cidrs';
  const shown = { CIDRs: cidrs };
  if (cidrs.length === 0) return [required(path, 'at least one CIDR required')];
  if (cidrs.length > 2) return [invalid(path, shown, 'may only hold up to 2 values')];
  if (cidrs.length === 2 && cidrs[0]!.includes(':') === cidrs[1]!.includes(':'))
    return [
      invalid(path, shown, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'),
    ];
  const errors: Errors = [];
  cidrs.forEach((cidr, i) => {
    const messages = checkCanonicalCidr(cidr);
    refuse(`${path}[${i}]`, cidr, messages, errors);
    const [address = '', prefix = ''] = cidr.split('/');
    if (messages.length > 0 || canonicalIp(address) === address) return;
    errors.push(invalid(`${path}[${i}]`, cidr, `must be in canonical form ("${canonicalIp(address)}/${prefix}")`));
  });
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
    const before = old.spec.cidrs ?? [];
    const after = range.spec.cidrs ?? [];
    const fixed = (cidr: string, i: number): Errors =>
      cidr === before[i] ? [] : [invalid(`spec.cidrs[${i}]`, cidr, 'field is immutable')];
    if (before.length === after.length) return after.flatMap(fixed);
    // A range may get one of the other family, and that is all.
    if (before.length === 1 && after.length === 2) return [...fixed(after[0]!, 0), ...checkServiceCidr(range)];
    return [invalid('spec.cidrs', after, 'field is immutable')];
  },
  columns: [nameColumn, column('CIDRs', ({ spec }) => (spec.cidrs ?? []).join(',')), ageColumn],
});
