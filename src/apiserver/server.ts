import type { Kernel, Random } from '../kernel/index.ts';
import { badRequest, methodNotAllowed, methodNotSupported, notFound, unknownPath } from '../api/errors.ts';
import type { Kind } from '../api/kind.ts';
import type { UntypedObject } from '../api/object.ts';
import { ApiError } from '../api/status.ts';
import type { Etcd } from '../etcd/index.ts';
import { AdmissionChain, type AdmissionContext } from './admission/admission.ts';
import { MUTATING_PLUGINS, VALIDATING_PLUGINS } from './admission/plugins.ts';
import { Aggregation } from './aggregation/aggregation.ts';
import { authenticateToken } from './authentication.ts';
import { authorize, authorizePath, type Authorizer } from './authorization/authorization.ts';
import { authorizerOf } from './authorization/authorization-mode.ts';
import { escalationCheck } from './authorization/escalation.ts';
import { NodeAuthorizer } from './authorization/node.ts';
import { RbacPolicy } from './authorization/rbac-policy.ts';
import { startCompaction } from './compaction.ts';
import { EndpointTable, type Endpoint } from './endpoint.ts';
import type { FlowControl } from './flow-control/flow-control.ts';
import { HttpFace } from './http/http.ts';
import type { Prose } from './http/openapi.ts';
import type { MetricFamily } from './metrics/metric-family.ts';
import type { NodeProxy } from './node-proxy.ts';
import { RequestObservers } from './observers.ts';
import { DEFAULT_OPTIONS, type ApiServerOptions } from './options.ts';
import { createObject } from './registry/create.ts';
import { deleteCollection } from './registry/delete-collection.ts';
import { deleteObject } from './registry/delete.ts';
import { patchObject } from './registry/patch.ts';
import { getObject, listObjects } from './registry/read.ts';
import type { Registry, ResourceHooks } from './registry/registry.ts';
import type { Scope } from './registry/scope.ts';
import { Stores } from './registry/stores.ts';
import { updateObject } from './registry/update.ts';
import { Reviews } from './reviews/reviews.ts';
import type {
  ApiRequest,
  ApiResponse,
  DocumentSource,
  HttpRequest,
  HttpResponse,
  UserInfo,
  WatchHandle,
  WatchSink,
} from './request.ts';
import { ServiceHooks } from './services/service-hooks.ts';
import { createLegacyBinding } from './subresources/legacy-binding.ts';
import type { Subresource } from './subresources/subresource.ts';
import { SubresourceTable } from './subresources/table.ts';
import type { Lookup } from './subresources/token.ts';
import { TokenAuthority } from './token-authority.ts';
import { Watches } from './watch/watches.ts';
import type { Dialer } from './webhooks/dialer.ts';

export interface ApiServerParts {
  readonly kernel: Kernel;
  readonly etcd: Etcd;
  /** What is served. */
  readonly kinds: readonly Kind[];
  readonly options?: ApiServerOptions;
}

/** Where roles and bindings are kept. */
const RBAC_KEYS = ['/registry/role', '/registry/clusterrole'];

/** `pods/binding default/web`: how a request is named in the trace. */
function describe({ verb, resource, subresource, namespace, name }: ApiRequest): string {
  const what = subresource ? `${resource}/${subresource}` : resource;
  return `${verb} ${what} ${namespace && name ? `${namespace}/${name}` : (name ?? namespace ?? '')}`.trimEnd();
}

/** Built-in resources have no path for a subresource that they do not have; custom ones say that the object is missing. */
const noSubresource = (kind: Kind, name = ''): ApiError => (kind.custom ? notFound(kind, name) : unknownPath());

/**
 * kube-apiserver: every request, from a client in the process or over HTTP, takes the same path: authentication
 * (by the caller), authorization, mutating admission, schema, validation, validating admission, store.
 */
export class ApiServer implements Registry {
  readonly kernel: Kernel;
  readonly etcd: Etcd;
  readonly endpoints = new EndpointTable();
  /** Who looks on while requests are answered: audit, metrics, flow control. */
  readonly observers = new RequestObservers();
  /** Priority and fairness, where it is loaded. */
  flowControl: FlowControl | undefined;
  /** What /metrics tells beside requests. */
  readonly metrics: MetricFamily[] = [];
  /** Answers at paths that are no resources, by path: /metrics, /openid/v1/jwks. */
  readonly documents = new Map<string, DocumentSource>();
  /** Other servers, behind this one. */
  readonly aggregation: Aggregation;
  readonly admission: AdmissionChain;
  readonly uids: Random;
  readonly names: Random;
  readonly tokens: TokenAuthority;
  readonly subresources: SubresourceTable;
  readonly stores: Stores;
  readonly options: Required<Pick<ApiServerOptions, keyof typeof DEFAULT_OPTIONS>> & ApiServerOptions;
  /** Whether a component of the control plane answers; whoever assembles the cluster knows. */
  isComponentRunning: (component: string) => boolean = () => true;
  /** The way to the kubelets; whoever assembles the cluster sets it once there are nodes. */
  nodeProxy: NodeProxy | undefined;
  /** What OpenAPI says of types in words; whoever assembles the cluster may know. */
  prose: Prose | undefined;
  /** The way to webhooks in Pods; whoever assembles the cluster sets it once there is a network. */
  dialer: Dialer | undefined;
  readonly authorizer: Authorizer;
  readonly nodeAuthorizer = new NodeAuthorizer();
  /** Addresses and node ports of Services. */
  readonly services: ServiceHooks;
  readonly #reviews: Reviews;
  readonly #http: HttpFace;
  /** By the plural name; no two groups have hooks for the same. */
  readonly #hooks = new Map<string, { readonly group: string; readonly hooks: ResourceHooks }>();
  readonly #watches: Watches;

