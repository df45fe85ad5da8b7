import { badRequest, internalError, methodNotAllowed, notAcceptable } from '../../api/errors.ts';
import type { Kind } from '../../api/kind.ts';
import { DELETE_OPTIONS, decode } from '../../api/schema/decode.ts';
import { ApiError } from '../../api/status.ts';
import type { AggregatedServer } from '../aggregation/aggregated-server.ts';
import { authenticate } from '../authentication.ts';
import { GROUP_PRIORITY } from '../group-priority.ts';
import type { Asked } from '../flow-control/flow-control.ts';
import { TooManyInFlight } from '../flow-control/too-many-in-flight.ts';
import { Impersonation } from '../impersonation.ts';
import { isPassedOn } from '../long-running.ts';
import type { Random } from '../../kernel/index.ts';
import { failure, type PathRequest } from '../observers.ts';
import type { ApiRequest, HttpRequest, HttpResponse, RequestOptions, UserInfo, Verb } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { readBody, readPatch } from './body.ts';
import { ACCOUNT_ATTEMPTS, ACCOUNT_WAIT_MS, lacksDefaultAccount } from './default-account.ts';
import { Discovery } from './discovery.ts';
import { healthAnswer, pageNotFound, textAnswer } from './health.ts';
import { negotiate } from './negotiation.ts';
import { isNodeSubresource, nodeAnswer } from './node-subresources.ts';
import { OPENAPI_V2_PROTOBUF } from './openapi-v2.ts';
import { OpenApi } from './openapi.ts';
import { isGroupPath, parseResourcePath, segmentsOf, type ResourcePath } from './path.ts';
import { eventPresenter, includeOf, presentAnswer, type View } from './presentation.ts';
import { isProxySubresource, proxyAnswer } from './proxy-subresources.ts';
import { checkPatchOptions, checkWriteOptions, optionsOf } from './query.ts';
import { digestOf, isWatch, pathRequest, resourceRequest, verbOf } from './request-line.ts';
import { VERSION } from './version.ts';

const jsonAnswer = (status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body,
});

/** What go-restful says of a resource that its group does not have. */
const noSuchResource = (): ApiError =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});

/** A refusal, too, says that what was asked for is deprecated. */
function warnedOf<T>(deprecation: string | undefined, serve: () => T): T {
  if (!deprecation) return serve();
  try {
    return serve();
  } catch (error) {
    if (error instanceof ApiError) error.warnings = [deprecation, ...error.warnings];
    throw error;
  }
}

/** Warnings as one header: `299 - "text"`, several separated by commas. */
const warningHeader = (warnings: readonly string[]): Record<string, string> =>
  warnings.length === 0
    ? {}
    : { warning: warnings.map((text) => `299 - "${text.replace(/["\\]/g, '\\$&')}"`).join(', ') };

/** Whether something is only asked and never kept, as reviews are: the real one has no columns for it. */
const isQuestion = (verbs: readonly string[] | undefined): boolean => verbs?.length === 1 && verbs[0] === 'create';

/** Headers that any answer has. */
type Headers = Record<string, string> & { readonly 'audit-id': string };

/** What clients give beyond that is cut off. */
const LONGEST_AUDIT_ID = 64;

/** Who asks before it is known who does. */
const NOBODY: UserInfo = { username: '', groups: [] };

const retryLater = (answer: HttpResponse, seconds: string): HttpResponse => ({
  ...answer,
  headers: { ...answer.headers, 'retry-after': seconds },
});

/** The HTTP face of the API server: reads requests off the wire, and writes the answers in the form asked for. */
export class HttpFace {
  readonly #server: ApiServer;
  readonly #discovery: Discovery;
  readonly #openApi: OpenApi;
  readonly #ids: Random;
  readonly #impersonation: Impersonation;

