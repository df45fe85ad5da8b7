import { checkImmutable, checkSegment, refuse, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { required } from '../field-error.ts';
import { isIPv4, isIPv6 } from '../ip.ts';
import type { Kind } from '../kind.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../names.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { IpAddress } from '../types.ts';

function checkAddress({ spec }: IpAddress): Errors {
  const errors: Errors = [];
  const ref = spec.parentRef;
  const path = 'spec.parentRef';
  if (!ref) return [required(path)];
  if (ref.group) refuse(`${path}.group`, ref.group, checkDnsSubdomain(ref.group), errors);
  checkSegment(ref.resource, `${path}.resource`, errors);
  checkSegment(ref.name, `${path}.name`, errors);
  if (ref.namespace) refuse(`${path}.namespace`, ref.namespace, checkDnsLabel(ref.namespace), errors);
  return errors;
}

function parentText({ spec: { parentRef } }: IpAddress): string {
  if (!parentRef) return '<none>';
  const { group, resource, namespace, name } = parentRef;
  return `${resource}${group ? `.${group}` : ''}/${namespace ? `${namespace}/` : ''}${name}`;
}

/** IPAddresses: addresses that are taken, and by what. Their name is the address. */
export const IpAddressKind: Kind<IpAddress> = defineKind<IpAddress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  resource: 'ipaddresses',
  singular: 'ipaddress',
  shortNames: ['ip'],
  namespaced: false,
  schema: 'io.k8s.api.networking.v1.IPAddress',
  validateName: (name) =>
    isIPv4(name) || (isIPv6(name) && name === name.toLowerCase())
      ? []
      : ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  validate: checkAddress,
  validateUpdate(address, old) {
    const errors = checkAddress(address);
    checkImmutable(address.spec.parentRef, old.spec.parentRef, 'spec.parentRef', errors);
    return errors;
  },
  columns: [nameColumn, column('ParentRef', parentText), ageColumn],
});
