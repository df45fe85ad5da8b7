import { apiVersionOf, type Kind } from '../../api/kind.ts';
import type { Ignored, Writer } from '../../api/apply/managers.ts';
import { schemaOf, type Schema } from '../../api/schema/schema.ts';
import type { ApiRequest } from '../request.ts';

/** Who manages fields by a write, and which fields such a write is about. One object for all writes that are alike. */
export interface FieldWriter extends Writer {
  readonly schema: Schema;
  readonly ignored: Ignored;
}

const nothing: Ignored = () => false;
const status: Ignored = (element) => element === 'f:status';
const allButStatus: Ignored = (element) => element !== 'f:status' && element !== 'f:metadata';

const ignoredBy = (kind: Kind, subresource: string): Ignored =>
  subresource === 'status' ? allButStatus : kind.hasStatus ? status : nothing;

/** The writers of one kind by what tells them apart: operation, subresource and manager. */
const byKind = new WeakMap<Kind, Map<string, FieldWriter>>();

/** The writer that was asked for last with what it was asked for: many writes in a row are alike. */
let last:
  | { readonly kind: Kind; readonly subresource: string; readonly manager: string; readonly writer: FieldWriter }
  | undefined;

const CONTROLLERS = 'system:serviceaccount:kube-system:';

/** The program that asks: controllers have names of their own in the timeline, and yet are one process. */
const processOf = ({ user, userAgent }: ApiRequest): string =>
  userAgent.endsWith('-controller') && user.username.startsWith(CONTROLLERS) ? 'kube-controller-manager' : userAgent;

/** The writer that a request is, to objects stored as `kind`: its field manager, else the client's name up to the first slash. */
export function writerOf(kind: Kind, request: ApiRequest, subresource = request.subresource ?? ''): FieldWriter {
  const manager = request.options.fieldManager ?? processOf(request);
  const operation = request.patchType === 'apply' && request.verb === 'patch' ? 'Apply' : 'Update';
  if (
    last?.kind === kind &&
    last.subresource === subresource &&
    last.manager === manager &&
    last.writer.operation === operation
  )
    return last.writer;
  let writers = byKind.get(kind);
  if (!writers) byKind.set(kind, (writers = new Map()));
  const key = `${operation} ${subresource} ${manager}`;
  let writer = writers.get(key);
  if (!writer) writers.set(key, (writer = makeWriter(kind, manager, operation, subresource)));
  last = { kind, subresource, manager, writer };
  return writer;
}

/** Whoever wrote an object before anybody took notes. */
export const beforeFirstApply = (kind: Kind): FieldWriter => makeWriter(kind, 'before-first-apply', 'Update', '');

const makeWriter = (kind: Kind, manager: string, operation: Writer['operation'], subresource: string): FieldWriter => ({
  manager: manager.split('/', 1)[0]!,
  operation,
  apiVersion: apiVersionOf(kind),
  subresource,
  schema: kind.custom?.structure ?? schemaOf(kind.schema),
  ignored: ignoredBy(kind, subresource),
});
