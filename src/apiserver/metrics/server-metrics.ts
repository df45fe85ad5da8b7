import { groupResource } from '../../api/kind.ts';
import type { Outcome, RequestObserver } from '../observers.ts';
import { isPassedOn } from '../long-running.ts';
import type { ApiRequest, Verb } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { VERSION } from '../http/version.ts';
import { computed, Counter, exposition, Histogram, type MetricFamily } from './metric-family.ts';

/** Bounds of the duration histograms, seconds. */
const SECONDS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

/** Verbs as metrics know them: a patch that applies is one of its own. */
const VERBS: Readonly<Record<Verb, string>> = {
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
};

const WRITES: ReadonlySet<Verb> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

const scopeOf = ({ namespace, name, verb }: ApiRequest): string =>
  name !== undefined || verb === 'create' ? 'resource' : namespace ? 'namespace' : 'cluster';

const verbOf = ({ verb, patchType, subresource }: ApiRequest): string =>
  verb === 'patch' && patchType === 'apply' ? 'APPLY' : isConnection(subresource) ? 'CONNECT' : VERBS[verb];

/** Connections have a verb of their own, whatever method began them. */
const isConnection = (subresource: string | undefined): boolean => isPassedOn(subresource) && subresource !== 'log';

const isLongRunning = ({ verb, subresource }: ApiRequest): boolean => verb === 'watch' || isPassedOn(subresource);

/** Counts the requests of a server. Durations are virtual: an answer takes no time there, a watch as long as it is open. */
class RequestMetrics implements RequestObserver {
  readonly #server: ApiServer;
  readonly #since = new Map<ApiRequest, number>();
  readonly #decoded = new Map<ApiRequest, ApiRequest>();
  readonly #total = new Counter(
    'apiserver_request_total',
    '[STABLE] Requests that have been answered, by what they asked for and by the code of the answer.',
    ['verb', 'dry_run', 'group', 'version', 'resource', 'subresource', 'scope', 'component', 'code'],
  );
  readonly #durations = new Histogram(
    'apiserver_request_duration_seconds',
    '[STABLE] Virtual seconds from a request to the end of its answer.',
    ['verb', 'dry_run', 'group', 'version', 'resource', 'subresource', 'scope', 'component'],
    SECONDS,
  );
  readonly #longRunning = new Counter(
    'apiserver_longrunning_requests',
    '[STABLE] Requests that are being answered for a long time, as watches are.',
    ['verb', 'group', 'version', 'resource', 'subresource', 'scope', 'component'],
    'gauge',
  );
  readonly #inFlight = { mutating: 0, readOnly: 0 };
  readonly #terminations = new Counter(
    'apiserver_request_terminations_total',
    '[ALPHA] Requests that were turned away because there were too many.',
    ['verb', 'group', 'version', 'resource', 'subresource', 'scope', 'component', 'code'],
  );

  constructor(server: ApiServer) {
    this.#server = server;
  }

  get families(): readonly MetricFamily[] {
    return [
      this.#total,
      this.#durations,
      this.#longRunning,
      this.#terminations,
      computed('apiserver_current_inflight_requests', '[STABLE] Requests that are being answered now.', 'gauge', () => [
        [{ request_kind: 'mutating' }, this.#inFlight.mutating],
        [{ request_kind: 'readOnly' }, this.#inFlight.readOnly],
      ]),
    ];
  }

  begin(request: ApiRequest): void {
    if (isLongRunning(request)) return;
    if (WRITES.has(request.verb)) this.#inFlight.mutating++;
    else this.#inFlight.readOnly++;
  }

  started(request: ApiRequest): void {
    this.#since.set(request, this.#server.kernel.now);
    this.#longRunning.add(1, ...this.#place(request));
  }

  /** What the body says goes before what the first line said. */
  decoded(request: ApiRequest, decoded: ApiRequest): void {
    this.#decoded.set(request, decoded);
  }

  end(began: ApiRequest, outcome: Outcome): void {
    const request = this.#decoded.get(began) ?? began;
    this.#decoded.delete(began);
    this.#end(began, request, outcome);
  }

  #end(began: ApiRequest, request: ApiRequest, { code }: Outcome): void {
    const { group, version, resource, subresource = '', verb, options } = request;
    if (!isLongRunning(request)) {
      if (WRITES.has(verb)) this.#inFlight.mutating--;
      else this.#inFlight.readOnly--;
    }
    const since = this.#since.get(began);
    if (since !== undefined) {
      this.#since.delete(began);
      this.#longRunning.add(-1, ...this.#place(request));
    }
    const scope = scopeOf(request);
    const dryRun = options.dryRun?.join(',') ?? '';
    const labels = [verbOf(request), dryRun, group, version, resource, subresource, scope, 'apiserver'];
    this.#total.add(1, ...labels, String(code));
    this.#durations.observe((this.#server.kernel.now - (since ?? this.#server.kernel.now)) / 1000, ...labels);
    if (code === 429) {
      const [name = '', , ...place] = labels;
      this.#terminations.add(1, name, ...place, '429');
    }
  }

  #place(request: ApiRequest): string[] {
    const { group, version, resource, subresource = '' } = request;
    return [verbOf(request), group, version, resource, subresource, scopeOf(request), 'apiserver'];
  }
}

