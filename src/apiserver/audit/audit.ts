import { formatMicroTime } from '../../api/meta.ts';
import type { ObjectMeta, UntypedObject } from '../../api/object.ts';
import type { Kernel, Random } from '../../kernel/index.ts';
import type { ApiError } from '../../api/status.ts';
import { wireList, wireObject } from '../http/wire.ts';
import type { Outcome, PathRequest, RequestObserver } from '../observers.ts';
import type { ApiRequest, UserInfo } from '../request.ts';
import type { ApiServer } from '../server.ts';
import type { AuditEvent, AuditSink, ObjectReference } from './audit-event.ts';
import { decideAudit, type AuditDecision, type AuditPolicy, type AuditStage } from './audit-policy.ts';
import { requestUri } from './request-uri.ts';

/** A request that is being answered, or a watch that is open. */
interface Entry {
  readonly decision: AuditDecision;
  /** What is the same in all events of the request, once it is known. */
  head: Omit<AuditEvent, 'stage' | 'stageTimestamp'>;
}

const SOURCE_IPS = ['127.0.0.1'];

/** Nobody has no name. */
const shownUser = ({ username, ...rest }: UserInfo): AuditEvent['user'] => (username ? { username, ...rest } : {});

const identity = (user: UserInfo, impersonator: UserInfo | undefined): Pick<AuditEvent, 'user' | 'impersonatedUser'> =>
  impersonator ? { user: shownUser(impersonator), impersonatedUser: user } : { user: shownUser(user) };

/** An object of the store as it goes over the wire: managed fields are worked out for it, if they are wanted. */
function onTheWire(object: unknown, omitManagedFields: boolean): unknown {
  const { metadata, items } = object as Partial<UntypedObject> & { items?: readonly UntypedObject[] };
  if (items && !omitManagedFields) return wireList(object as UntypedObject);
  return omitManagedFields || metadata?.name === undefined ? object : wireObject(object as UntypedObject);
}

/** What a client sent, as it was sent, or without the managed fields that it sent along. */
function sent(body: unknown, omitManagedFields: boolean): unknown {
  // A copy: the server makes its object of the body.
  const copy = structuredClone(body);
  const { metadata } = (copy ?? {}) as { metadata?: { managedFields?: unknown } };
  if (omitManagedFields && metadata) delete metadata.managedFields;
  return copy;
}

function objectReference({ group, version, resource, subresource, ...request }: ApiRequest): ObjectReference {
  const { metadata } = (request.patchType ? {} : (request.body ?? {})) as { metadata?: Partial<ObjectMeta> };
  const name = request.name ?? metadata?.name;
  const namespace = request.namespace ?? metadata?.namespace;
  return {
    resource,
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
    ...(metadata?.uid ? { uid: metadata.uid } : {}),
    ...(group ? { apiGroup: group } : {}),
    apiVersion: version,
    ...(metadata?.resourceVersion ? { resourceVersion: metadata.resourceVersion } : {}),
    ...(subresource ? { subresource } : {}),
  };
}

/** What the answer was: its code alone, or the Status that it consisted in. */
function statusOf({ code, refusal, panic, response }: Outcome): AuditEvent['responseStatus'] {
  if (panic !== undefined) {
    const reason = { reason: 'InternalError', message: `APIServer panic'd: ${panic}` };
    return { metadata: {}, ...{ status: 'Failure', ...reason }, code };
  }
  if (refusal) {
    const { kind: _kind, apiVersion: _apiVersion, ...status } = refusal.status;
    return { ...status, code };
  }
  const { kind, metadata, ...rest } = (response?.object ?? {}) as Partial<UntypedObject>;
  const status = rest as { status?: unknown; details?: unknown };
  return kind === 'Status'
    ? { metadata: metadata ?? {}, ...{ status: status.status, details: status.details }, code }
    : { metadata: {}, code };
}

/** Writes what a policy wants to know of every request into a sink (--audit-policy-file, --audit-log-path). */
class Audit implements RequestObserver {
  readonly #server: ApiServer;
  readonly #kernel: Kernel;
  readonly #ids: Random;
  readonly #policy: AuditPolicy;
  readonly #sink: AuditSink;
  readonly #open = new Map<ApiRequest, Entry>();

  constructor(server: ApiServer, policy: AuditPolicy, sink: AuditSink) {
    this.#server = server;
    this.#kernel = server.kernel;
    // A stream of its own: whether anyone logs changes nothing else.
    this.#ids = server.kernel.random('kube-apiserver/audit');
    this.#policy = policy;
    this.#sink = sink;
  }

  readonly annotated = true;

  begin(request: ApiRequest): void {
    const entry = this.#entryOf(request);
    if (!entry) return;
    this.#open.set(request, entry);
    this.#write(entry, 'RequestReceived', {});
    if (!request.origin) this.decoded(request, request);
  }

