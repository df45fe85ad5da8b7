import { badRequest, invalid } from '../../api/errors.ts';
import { forbidden, notSupported, quote, required, tooLong } from '../../api/field-error.ts';
import type { FieldError } from '../../api/kind.ts';
import type { PatchType, RequestOptions, Verb } from '../request.ts';

/** Go's ParseInt, with its words for what it cannot read. */
function integer(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw badRequest(`strconv.ParseInt: parsing ${quote(text)}: invalid syntax`);
}

/** Anything but these is true: queries are read generously. */
const truth = (text: string): boolean => text !== 'false' && text !== '0' && text !== '';

const OPTIONS_KIND: Readonly<Partial<Record<Verb, string>>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  delete: 'DeleteOptions',
  deletecollection: 'DeleteOptions',
};

/** The options that a query carries. Unknown parameters are ignored, as the real server does. */
export function optionsOf(query: URLSearchParams): RequestOptions {
  const text = (name: string): string | undefined => query.get(name) ?? undefined;
  const read = <T>(name: string, parse: (value: string) => T): T | undefined => {
    const value = query.get(name);
    return value === null || value === '' ? undefined : parse(value);
  };
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const options: Record<string, unknown> = {
    labelSelector: text('labelSelector'),
    fieldSelector: text('fieldSelector'),
    resourceVersion: text('resourceVersion'),
    resourceVersionMatch: text('resourceVersionMatch'),
    limit: read('limit', integer),
    continue: text('continue'),
    allowWatchBookmarks: read('allowWatchBookmarks', truth),
    sendInitialEvents: read('sendInitialEvents', truth),
    timeoutSeconds: read('timeoutSeconds', integer),
    dryRun: dryRun.length > 0 ? dryRun : undefined,
    fieldManager: text('fieldManager'),
    fieldValidation: text('fieldValidation'),
    force: read('force', truth),
    propagationPolicy: text('propagationPolicy'),
    orphanDependents: read('orphanDependents', truth),
    gracePeriodSeconds: read('gracePeriodSeconds', integer),
  };
  for (const name in options) if (options[name] === undefined || options[name] === '') delete options[name];
  return options;
}

/** Refuses options that do not go with the sort of a patch. */
export function checkPatchOptions(type: PatchType, { fieldManager, force }: RequestOptions): void {
  const errors: FieldError[] = [];
  if (type === 'apply') {
    if (!fieldManager) errors.push(required('fieldManager', 'is required for apply patch'));
  } else if (force !== undefined) errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', errors);
}

/** The longest name of a field manager, in bytes. */
const MAX_MANAGER = 128;

/** Refuses values that the options of a write do not know. */
export function checkWriteOptions(verb: Verb, { dryRun, fieldManager, fieldValidation }: RequestOptions): void {
  const kind = OPTIONS_KIND[verb];
  if (!kind) return;
  const errors: FieldError[] = [];
  if (fieldManager && verb !== 'delete' && fieldManager.length > MAX_MANAGER)
    errors.push(tooLong('fieldManager', MAX_MANAGER));
  if (dryRun && dryRun.some((value) => value !== 'All')) errors.push(notSupported('dryRun', dryRun, ['All']));
  if (fieldValidation && !['Ignore', 'Strict', 'Warn'].includes(fieldValidation)) {
    errors.push(notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors);
}
