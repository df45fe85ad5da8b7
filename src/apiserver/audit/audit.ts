import { formatMicroTime } from '../../api/meta.ts';
import type { ObjectMeta, UntypedObject } from '../../api/object.ts';
import type { Kernel, Random } from '../../kernel/index.ts';
import { wireObject } from '../http/wire.ts';
import type { Outcome, PathRequest, RequestObserver } from '../observers.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import type { AuditEvent, AuditSink, ObjectReference } from './audit-event.ts';
import { decideAudit, type AuditDecision, type AuditPolicy, type AuditStage } from './audit-policy.ts';
import { requestUri } from './request-uri.ts';

/** A request that is being answered, or a watch that is open. */
interface Entry {
  readonly decision: AuditDecision;
  /** What is the same in all events of the request. */
  readonly head: Omit<AuditEvent, 'stage' | 'stageTimestamp'>;
  readonly annotations: Readonly<Record<string, string>>;
}

const SOURCE_IPS = ['127.0.0.1'];
const FORBIDDEN = 403;

/** An object of the store as it goes over the wire: managed fields are worked out for it. */
function withManagedFields(object: unknown): unknown {
  const { metadata } = object as Partial<UntypedObject>;
  return metadata?.name === undefined ? object : wireObject(object as UntypedObject);
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
function statusOf({ code, refusal, response }: Outcome): AuditEvent['responseStatus'] {
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

  begin(request: ApiRequest): void {
    const { user, verb, origin } = request;
    const path = requestUri(request);
    const decision = decideAudit(this.#policy, {
      username: user.username,
      groups: user.groups,
      verb,
      resource: request,
      path,
    });
    if (decision.level === 'None') return;
    const { impersonator } = origin ?? {};
    const bodies = decision.level !== 'Metadata' && request.body !== undefined;
    const { allowed, reason } = this.#server.authorizer.authorize(request);
    const entry: Entry = {
      decision,
      head: {
        ...this.#head(decision, path, verb),
        user: impersonator ?? user,
        ...(impersonator ? { impersonatedUser: user } : {}),
        sourceIPs: SOURCE_IPS,
        userAgent: origin?.userAgent ?? request.userAgent,
        objectRef: objectReference(request),
        // A copy: the server makes its object of the body.
        ...(bodies ? { requestObject: structuredClone(request.body) } : {}),
      },
      annotations: {
        'authorization.k8s.io/decision': allowed ? 'allow' : 'forbid',
        'authorization.k8s.io/reason': (allowed ? this.#server.authorizer.reason?.(request) : reason) ?? '',
      },
    };
    this.#open.set(request, entry);
    this.#write(entry, 'RequestReceived', {}, undefined);
  }

  started(request: ApiRequest): void {
    const entry = this.#open.get(request);
    if (entry) this.#write(entry, 'ResponseStarted', { responseStatus: { metadata: {}, code: 200 } }, {});
  }

  end(request: ApiRequest, outcome: Outcome): void {
    const entry = this.#open.get(request);
    if (!entry) return;
    this.#open.delete(request);
    const object = outcome.response?.object ?? outcome.refusal?.status;
    const shows = entry.decision.level === 'RequestResponse' && object !== undefined;
    const stage = outcome.code === 500 && !outcome.refusal ? 'Panic' : 'ResponseComplete';
    this.#write(
      entry,
      stage,
      {
        responseStatus: statusOf(outcome),
        ...(shows ? { responseObject: entry.decision.omitManagedFields ? object : withManagedFields(object) } : {}),
      },
      outcome.annotations,
    );
  }

  path({ user, verb, path, url, userAgent }: PathRequest, code: number): void {
    const decision = decideAudit(this.#policy, { username: user.username, groups: user.groups, verb, path });
    if (decision.level === 'None') return;
    const { authorizer } = this.#server;
    const entry: Entry = {
      decision,
      head: { ...this.#head(decision, url, verb), user, sourceIPs: SOURCE_IPS, userAgent },
      annotations: {
        'authorization.k8s.io/decision': code === FORBIDDEN ? 'forbid' : 'allow',
        'authorization.k8s.io/reason': authorizer.reasonPath?.(user, verb, path) ?? '',
      },
    };
    this.#write(entry, 'RequestReceived', {}, undefined);
    this.#write(entry, 'ResponseComplete', { responseStatus: { metadata: {}, code } }, {});
  }

  #head({ level }: AuditDecision, requestURI: string, verb: string): Omit<Entry['head'], 'user' | 'sourceIPs'> {
    return {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level,
      auditID: this.#ids.uuid(),
      requestURI,
      verb,
      requestReceivedTimestamp: formatMicroTime(this.#kernel.now),
    };
  }

  /** `annotations` is absent before anything was found out. */
  #write(
    { decision, head, annotations: first }: Entry,
    stage: AuditStage,
    rest: Partial<AuditEvent>,
    annotations: Readonly<Record<string, string>> | undefined,
  ): void {
    if (decision.omitStages.has(stage)) return;
    const { kind, apiVersion, level, auditID, requestReceivedTimestamp, ...asked } = head;
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
      ...(annotations ? { annotations: { ...first, ...annotations } } : {}),
    });
  }
}

/** Begins to log; ends when the returned function is called. */
export const startAudit = (server: ApiServer, policy: AuditPolicy, sink: AuditSink): (() => void) =>
  server.observers.add(new Audit(server, policy, sink));
