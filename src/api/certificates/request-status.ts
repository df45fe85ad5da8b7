import { duplicate, forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import type { CertificateSigningRequest } from '../types.ts';

type Conditions = NonNullable<NonNullable<CertificateSigningRequest['status']>['conditions']>;
type Condition = Conditions[number];

/** What approvers decide, which signers leave alone. */
const DECISIONS: readonly string[] = ['Approved', 'Denied'];
/** Conditions that hold or are not there. */
const ONLY_TRUE: ReadonlySet<string> = new Set(['Approved', 'Denied', 'Failed']);
const STATUSES = ['False', 'True', 'Unknown'];

const conditionsOf = ({ status }: CertificateSigningRequest): readonly Condition[] => status?.conditions ?? [];

const has = (request: CertificateSigningRequest, type: string): boolean =>
  conditionsOf(request).some((condition) => condition.type === type);

function checkConditions(request: CertificateSigningRequest): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  conditionsOf(request).forEach(({ type, status }, i) => {
    const path = `status.conditions[${i}]`;
    if (!type) errors.push(required(`${path}.type`));
    if (!status) errors.push(required(`${path}.status`));
    else if (ONLY_TRUE.has(type) && status !== 'True') errors.push(notSupported(`${path}.status`, status, ['True']));
    else if (!STATUSES.includes(status)) errors.push(notSupported(`${path}.status`, status, STATUSES));
    const opposite = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined;
    if (opposite && seen.has(opposite))
      errors.push(invalid(`${path}.type`, type, 'Approved and Denied conditions are mutually exclusive'));
    if (seen.has(type)) errors.push(duplicate(`${path}.type`, type));
    seen.add(type);
  });
  return errors;
}

const BLOCK = /-----BEGIN ([A-Z ]+)-----\s*([\s\S]*?)-----END \1-----/g;

function checkCertificate(certificate: string): FieldError[] {
  const path = 'status.certificate';
  const refuse = (message: string): FieldError[] => [invalid(path, '<certificate data>', message)];
  const blocks = [...atob(certificate).matchAll(BLOCK)];
  if (blocks.length === 0) return refuse('must contain at least one CERTIFICATE PEM block');
  for (const [, type = '', body = ''] of blocks) {
    if (type !== 'CERTIFICATE') return refuse(`only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`);
    if (body.includes(':')) return refuse('no PEM block headers are permitted');
  }
  return [];
}

/** What may not come and go with a write to the status, where somebody else decides that. */
function checkKept(now: CertificateSigningRequest, old: CertificateSigningRequest, mayAdd: boolean): FieldError[] {
  const errors: FieldError[] = [];
  for (const type of mayAdd ? [...DECISIONS, 'Failed'] : DECISIONS)
    if (has(old, type) && !has(now, type))
      errors.push(forbidden('status.conditions', `updates may not remove a condition of type ${JSON.stringify(type)}`));
  if (!mayAdd)
    for (const type of DECISIONS)
      if (has(now, type) && !has(old, type))
        errors.push(forbidden('status.conditions', `updates may not add a condition of type ${JSON.stringify(type)}`));
  return errors;
}

/** Rules for writes to the status: signers give the certificate, once, or say that they failed. */
export function checkRequestStatus(now: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] {
  const errors = [...checkConditions(now), ...checkKept(now, old, false)];
  const certificate = now.status?.certificate ?? '';
  const before = old.status?.certificate ?? '';
  if (certificate === before) return errors;
  if (before) errors.push(forbidden('status.certificate', 'updates may not modify existing certificate content'));
  return certificate ? [...errors, ...checkCertificate(certificate)] : errors;
}

/** Rules for the approval subresource: approvers decide, once. */
export const checkApproval = (now: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] => [
  ...checkConditions(now),
  ...checkKept(now, old, true),
];

/** Conditions with the times that their writer left out; `now` as metav1.Time writes it. */
export function timed(conditions: readonly Condition[], old: CertificateSigningRequest, now: string): Condition[] {
  return conditions.map((condition) => {
    const before = conditionsOf(old).find(({ type }) => type === condition.type);
    const same = before?.status === condition.status ? before?.lastTransitionTime : undefined;
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? now,
      lastTransitionTime: condition.lastTransitionTime ?? same ?? now,
    };
  });
}

/** The conditions that a write to the status leaves: decisions stay as they were made. */
export const withDecisionsKept = (now: CertificateSigningRequest, old: CertificateSigningRequest): Condition[] =>
  conditionsOf(now).map((condition) =>
    DECISIONS.includes(condition.type)
      ? (conditionsOf(old).find(({ type }) => type === condition.type) ?? condition)
      : condition,
  );
