import { apiVersionOf, type Kind } from '../../api/kind.ts';
import type { Ignored, Writer } from '../../api/apply/managers.ts';
import { schemaOf, type Schema } from '../../api/schema/schema.ts';
import type { ApiRequest } from '../request.ts';
import type { Scope } from './scope.ts';

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

type Writers = Map<string, FieldWriter>;

/** The writers of one kind, by operation and subresource and then by manager. */
const byKind = new WeakMap<Kind, Map<string, Writers>>();

const CONTROLLERS = 'system:serviceaccount:kube-system:';

/** The program that asks: controllers have names of their own in the timeline, and yet are one process. */
const processOf = ({ user, userAgent }: ApiRequest): string =>
  userAgent.endsWith('-controller') && user.username.startsWith(CONTROLLERS) ? 'kube-controller-manager' : userAgent;

/** The writer that a request is, to objects stored as `kind`: its field manager, else the client's name up to the first slash. */
export function writerOf(kind: Kind, request: ApiRequest, subresource = request.subresource ?? ''): FieldWriter {
  const manager = request.options.fieldManager ?? processOf(request);
  const isApply = request.patchType === 'apply' && request.verb === 'patch';
  const way = isApply ? `apply/${subresource}` : subresource;
  let ways = byKind.get(kind);
  if (!ways) byKind.set(kind, (ways = new Map()));
  let writers = ways.get(way);
  if (!writers) ways.set(way, (writers = new Map()));
  let writer = writers.get(manager);
  if (!writer) writers.set(manager, (writer = makeWriter(kind, manager, isApply ? 'Apply' : 'Update', subresource)));
  return writer;
}

/**
 * Whether a write is noted in the version in which it came: clients see their own fields among the managed ones. Programs
 * of this process do not look, and write by the thousand: theirs are noted as they are stored.
 */
export const isNotedAsWritten = ({ endpoint, request }: Scope): boolean =>
  endpoint.kind.custom !== undefined || (endpoint.conversion !== undefined && !request.options.trusted);

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
