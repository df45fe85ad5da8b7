import { checkOneOf, refuse, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { humanDuration } from '../duration.ts';
import { duplicate, invalid, required, tooLong } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { checkDnsSubdomain } from '../names.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import { checkRequestStatus, timed, withDecisionsKept } from './request-status.ts';
import type { CertificateSigningRequest } from '../types.ts';

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

const MIN_SECONDS = 600;
const MAX_PATH = 571;

function checkSigner(name: string | undefined, errors: Errors): void {
  const path = 'spec.signerName';
  if (!name) {
    errors.push(required(path));
    return;
  }
  const [domain = '', signer, ...more] = name.split('/');
  if (signer === undefined || more.length > 0) {
    errors.push(invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'"));
    return;
  }
  refuse(path, domain, checkDnsSubdomain(domain), errors);
  if (domain.split('.').length < 2)
    errors.push(invalid(path, domain, 'should be a domain with at least two segments separated by dots'));
  if (signer.length === 0) errors.push(invalid(path, `${domain}/`, 'validated path segments should not be empty'));
  refuse(path, signer, checkDnsSubdomain(signer), errors);
  if (name.length > MAX_PATH) errors.push(tooLong(path, MAX_PATH));
}

/** Whether base64 holds one PEM block with a certificate request; its signature is for the signer to check. */
function requestProblem(request: string): string | undefined {
  const text = atob(request);
  if (!text.includes('-----BEGIN CERTIFICATE REQUEST-----') || !text.includes('-----END CERTIFICATE REQUEST-----'))
    return 'PEM block type must be CERTIFICATE REQUEST';
  return undefined;
}

function checkRequest({ spec }: CertificateSigningRequest): Errors {
  const errors: Errors = [];
  const problem = requestProblem(spec.request ?? '');
  if (problem) errors.push(invalid('spec.request', spec.request, problem));
  if (!spec.usages?.length) errors.push(required('spec.usages'));
  spec.usages?.forEach((usage, i) => {
    checkOneOf(usage, USAGES, `spec.usages[${i}]`, errors);
    if (spec.usages!.indexOf(usage) < i) errors.push(duplicate(`spec.usages[${i}]`, usage));
  });
  checkSigner(spec.signerName, errors);
  const seconds = spec.expirationSeconds;
  if (seconds !== undefined && seconds < MIN_SECONDS)
    errors.push(
      invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 600 seconds (10 minutes)'),
    );
  return errors;
}

function condition({ status }: CertificateSigningRequest): string {
  const has = (type: string): boolean => status?.conditions?.some((each) => each.type === type) ?? false;
  const words = [has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'];
  if (has('Failed')) words.push('Failed');
  if (status?.certificate) words.push('Issued');
  return words.join(',');
}

/** CertificateSigningRequests: that somebody wants a certificate, and what came of it. */
export const CertificateSigningRequestKind: Kind<CertificateSigningRequest> = defineKind<CertificateSigningRequest>({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  resource: 'certificatesigningrequests',
  singular: 'certificatesigningrequest',
  shortNames: ['csr'],
  namespaced: false,
  schema: 'io.k8s.api.certificates.v1.CertificateSigningRequest',
  hasStatus: true,
  prepareForCreate(draft) {
    draft.status = {};
  },
  prepareForUpdate(draft, old) {
    // A request stays what it was.
    draft.spec = old.spec;
  },
  prepareForStatusUpdate(draft, old, now) {
    const conditions = timed(withDecisionsKept(draft, old), old, now);
    draft.status = { ...draft.status, ...(conditions.length > 0 ? { conditions } : {}) };
  },
  validateStatusUpdate: checkRequestStatus,
  validate: checkRequest,
  validateUpdate: () => [],
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName },
  columns: [
    nameColumn,
    ageColumn,
    column('SignerName', ({ spec }) => spec.signerName || '<none>'),
    column('Requestor', ({ spec }) => spec.username ?? ''),
    column('RequestedDuration', ({ spec }) =>
      spec.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds * 1000),
    ),
    column('Condition', condition),
  ],
});
