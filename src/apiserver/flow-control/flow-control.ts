import type { FlowSchema, PriorityLevelConfiguration } from '../../api/types.ts';
import { tooManyRequests } from '../../api/errors.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { RequestObserver } from '../observers.ts';
import type { ApiRequest, UserInfo } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { byPrecedence, distinguisher, matches, type RequestDigest } from './flow-match.ts';
import { PriorityLevel } from './priority-level.ts';
import { flowHash } from './shuffle-sharding.ts';

/** Where a request belongs. */
export interface Classification {
  readonly schema: FlowSchema;
  readonly configuration: PriorityLevelConfiguration;
  readonly level: PriorityLevel;
}

export interface EnforcementOptions {
  /** Seats of the whole server: --max-requests-inflight and --max-mutating-requests-inflight together. */
  readonly seats?: number;
  /** How long requests are in flight, virtual milliseconds; nothing else in the simulation takes note of it. */
  readonly durationMs?: (request: ApiRequest) => number;
}

const SEATS = 600;
const READ_MS = 2;
const WRITE_MS = 5;
const LIST_MS = 20;
/** A list takes a seat for so many objects, and never more than ten. */
const OBJECTS_PER_SEAT = 100;
const MOST_SEATS = 10;
const RETRY_AFTER_SECONDS = 1;
/** How many sorts of requests of one user are remembered. */
const REMEMBERED = 1000;

const usualDuration = ({ verb }: ApiRequest): number =>
  verb === 'get' ? READ_MS : verb === 'list' || verb === 'watch' ? LIST_MS : WRITE_MS;

const digestOf = ({ user, verb, group, resource, subresource, namespace }: ApiRequest): RequestDigest => ({
  user,
  verb,
  resource: { group, resource: subresource ? `${resource}/${subresource}` : resource, namespace },
  path: '',
});

/**
 * Priority and fairness: which flow schema and priority level each request belongs to, and, when it is enforced, whether
 * there is a seat for it. An answer itself never waits, for the server is synchronous: a request that has to queue is
 * counted as queued, and takes its seats in its turn.
 */
export class FlowControl {
  readonly #kernel: Kernel;
  readonly #server: ApiServer;
  readonly #configurations = new Map<string, PriorityLevelConfiguration>();
  readonly #levels = new Map<string, PriorityLevel>();
  readonly #schemas = new Map<string, FlowSchema>();
  #ordered: readonly FlowSchema[] | undefined;
  #memo = new WeakMap<UserInfo, Map<string, Classification | undefined>>();
  #seats = SEATS;

  constructor(server: ApiServer) {
    this.#server = server;
    this.#kernel = server.kernel;
  }

  get levels(): readonly PriorityLevel[] {
    return [...this.#levels.values()];
  }

  hasLevel(name: string): boolean {
    return this.#configurations.has(name);
  }

  /** The flow schemas there are, those that lead nowhere included. */
  get schemas(): Iterable<FlowSchema> {
    return this.#schemas.values();
  }

  setSchema(name: string, schema: FlowSchema | undefined): void {
    if (schema) this.#schemas.set(name, schema);
    else this.#schemas.delete(name);
    this.#forget();
  }

  setLevel(name: string, configuration: PriorityLevelConfiguration | undefined): void {
    if (configuration) {
      this.#configurations.set(name, configuration);
      const known = this.#levels.get(name);
      if (known) known.configure(configuration.spec);
      else this.#levels.set(name, new PriorityLevel(this.#kernel, configuration));
    } else {
      this.#configurations.delete(name);
      this.#levels.delete(name);
    }
    this.#share();
    this.#forget();
  }

  /** The first flow schema that is about a request, and its level; undefined when there is none. */
  classify(digest: RequestDigest): Classification | undefined {
    const { user, verb, resource, path } = digest;
    let known = this.#memo.get(user);
    if (!known) this.#memo.set(user, (known = new Map()));
    const key = resource
      ? `${verb} ${resource.group}/${resource.resource} ${resource.namespace ?? ''}`
      : `${verb} ${path}`;
    if (known.has(key)) return known.get(key);
    if (known.size >= REMEMBERED) known.clear();
    const found = this.#find(digest);
    known.set(key, found);
    return found;
  }

  /** What an answer tells of where its request belonged. */
  headers(digest: RequestDigest): Record<string, string> {
    const found = this.classify(digest);
    if (!found) return {};
    return {
      'x-kubernetes-pf-flowschema-uid': found.schema.metadata.uid ?? '',
      'x-kubernetes-pf-prioritylevel-uid': found.configuration.metadata.uid ?? '',
    };
  }

  /** Begins to count seats, and to turn away what finds neither a seat nor a place in a queue; until the returned function is called. */
  enforce({ seats = SEATS, durationMs = usualDuration }: EnforcementOptions = {}): () => void {
    this.#seats = seats;
    this.#share();
    const observer: RequestObserver = { begin: (request) => this.#arrive(request, durationMs(request)) };
    return this.#server.observers.add(observer);
  }

  #arrive(request: ApiRequest, durationMs: number): void {
    const digest = digestOf(request);
    const found = this.classify(digest);
    if (!found) return;
    const { schema, level } = found;
    const flow = flowHash(schema.metadata.name, distinguisher(schema, digest));
    const outcome = level.arrive({ seats: this.#width(request), durationMs, flow });
    if (outcome === 'executing') return;
    this.#kernel.trace.event('kube-apiserver', `${outcome === 'queued' ? 'queue' : 'reject'} in ${level.name}`, {
      flowSchema: schema.metadata.name,
      priorityLevel: level.name,
      executing: level.executing,
      waiting: level.waiting,
    });
    if (outcome === 'queued') return;
    throw tooManyRequests('Too many requests, please try again later.', RETRY_AFTER_SECONDS);
  }

  /** How many seats a request takes: lists the more, the more they have to read. */
  #width({ verb, group, version, resource, namespace, name, options }: ApiRequest): number {
    if (verb !== 'list' && verb !== 'deletecollection') return 1;
    const store = name === undefined ? this.#server.endpoints.find(group, version, resource)?.store : undefined;
    if (!store) return 1;
    const objects = Math.min(
      this.#server.etcd.range({ prefix: store.range(namespace) }).entries.length,
      options.limit && options.limit > 0 ? options.limit : Infinity,
    );
    return Math.min(MOST_SEATS, Math.max(1, Math.ceil(objects / OBJECTS_PER_SEAT)));
  }

  #find(digest: RequestDigest): Classification | undefined {
    this.#ordered ??= [...this.#schemas.values()].sort(byPrecedence);
    for (const schema of this.#ordered) {
      const { name } = schema.spec.priorityLevelConfiguration;
      const level = this.#levels.get(name);
      const configuration = this.#configurations.get(name);
      if (level && configuration && matches(schema, digest)) return { schema, configuration, level };
    }
    return undefined;
  }

  /** Divides the seats of the server among the levels, by their shares. */
  #share(): void {
    const limited = this.levels.filter(({ isExempt }) => !isExempt);
    const total = limited.reduce((sum, { shares }) => sum + shares, 0);
    for (const level of limited) level.limit = Math.ceil((this.#seats * level.shares) / total);
  }

  #forget(): void {
    this.#ordered = undefined;
    this.#memo = new WeakMap();
  }
}
