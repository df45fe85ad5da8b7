/** Rules that many fields of the core kinds share. */
import { semanticallyEqual } from '../draft.ts';
import { invalid, required, notSupported } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkPathSegmentName,
  checkPercent,
  checkPortName,
  checkPortNumber,
} from '../names.ts';

export type Errors = FieldError[];

/** Refuses `value` with each message. */
export function refuse(path: string, value: unknown, messages: readonly string[], errors: Errors): void {
  for (const message of messages) errors.push(invalid(path, value, message));
}

export function checkNonNegative(value: number | undefined, path: string, errors: Errors): void {
  if (value !== undefined && value < 0) errors.push(invalid(path, value, 'must be greater than or equal to 0'));
}

/** A port number, or the name of one. */
export function checkPort(port: number | string | undefined, path: string, errors: Errors): void {
  if (typeof port === 'string') refuse(path, port, checkPortName(port), errors);
  else refuse(path, port ?? 0, checkPortNumber(port ?? 0), errors);
}

/** A name that must be there and be a DNS label. */
export function checkRequiredLabel(name: string | undefined, path: string, errors: Errors): void {
  if (!name) errors.push(required(path));
  else refuse(path, name, checkDnsLabel(name), errors);
}

/** The name of another object, required. */
export function checkObjectName(name: string | undefined, path: string, errors: Errors): void {
  if (!name) errors.push(required(path));
  else refuse(path, name, checkDnsSubdomain(name), errors);
}

/** One of a few words; `optional` lets it be absent. */
export function checkOneOf(
  value: string | undefined,
  supported: readonly string[],
  path: string,
  errors: Errors,
  optional = false,
): void {
  if (value !== undefined && supported.includes(value)) return;
  if (value === undefined && optional) return;
  errors.push(notSupported(path, value ?? '', supported));
}

/** An absolute number or a percentage. */
export function checkIntOrPercent(value: number | string | undefined, path: string, errors: Errors): void {
  if (typeof value === 'string') refuse(path, value, checkPercent(value), errors);
  else checkNonNegative(value, path, errors);
}

/** Paths inside a volume: relative, and never upwards. */
export function checkDescendingPath(value: string, path: string, errors: Errors): void {
  if (value.startsWith('/')) errors.push(invalid(path, value, 'must be a relative path'));
  checkNoBackSteps(value, path, errors);
}

export function checkNoBackSteps(value: string, path: string, errors: Errors): void {
  if (value.split('/').includes('..')) errors.push(invalid(path, value, "must not contain '..'"));
}

/** A field that keeps the value it was created with. */
export function checkImmutable(next: unknown, old: unknown, path: string, errors: Errors): void {
  if (!semanticallyEqual(next, old)) errors.push(invalid(path, next, 'field is immutable'));
}

/** A number or percentage, and no more than all. */
export function checkPart(value: number | string | undefined, path: string, errors: Errors): void {
  checkIntOrPercent(value, path, errors);
  if (typeof value === 'string' && /^\d+%$/.test(value) && parseInt(value, 10) > 100)
    errors.push(invalid(path, value, 'must not be greater than 100%'));
}

/** A name that is one segment of a path, required. */
export function checkSegment(name: string | undefined, path: string, errors: Errors): void {
  if (!name) errors.push(required(path));
  else refuse(path, name, checkPathSegmentName(name), errors);
}

/** `example.com/name`: a domain, a slash, a path. */
export function checkDomainPath(value: string | undefined, path: string, errors: Errors): void {
  if (!value) {
    errors.push(required(path));
    return;
  }
  const slash = value.indexOf('/');
  const [host, rest] = [value.slice(0, slash), value.slice(slash + 1)];
  if (slash < 1 || rest === '') {
    errors.push(invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")'));
    return;
  }
  refuse(path, host, checkDnsSubdomain(host), errors);
  if (!/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(rest))
    errors.push(invalid(path, rest, "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"));
}

const MAX_ID = 2 ** 31 - 1;

/** User and group ids. */
export function checkUnixId(id: number | undefined, path: string, errors: Errors): void {
  if (id !== undefined && (id < 0 || id > MAX_ID))
    errors.push(invalid(path, id, `must be between 0 and ${MAX_ID}, inclusive`));
}