  constructor(server: ApiServer) {
    this.#server = server;
    this.#impersonation = new Impersonation(server.authorizer);
    // A stream of its own: whether anyone asks over HTTP changes nothing else.
    this.#ids = server.kernel.random('kube-apiserver/audit');
    this.#discovery = new Discovery(server.endpoints, server.subresources, server.aggregation);
    this.#openApi = new OpenApi(server.endpoints, () => server.prose, server.aggregation);
  }

  answer(request: HttpRequest): HttpResponse {
    // Refusals have them too.
    const headers: Headers = {
      'audit-id': request.headers['audit-id']?.slice(0, LONGEST_AUDIT_ID) ?? this.#ids.uuid(),
    };
    const response = this.#answered(request, headers);
    return { ...response, headers: { ...headers, ...response.headers } };
  }

  /**
   * Answers a request when it has a seat: at once, but for servers that enforce priority and fairness. `respond` is
   * called once, perhaps later in virtual time.
   */
  answerInTurn(request: HttpRequest, respond: (response: HttpResponse) => void): void {
    const { flowControl, kernel } = this.#server;
    const asked = flowControl?.isEnforced ? this.#asked(request) : undefined;
    if (!flowControl || !asked) return this.#answerPatiently(request, respond);
    flowControl.admit(asked, (tookMs) =>
      this.#answerPatiently(request, (response) => {
        if (tookMs === 0 || response.stream) respond(response);
        else kernel.after(tookMs, 'kube-apiserver', () => respond(response));
      }),
    );
  }

  /** Gives the account of a new namespace time to be made before a Pod in it is refused. */
  #answerPatiently(request: HttpRequest, respond: (response: HttpResponse) => void, attempt = 1): void {
    const response = this.answer(request);
    if (attempt === ACCOUNT_ATTEMPTS || !lacksDefaultAccount(response)) return respond(response);
    const [least, most] = ACCOUNT_WAIT_MS;
    const waitMs = least + (most - least) * this.#ids.next();
    this.#server.kernel.after(waitMs, 'kube-apiserver', () => this.#answerPatiently(request, respond, attempt + 1));
  }

  /** What flow control has to know of a request; undefined for those that it is not about. */
  #asked(request: HttpRequest): Asked | undefined {
    const [path = '', search = ''] = request.url.split('?', 2);
    const query = new URLSearchParams(search);
    const segments = segmentsOf(path);
    const place = isGroupPath(segments) ? parseResourcePath(segments) : undefined;
    if (isPassedOn(place?.subresource)) return undefined;
    try {
      const caller = authenticate(request, this.#server.tokens, this.#server.options.staticTokens ?? {});
      const user = this.#impersonation.userOf(request.headers, caller, () =>
        place
          ? resourceRequest(request, place, query, caller, caller, '')
          : pathRequest(request, path, caller, caller, ''),
      );
      const digest = digestOf(request, path, place, query, user);
      return { digest, request: place && { ...place, verb: digest.verb as Verb, options: optionsOf(query) } };
    } catch {
      // Whatever is wrong with it, the answer says so.
      return undefined;
    }
  }

  #answered(request: HttpRequest, headers: Headers): HttpResponse {
    try {
      return this.#route(request, headers);
    } catch (error) {
      const refusal = error instanceof ApiError ? error : internalError((error as Error).message);
      const { status, warnings } = refusal;
      if (error instanceof TooManyInFlight)
        return retryLater(textAnswer(TooManyInFlight.text, 429), String(status.details?.retryAfterSeconds));
      const retry = status.details?.retryAfterSeconds;
      const more = warningHeader([...new Set(warnings)]);
      return jsonAnswer(status.code, status, retry ? { ...more, 'retry-after': String(retry) } : more);
    }
  }

  /** Finds who answers; `headers` gets what any answer has. */
  #route(request: HttpRequest, headers: Headers): HttpResponse {
    const mark = request.url.indexOf('?');
    const path = mark < 0 ? request.url : request.url.slice(0, mark);
    const query = new URLSearchParams(mark < 0 ? '' : request.url.slice(mark + 1));
    const segments = segmentsOf(path);
    const place = isGroupPath(segments) ? parseResourcePath(segments) : undefined;
    const auditId = headers['audit-id'];
    const { caller, user } = this.#identify(request, path, place, query, auditId);
    const { flowControl } = this.#server;
    const digest =
      flowControl && !isPassedOn(place?.subresource) ? digestOf(request, path, place, query, user) : undefined;
    if (flowControl && digest) Object.assign(headers, flowControl.headers(digest));
    if (!place) {
      return this.#observed(pathRequest(request, path, user, caller, auditId), () => {
        if (flowControl && digest) flowControl.arrive({ digest });
        this.#server.authorizePath(user, request.method.toLowerCase(), path);
        return this.#document(request, path, segments, query) ?? pageNotFound();
      });
    }
    const { observers } = this.#server;
    const asked = resourceRequest(request, place, query, user, caller, auditId);
    const answer = (): HttpResponse => this.#resource(request, place, query, asked);
    return observers.any ? observers.aroundHttp(asked, answer) : answer();
  }

  /** Who asks, and as whom. Those who may not do so are seen to have asked, too. */
  #identify(
    request: HttpRequest,
    path: string,
    place: ResourcePath | undefined,
    query: URLSearchParams,
    auditId: string,
  ): { readonly caller: UserInfo; readonly user: UserInfo } {
    const { tokens, options, observers } = this.#server;
    const asked = (user: UserInfo): ApiRequest | PathRequest =>
      place
        ? resourceRequest(request, place, query, user, user, auditId)
        : pathRequest(request, path, user, user, auditId);
    let caller: UserInfo;
    try {
      caller = authenticate(request, tokens, options.staticTokens ?? {});
    } catch (error) {
      if (observers.any && error instanceof ApiError) observers.unauthenticated(asked(NOBODY), error);
      throw error;
    }
    try {
      return { caller, user: this.#impersonation.userOf(request.headers, caller, () => asked(caller)) };
    } catch (error) {
      if (!observers.any) throw error;
      const refused = (): never => {
        throw error;
      };
      const it = asked(caller);
      throw 'resource' in it ? observers.aroundHttp(it, refused) : this.#observed(it, refused);
    }
  }

  /** Everything that is no resource: discovery, schemas, version, health. */
  #document(
    request: HttpRequest,
    path: string,
    segments: readonly string[],
    query: URLSearchParams,
  ): HttpResponse | undefined {
    const source = this.#server.documents.get(path);
    if (source) return source(request, query);
    const health = healthAnswer(segments, query);
    if (health) return health;
    const discovery = this.#discovery;
    const [root, group, version] = segments;
    if (root === undefined) {
      const groups = discovery.groups.flatMap((name) => [
        `/apis/${name}`,
        ...discovery.versions(name).map((v) => `/apis/${name}/${v}`),
      ]);
      const documents = [...this.#server.documents.keys()].filter((name) => !name.startsWith('/debug/'));
      const served = [...documents, '/api', '/api/v1', '/apis', '/openapi/v2', '/openapi/v3'];
      const paths = [...served, ...groups, '/healthz', '/livez', '/readyz', '/version'];
      return jsonAnswer(200, { paths: paths.sort() });
    }
    if (root === 'version' && group === undefined) return jsonAnswer(200, VERSION);
    if (root === 'openapi' && group === 'v2' && version === undefined) return this.#openApiV2(request.headers);
    if (root === 'openapi' && group === 'v3') {
      const document =
        version === undefined ? this.#openApi.index() : this.#openApi.document(segments.slice(2).join('/'));
      return document && jsonAnswer(200, document);
    }
    if (root !== 'api' && root !== 'apis') return undefined;
    if (group === undefined) {
      if (negotiate(request.headers['accept']).as === 'APIGroupDiscoveryList') {
        const type = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
        return jsonAnswer(200, discovery.aggregated(root), { 'content-type': type });
      }
      return jsonAnswer(
        200,
        root === 'api' ? discovery.coreVersions(request.headers['host'] ?? '') : discovery.groupList(),
      );
    }
    if (root === 'api')
      return discovery.serves('', group) ? jsonAnswer(200, discovery.resources('', group)) : undefined;
    if (version !== undefined && this.#server.aggregation.isDown(group, version))
      return textAnswer('service unavailable\n', 503);
    if (version === undefined)
      return discovery.versions(group).length > 0 ? jsonAnswer(200, discovery.group(group)) : undefined;
    return discovery.serves(group, version) ? jsonAnswer(200, discovery.resources(group, version)) : undefined;
  }

  /** The older schema of everything: JSON unless protobuf is asked for, and nothing for those who have it already. */
  #openApiV2(asked: Readonly<Record<string, string | undefined>>): HttpResponse {
    const { etag } = this.#openApi;
    const headers = { etag, vary: 'Accept' };
    if (asked['if-none-match'] === etag) return { status: 304, headers, body: '' };
    const accept = asked['accept'] ?? '';
    if (accept.includes('proto-openapi'))
      return { status: 200, headers: { ...headers, 'content-type': OPENAPI_V2_PROTOBUF }, body: this.#openApi.v2 };
    if (!/^$|application\/(json|\*)|\*\/\*/.test(accept))
      throw notAcceptable(`only the following media types are accepted: application/json, ${OPENAPI_V2_PROTOBUF}`);
    return jsonAnswer(200, this.#openApi.v2Document, headers);
  }

  /** Answers a request for a path that is no resource, before the observers' eyes. */
  #observed(asked: PathRequest, answer: () => HttpResponse): HttpResponse {
    const { observers } = this.#server;
    if (!observers.any) return answer();
    try {
      const response = answer();
      observers.path(asked, { code: response.status });
      return response;
    } catch (error) {
      observers.path(asked, failure(error));
      throw error;
    }
  }

  #resource(request: HttpRequest, place: ResourcePath, query: URLSearchParams, asked: ApiRequest): HttpResponse {
    const server = this.#server;
    const { group, version, resource, subresource, name, namespace } = place;
    const { user, userAgent } = asked;
    const endpoint = server.endpoints.find(group, version, resource);
    if (!endpoint && server.aggregation.isDown(group, version)) return textAnswer('service unavailable\n', 503);
    const kind = endpoint?.kind ?? server.aggregation.kindOf(place);
    if (!kind || (place.rest !== undefined && subresource !== 'proxy')) {
      const verb = verbOf(request.method, place, { watch: isWatch(query) });
      server.authorize({ ...asked, verb, options: {} });
      // Groups of custom resources are answered for by a server that knows no other paths.
      if (Object.hasOwn(GROUP_PRIORITY, group) && this.#discovery.serves(group, version)) throw noSuchResource();
      return pageNotFound();
    }
    const remote = endpoint ? undefined : server.aggregation.serverOf(group, version);
    if (remote?.http) return this.#forward(remote, request, place, query, asked);
    if (isProxySubresource(place)) return proxyAnswer(server, request, place, user, userAgent);
    if (isNodeSubresource(place)) return nodeAnswer(server, request, place, query, user, userAgent);
    const verb = verbOf(request.method, place, { watch: isWatch(query) });
    if (verb === 'create' && name !== undefined && subresource === undefined) throw methodNotAllowed();
    if (verb === 'create' && kind.namespaced && namespace === undefined) throw methodNotAllowed();
    const options = optionsOf(query);
    checkWriteOptions(verb, options);
    const part =
      subresource === undefined ? undefined : server.subresources.of(kind).find((one) => one.name === subresource);
    const representation = negotiate(request.headers['accept'], !isQuestion(part?.verbs ?? kind.verbs));
    const view: View = {
      representation,
      kind: part?.table ?? kind,
      include: representation.as === 'Table' ? includeOf(query) : 'Metadata',
      now: () => server.kernel.now,
    };
    const complete: ApiRequest = { ...asked, verb, options };
    const { deprecation } = kind;
    if (deprecation) server.observers.annotate('k8s.io/deprecated', 'true');
    if (verb === 'watch') return this.#watch(complete, view, warningHeader(deprecation ? [deprecation] : []));
    const response = warnedOf(deprecation, () => server.serve(this.#withBody(request, complete, kind)));
    const warnings = new Set(deprecation ? [deprecation, ...response.warnings] : response.warnings);
    return jsonAnswer(response.code, presentAnswer(view, response.object), warningHeader([...warnings]));
  }

  /** Passes a request on to a server that speaks HTTP itself. */
  #forward(
    remote: AggregatedServer,
    request: HttpRequest,
    place: ResourcePath,
    query: URLSearchParams,
    asked: ApiRequest,
  ): HttpResponse {
    const verb = verbOf(request.method, place, { watch: isWatch(query) });
    this.#server.authorize({ ...asked, verb, options: {} });
    return remote.http!(request, asked.user);
  }

  /** The request with what its body adds: an object, a patch, or the options of a delete. */
  #withBody(request: HttpRequest, asked: ApiRequest, { kind }: Kind): ApiRequest {
    switch (asked.verb) {
      case 'create':
      case 'update': {
        const read = readBody(request, kind, this.#server.options.bodyFormats);
        return {
          ...asked,
          body: read?.value ?? {},
          duplicateFields: read?.duplicates ?? [],
          ...(read?.places ? { fieldPlaces: read.places } : {}),
        };
      }
      case 'patch': {
        const { type, body, duplicates } = readPatch(request, this.#server.options.bodyFormats);
        checkPatchOptions(type, asked.options);
        return { ...asked, patchType: type, body, ...(duplicates?.length ? { duplicateFields: duplicates } : {}) };
      }
      case 'delete':
      case 'deletecollection': {
        const read = readBody(request, 'DeleteOptions', this.#server.options.bodyFormats);
        if (!read) return asked;
        const options = { ...asked.options, ...deleteOptions(read.value, asked.verb) };
        return { ...asked, options, deleteOptions: read.value };
      }
      default:
        return asked;
    }
  }

  #watch(asked: ApiRequest, view: View, warnings: Record<string, string>): HttpResponse {
    const shown = eventPresenter(view);
    // Refusals are thrown here, before the stream begins; events wait until someone listens.
    let listener: { chunk(data: unknown): void; end(): void } | undefined;
    const early: unknown[] = [];
    let ended = false;
    const handle = this.#server.watch(asked, {
      events: (events) => {
        for (const event of events) {
          if (listener) listener.chunk(shown(event));
          else early.push(shown(event));
        }
      },
      closed: () => {
        ended = true;
        listener?.end();
      },
    });
    return {
      status: 200,
      headers: { 'content-type': 'application/json', ...warnings },
      stream: (sink) => {
        listener = sink;
        for (const data of early) sink.chunk(data);
        if (ended) sink.end();
        return () => handle.stop();
      },
    };
  }
}

/** DeleteOptions from a body; what it says goes before the query. */
function deleteOptions(body: unknown, verb: Verb): RequestOptions {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const { kind } = (isObject ? body : {}) as { kind?: unknown };
  if (kind !== undefined && kind !== 'DeleteOptions')
    throw badRequest(`unexpected object of kind ${String(kind)} as options of a ${verb}`);
  const given = isObject ? { ...body, apiVersion: 'v1', kind: 'DeleteOptions' } : body;
  const { object } = decode<Record<string, unknown>>(DELETE_OPTIONS, given);
  const { kind: _kind, apiVersion: _apiVersion, ...options } = object;
  checkWriteOptions(verb, options as RequestOptions);
  return options as RequestOptions;
}
