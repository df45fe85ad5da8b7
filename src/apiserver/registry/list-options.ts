import { badRequest, invalid } from '../../api/errors.ts';
import { forbidden, notSupported } from '../../api/field-error.ts';
import type { FieldError } from '../../api/kind.ts';
import { ApiError } from '../../api/status.ts';
import type { RequestOptions } from '../request.ts';

const MATCH = 'resourceVersionMatch';
/** The largest unsigned number of 64 bits, nearly. */
const LARGEST = 2 ** 64;

/** Refuses combinations of list and watch options that make no sense (metainternalversion/validation). */
export function checkListOptions(options: RequestOptions, watching: boolean): void {
  const { resourceVersion, resourceVersionMatch: match, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  const refuse = (field: string, message: string): void => void errors.push(forbidden(field, message));
  const refuseMatch = (message: string): void => refuse(MATCH, message);
  if (watching) {
    if (sendInitialEvents !== undefined && match !== 'NotOlderThan')
      refuseMatch('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
    if (match) {
      if (sendInitialEvents === undefined)
        refuseMatch('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
      if (match !== 'NotOlderThan') errors.push(notSupported(MATCH, match, ['NotOlderThan']));
      if (options.continue) refuseMatch('resourceVersionMatch is forbidden when continue is provided');
    }
  } else {
    if (match) {
      if (!resourceVersion) refuseMatch('resourceVersionMatch is forbidden unless resourceVersion is provided');
      if (options.continue) refuseMatch('resourceVersionMatch is forbidden when continue is provided');
      if (match !== 'Exact' && match !== 'NotOlderThan')
        errors.push(notSupported(MATCH, match, ['Exact', 'NotOlderThan', '']));
      if (match === 'Exact' && resourceVersion === '0')
        refuseMatch('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
    if (sendInitialEvents !== undefined) refuse('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
}

/** A resourceVersion as a number; 0 when there is none. Lists call one that is none a bad request, others an error. */
export function parseResourceVersion(text: string | undefined, listing = false): number {
  if (!text) return 0;
  if (/^\d+$/.test(text)) {
    const version = Number(text);
    if (version <= LARGEST) return version;
  }
  const why = /^\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
  const shown = JSON.stringify(text);
  const message = `resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: ${why}`;
  throw listing ? badRequest(`invalid resource version: ${message}`) : new ApiError(500, '', message);
}

/** Refuses a resourceVersion that has not been reached. */
export function checkReached(revision: number, current: number): void {
  if (revision <= current) return;
  throw new ApiError(504, 'Timeout', `Too large resource version: ${revision}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}
