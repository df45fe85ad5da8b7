import { badRequest, invalid } from '../../api/errors.ts';
import { forbidden, notSupported } from '../../api/field-error.ts';
import type { FieldError } from '../../api/kind.ts';
import { ApiError } from '../../api/status.ts';
import type { RequestOptions } from '../request.ts';

/** Refuses combinations of list and watch options that make no sense (metainternalversion/validation). */
export function checkListOptions(options: RequestOptions, watching: boolean): void {
  const { resourceVersion, resourceVersionMatch: match, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  const refuse = (field: string, message: string): void => void errors.push(forbidden(field, message));
  if (watching && match && sendInitialEvents === undefined) {
    refuse('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  }
  if (watching && sendInitialEvents !== undefined) {
    if (match !== 'NotOlderThan') {
      refuse('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
    }
    if (options.continue) refuse('continue', 'sendInitialEvents is incompatible with continue');
    if (sendInitialEvents && !options.allowWatchBookmarks) {
      refuse('sendInitialEvents', 'sendInitialEvents requires setting allowWatchBookmarks to true');
    }
  }
  if (!watching && sendInitialEvents !== undefined)
    refuse('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  if (!watching && match) {
    if (options.continue) refuse('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');
    if (!resourceVersion) {
      refuse('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan']));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      refuse('resourceVersionMatch', 'resourceVersionMatch "Exact" is forbidden for resourceVersion "0"');
    }
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
}

/** A resourceVersion as a number; 0 when there is none. */
export function parseResourceVersion(text: string | undefined): number {
  if (!text) return 0;
  if (/^\d+$/.test(text)) return Number(text);
  throw badRequest(
    `Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

/** Refuses a resourceVersion that has not been reached. */
export function checkReached(revision: number, current: number): void {
  if (revision <= current) return;
  throw new ApiError(504, 'Timeout', `Too large resource version: ${revision}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}