function* storedObjects({ endpoints, etcd }: ApiServer): Generator<readonly [Record<string, string>, number]> {
  const seen = new Set<object>();
  const counts: [string, number][] = [];
  for (const { kind, store } of endpoints) {
    // Reviews are questions, and nothing of them is stored.
    if (seen.has(store) || (kind.verbs && !kind.verbs.includes('list'))) continue;
    seen.add(store);
    counts.push([groupResource(kind), etcd.range({ prefix: store.prefix }).entries.length]);
  }
  for (const [resource, count] of counts.sort(([a], [b]) => (a < b ? -1 : 1))) yield [{ resource }, count];
}

function* watchers({ endpoints }: ApiServer): Generator<readonly [Record<string, string>, number]> {
  for (const { kind, store, conversion } of endpoints)
    if (!conversion && store.cache.watcherCount > 0)
      yield [{ group: kind.group, kind: kind.kind, version: kind.version }, store.cache.watcherCount];
}

const counting = new WeakMap<ApiServer, RequestMetrics>();

/** Begins to count the requests of a server, if that has not been done: it costs a little of every request. */
export function countRequests(server: ApiServer): RequestMetrics {
  let requests = counting.get(server);
  if (!requests) {
    counting.set(server, (requests = new RequestMetrics(server)));
    server.observers.add(requests);
    server.flowControl?.count();
  }
  return requests;
}

/** What the server knows without having counted. */
const stateMetrics = (server: ApiServer): readonly MetricFamily[] => [
  computed('apiserver_storage_objects', '[STABLE] Objects in the store, by resource.', 'gauge', () =>
    storedObjects(server),
  ),
  computed('apiserver_registered_watchers', '[ALPHA] Watches that are open, by kind.', 'gauge', () => watchers(server)),
  computed('etcd_debugging_mvcc_current_revision', 'Revision of the store.', 'gauge', () => [
    [{}, server.etcd.revision],
  ]),
  computed('etcd_debugging_mvcc_compact_revision', 'Revision up to which the store has forgotten.', 'gauge', () => [
    [{}, server.etcd.compactedRevision],
  ]),
  computed('kubernetes_build_info', '[ALPHA] Always 1; the labels say what was built.', 'gauge', () => {
    const { major, minor, gitVersion, gitCommit, gitTreeState, buildDate, goVersion, compiler, platform } = VERSION;
    const labels = {
      build_date: buildDate,
      compiler,
      git_commit: gitCommit,
      git_tree_state: gitTreeState,
      git_version: gitVersion,
      go_version: goVersion,
      major,
      minor,
      platform,
    };
    return [[labels, 1]];
  }),
];

/** Serves `/metrics` of the API server. Requests are counted from the first time on, or since countRequests. */
export function serveMetrics(server: ApiServer): void {
  const state = stateMetrics(server);
  server.documents.set('/metrics', () => ({
    status: 200,
    headers: { 'content-type': CONTENT_TYPE },
    body: exposition([
      ...countRequests(server).families,
      ...(server.flowControl?.metrics?.families ?? []),
      ...state,
      ...server.metrics,
    ]),
  }));
}