  constructor({ kernel, etcd, kinds, options = {} }: ApiServerParts) {
    this.kernel = kernel;
    this.etcd = etcd;
    this.aggregation = new Aggregation(etcd);
    this.options = { ...DEFAULT_OPTIONS, ...options };
    this.uids = kernel.random('kube-apiserver/uid');
    const lookup: Lookup = (resource, namespace, name) =>
      this.endpoints.find('', 'v1', resource)?.store.get(namespace, name);
    this.tokens = new TokenAuthority(kernel, lookup);
    this.subresources = new SubresourceTable(this.tokens, lookup, () =>
      this.endpoints.find('policy', 'v1', 'poddisruptionbudgets'),
    );
    this.names = kernel.random('kube-apiserver/name');
    const context: AdmissionContext = {
      kernel,
      get: (group, resource, namespace, name) =>
        this.endpoints.findAnyVersion(group, resource)?.store.get(namespace, name),
      list: (group, resource, namespace) =>
        this.endpoints.findAnyVersion(group, resource)?.store.listed(namespace) ?? [],
      annotate: (key, value) => this.observers.annotate(key, value),
      write: (group, resource, object, old) =>
        this.endpoints.findAnyVersion(group, resource)?.store.write(object, old) ?? false,
    };
    const policy = new RbacPolicy(context);
    for (const prefix of RBAC_KEYS) etcd.watch({ prefix }, () => policy.forget());
    this.authorizer = options.authorizer ?? authorizerOf(this.options.authorizationMode, policy, this.nodeAuthorizer);
    this.#reviews = new Reviews({
      kernel,
      authorizer: this.authorizer,
      policy,
      authenticate: (token, audiences) => authenticateToken(token, audiences, this.tokens, options.staticTokens ?? {}),
    });
    this.admission = new AdmissionChain(
      context,
      [...MUTATING_PLUGINS, ...(options.mutating ?? []), escalationCheck(policy, this.authorizer)],
      [...VALIDATING_PLUGINS, ...(options.validating ?? [])],
    );
    this.nodeProxy = options.nodeProxy;
    this.services = new ServiceHooks(this.options, kernel.random('kube-apiserver/service'));
    this.addHooks({ group: '', resource: 'services' }, this.services);
    this.stores = new Stores(kernel, etcd, this.options.eventTtlSeconds);
    for (const kind of kinds) this.endpoints.add(this.stores.endpoint(kind, kinds));
    this.#watches = new Watches({ kernel, etcd, endpoints: this.endpoints, latencyMs: this.options.watchLatencyMs });
    this.#http = new HttpFace(this);
    if (this.options.compactionIntervalMs > 0) startCompaction(kernel, etcd, this.options.compactionIntervalMs);
    for (const extend of options.extensions ?? []) extend(this);
  }

  hooksOf(kind: Kind): ResourceHooks | undefined {
    const hooks = this.#hooks.get(kind.resource);
    return hooks?.group === kind.group ? hooks.hooks : undefined;
  }

  /** Lets a resource do more than store its objects. */
  addHooks(kind: { readonly group: string; readonly resource: string }, hooks: ResourceHooks): void {
    this.#hooks.set(kind.resource, { group: kind.group, hooks });
  }

  /** Answers a request; throws ApiError when it is refused. */
  serve(request: ApiRequest): ApiResponse {
    const { trace } = this.kernel;
    if (!trace.enabled) return this.#observed(request);
    const id = trace.start('kube-apiserver', describe(request));
    let code = 500;
    try {
      const response = trace.within(id, () => this.#observed(request));
      code = response.code;
      return response;
    } catch (error) {
      if (error instanceof ApiError) code = error.code;
      throw error;
    } finally {
      const { verb, resource, subresource, namespace, name, user, userAgent } = request;
      trace.end(id, {
        verb,
        resource,
        subresource,
        namespace,
        name,
        user: user.username,
        userAgent,
        code,
        revision: this.etcd.revision,
      });
    }
  }

  /** Opens a watch; throws ApiError when it is refused. What happens later reaches the sink as kernel events. */
  watch(request: ApiRequest, sink: WatchSink): WatchHandle {
    const { observers } = this;
    if (!observers.any) return this.#open(request, sink);
    return observers.aroundWatch(request, sink, (seen) => this.#open(request, seen));
  }

  #open(request: ApiRequest, sink: WatchSink): WatchHandle {
    const endpoint = this.#endpoint(request);
    this.authorize(request);
    this.kernel.trace.event('kube-apiserver', describe(request));
    return endpoint ? this.#watches.open(endpoint, request, sink) : this.aggregation.watch(request, sink);
  }

  #observed(request: ApiRequest): ApiResponse {
    const { observers } = this;
    return observers.any ? observers.around(request, () => this.#answer(request)) : this.#answer(request);
  }

  /** Answers a request as it comes over the wire; refusals are answers too. */
  http(request: HttpRequest): HttpResponse {
    return this.#http.answer(request);
  }

  /** The same for clients that can wait for their turn, where priority and fairness are enforced. */
  httpInTurn(request: HttpRequest, respond: (response: HttpResponse) => void): void {
    this.#http.answerInTurn(request, respond);
  }

  /** Throws Forbidden when the user of the request may not do what it asks. */
  authorize(request: ApiRequest): void {
    if (this.observers.annotated) this.#noteDecision(request);
    authorize(this.authorizer, request);
  }

  annotate(key: string, value: () => string): void {
    if (this.observers.annotated) this.observers.annotate(key, value());
  }

  #noteDecision(request: ApiRequest): void {
    const { allowed, reason = '' } = this.authorizer.authorize(request);
    this.observers.annotate('authorization.k8s.io/decision', allowed ? 'allow' : 'forbid');
    const why = allowed ? (this.authorizer.reason?.(request) ?? '') : reason;
    this.observers.annotate('authorization.k8s.io/reason', why);
  }

  /** The same for a path that is no resource; `verb` is the HTTP method in lower case. */
  authorizePath(user: UserInfo, verb: string, path: string): void {
    authorizePath(this.authorizer, user, verb, path);
  }

  #answer(request: ApiRequest): ApiResponse {
    const endpoint = this.#endpoint(request);
    this.authorize(request);
    if (!endpoint) return this.aggregation.serve(request);
    const warnings: string[] = [];
    const scope: Scope = { request, endpoint, dryRun: request.options.dryRun?.includes('All') ?? false, warnings };
    try {
      return this.#serve(request, endpoint, scope);
    } catch (error) {
      if (warnings.length > 0 && error instanceof ApiError) error.warnings = warnings;
      throw error;
    }
  }

  #serve(request: ApiRequest, endpoint: Endpoint, scope: Scope): ApiResponse {
    const { warnings } = scope;
    if (request.subresource && request.subresource !== 'status') {
      return this.#subresource(endpoint, request).serve(this, scope);
    }
    const ok = (object: unknown, code = 200): ApiResponse => ({ code, object: object as UntypedObject, warnings });
    switch (request.verb) {
      case 'get':
        return ok(getObject(endpoint, request));
      case 'list':
        return ok(listObjects(this.etcd, endpoint, request));
      case 'create': {
        const review = this.#reviews.of(endpoint.kind);
        if (review) return this.#reviews.serve(review, scope);
        if (endpoint.kind.group === '' && endpoint.kind.kind === 'Binding')
          return createLegacyBinding(this, scope, this.endpoints.find('', 'v1', 'pods')!);
        return ok(createObject(this, scope, request.body), 201);
      }
      case 'update': {
        const { object, created } = updateObject(this, scope, request.body);
        return ok(object, created ? 201 : 200);
      }
      case 'patch': {
        const { object, created } = patchObject(this, scope, request.body);
        return ok(object, created ? 201 : 200);
      }
      case 'delete': {
        const { answer, removed } = deleteObject(this, scope, request.name!);
        return ok(answer, !removed && request.options.orphanDependents === false ? 202 : 200);
      }
      case 'deletecollection':
        return ok(deleteCollection(this, scope));
      case 'watch':
        throw badRequest('a watch is opened with watch(), not served');
    }
  }

  /** What a request is for; undefined when no resource of this server. */
  #endpoint({ group, version, resource, subresource, verb, name }: ApiRequest): Endpoint | undefined {
    const endpoint = this.endpoints.find(group, version, resource);
    if (!endpoint) return undefined;
    const { verbs } = endpoint.kind;
    if (!subresource && verbs && !verbs.includes(verb)) throw methodNotAllowed();
    if (subresource === 'status') {
      if (!endpoint.kind.hasStatus) throw noSubresource(endpoint.kind, name);
      if (verb !== 'get' && verb !== 'update' && verb !== 'patch') throw methodNotSupported(endpoint.kind, verb);
    }
    return endpoint;
  }

  /** The subresource that a request is for; unknown ones have no path, known ones not every verb. */
  #subresource({ kind }: Endpoint, { subresource, verb, name }: ApiRequest): Subresource {
    const found = this.subresources.of(kind).find(({ name }) => name === subresource);
    if (!found) throw noSubresource(kind, name);
    if (!found.verbs.includes(verb)) throw methodNotSupported(kind, verb);
    return found;
  }
}