  /** From here on events tell what the body told. */
  decoded(request: ApiRequest, { body = request.deleteOptions, ...rest }: ApiRequest): void {
    const entry = this.#open.get(request);
    if (!entry) return;
    const { level, omitManagedFields } = entry.decision;
    const shown = body ?? rest.deleteOptions;
    entry.head = {
      ...entry.head,
      objectRef: objectReference({ ...rest, body }),
      ...(level !== 'Metadata' && shown !== undefined ? { requestObject: sent(shown, omitManagedFields) } : {}),
    };
  }

  started(request: ApiRequest, outcome: Outcome): void {
    const entry = this.#open.get(request);
    const { annotations } = outcome;
    if (entry) this.#write(entry, 'ResponseStarted', { responseStatus: statusOf(outcome), annotations });
  }

  end(request: ApiRequest, outcome: Outcome): void {
    const entry = this.#open.get(request);
    if (!entry) return;
    this.#open.delete(request);
    const object = outcome.response?.object ?? outcome.refusal?.status;
    const { level, omitManagedFields } = entry.decision;
    this.#write(entry, outcome.panic === undefined ? 'ResponseComplete' : 'Panic', {
      responseStatus: statusOf(outcome),
      ...(level === 'RequestResponse' && object ? { responseObject: onTheWire(object, omitManagedFields) } : {}),
      annotations: outcome.annotations,
    });
  }

  path(request: PathRequest, outcome: Outcome): void {
    const entry = this.#entryOfPath(request);
    if (!entry) return;
    const { user, verb, path } = request;
    const { allowed } = this.#server.authorizer.authorizePath(user, verb, path);
    const annotations = {
      'authorization.k8s.io/decision': allowed ? 'allow' : 'forbid',
      'authorization.k8s.io/reason': (allowed && this.#server.authorizer.reasonPath?.(user, verb, path)) || '',
    };
    this.#write(entry, 'RequestReceived', {});
    this.#write(entry, 'ResponseComplete', { responseStatus: statusOf(outcome), annotations });
  }

  /** Someone who is not known is told so before anything else: there is but one event. */
  unauthenticated(request: ApiRequest | PathRequest, refusal: ApiError): void {
    const entry = 'resource' in request ? this.#entryOf(request) : this.#entryOfPath(request);
    const outcome: Outcome = { code: refusal.code, refusal, annotations: {} };
    if (entry) this.#write(entry, 'ResponseStarted', { responseStatus: statusOf(outcome) });
  }

  /** What the policy makes of a request; undefined where it does not want to be told. */
  #entryOf(request: ApiRequest): Entry | undefined {
    const { user, verb, origin } = request;
    const uri = requestUri(request);
    // Who asked is asked about, not whom they act as.
    const { username, groups } = origin?.impersonator ?? user;
    const decision = decideAudit(this.#policy, { username, groups, verb, resource: request, path: uri });
    if (decision.level === 'None') return undefined;
    const userAgent = origin?.userAgent ?? request.userAgent;
    const head = {
      ...this.#head(decision, uri, verb, origin?.auditId),
      ...identity(user, origin?.impersonator),
      sourceIPs: SOURCE_IPS,
      ...(userAgent ? { userAgent } : {}),
      objectRef: objectReference({ ...request, body: undefined }),
    };
    return { decision, head };
  }

  #entryOfPath({ user, impersonator, verb, path, url, userAgent, auditId }: PathRequest): Entry | undefined {
    const { username, groups } = impersonator ?? user;
    const decision = decideAudit(this.#policy, { username, groups, verb, path });
    if (decision.level === 'None') return undefined;
    const head = {
      ...this.#head(decision, url, verb, auditId),
      ...identity(user, impersonator),
      sourceIPs: SOURCE_IPS,
      ...(userAgent ? { userAgent } : {}),
    };
    return { decision, head };
  }

  #head(
    { level }: AuditDecision,
    requestURI: string,
    verb: string,
    auditId: string | undefined,
  ): Omit<Entry['head'], 'user' | 'sourceIPs'> {
    return {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level,
      auditID: auditId ?? this.#ids.uuid(),
      requestURI,
      verb,
      requestReceivedTimestamp: formatMicroTime(this.#kernel.now),
    };
  }

  #write({ decision, head }: Entry, stage: AuditStage, told: Partial<AuditEvent>): void {
    if (decision.omitStages.has(stage)) return;
    const { kind, apiVersion, level, auditID, requestReceivedTimestamp, ...asked } = head;
    const { annotations, ...rest } = told;
    this.#sink({
      kind,
      apiVersion,
      level,
      auditID,
      stage,
      ...asked,
      ...rest,
      requestReceivedTimestamp,
      stageTimestamp: formatMicroTime(this.#kernel.now),
      ...(annotations && Object.keys(annotations).length > 0 ? { annotations: { ...annotations } } : {}),
    });
  }
}

/** Begins to log; ends when the returned function is called. */
export const startAudit = (server: ApiServer, policy: AuditPolicy, sink: AuditSink): (() => void) =>
  server.observers.add(new Audit(server, policy, sink));
