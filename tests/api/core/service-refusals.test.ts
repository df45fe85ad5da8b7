import { describe, expect, it } from 'vitest';
import { ServiceKind, type Service } from '../../../src/api/index.ts';
import { checkFamiliesAndAddresses } from '../../../src/api/core/service-checks.ts';
import type { FieldError } from '../../../src/api/kind.ts';
import { canonicalIp, checkCanonicalCidr, checkIp } from '../../../src/api/ip.ts';

const service = (spec: object, metadata: object = {}): Service => {
  const object = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'lab', ...metadata },
    spec: { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ipFamilies: ['IPv4'], ports: [{ port: 80 }], ...spec },
  } as unknown as Service;
  ServiceKind.defaults?.(object);
  return object;
};

const texts = (errors: readonly FieldError[] | undefined): string[] =>
  (errors ?? []).map(({ field, detail }) => `${field}: ${detail}`);

const update = (next: object, old: object = {}): string[] =>
  texts(ServiceKind.validateUpdate?.(service(next), service(old)));

describe('the addresses of a Service', () => {
  it('agree with one another', () => {
    const check = (spec: object): string[] => {
      const errors: FieldError[] = [];
      checkFamiliesAndAddresses(service(spec).spec, errors);
      return texts(errors);
    };
    expect(check({ clusterIP: '10.96.0.8' })).toEqual([
      'spec.clusterIPs: Invalid value: ["10.96.0.9"]: first value must match `clusterIP`',
    ]);
    expect(check({ clusterIP: '' })).toEqual([
      'spec.clusterIPs: Invalid value: ["10.96.0.9"]: must be empty when `clusterIP` is not specified',
    ]);
    expect(check({ ipFamilies: ['IPv6'] })).toEqual([
      'spec.clusterIPs[0]: Invalid value: "10.96.0.9": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ]);
    expect(check({ clusterIPs: ['10.96.0.9', '10.96.0.10'] })).toEqual([
      'spec.clusterIPs: Invalid value: ["10.96.0.9","10.96.0.10"]: may specify no more than one IP for each IP family',
    ]);
  });

  it('stay, but for the second, which is given back on purpose', () => {
    const two = {
      clusterIPs: ['10.96.0.9', 'fd00::9'],
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'PreferDualStack',
    };
    expect(update({ clusterIP: '10.96.0.8', clusterIPs: ['10.96.0.8'] })).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["10.96.0.8"]: may not change once set',
    ]);
    expect(update({ ipFamilyPolicy: 'PreferDualStack' }, two)).toEqual([
      `spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to 'SingleStack' when releasing the secondary clusterIP`,
      `spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to 'SingleStack' when releasing the secondary ipFamily`,
    ]);
    expect(update({ ipFamilyPolicy: 'SingleStack' }, two)).toEqual([]);
  });

  it('are written strictly', () => {
    expect(checkIp('010.1.2.3')).toEqual(['must not have leading 0s']);
    expect(checkIp('::ffff:1.2.3.4')).toEqual(['must not be an IPv4-mapped IPv6 address']);
    expect(checkCanonicalCidr('10.0.0.1/8')).toEqual(['must not have bits set beyond the prefix length']);
    expect(checkCanonicalCidr('10.0.0.0/08')).toEqual(['must not have leading 0s in IP or prefix length']);
    expect(canonicalIp('2001:db8:0:0:1:0:0:1')).toBe('2001:db8::1:0:0:1');
    expect(canonicalIp('0:0:0:0:0:0:0:0')).toBe('::');
  });
});

describe('warnings of a Service', () => {
  const warnings = (spec: object, metadata?: object): string[] =>
    ServiceKind.warnings?.(service(spec, metadata), undefined) ?? [];

  it('know what headless Services and external names pass over', () => {
    const spec = { clusterIP: 'None', clusterIPs: ['None'], externalIPs: ['2001:DB8::1'], sessionAffinity: 'ClientIP' };
    expect(warnings(spec)).toEqual([
      'spec.externalIPs is ignored for headless services',
      'spec.SessionAffinity is ignored for headless services',
      'spec.externalIPs[0]: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")',
    ]);
    expect(warnings({ externalIPs: ['1.2.3.4'], trafficDistribution: 'PreferClose' })).toEqual([
      'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ]);
  });
});
