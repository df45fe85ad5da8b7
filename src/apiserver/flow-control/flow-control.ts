import type { FlowSchema, PriorityLevelConfiguration } from '../../api/types.ts';
import type { Kernel } from '../../kernel/index.ts';
import { isPassedOn } from '../long-running.ts';
import type { RequestObserver } from '../observers.ts';
import type { ApiRequest, UserInfo } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { FlowMetrics } from './flow-metrics.ts';
import { byPrecedence, distinguisher, matches, type RequestDigest } from './flow-match.ts';
import { PriorityLevel, type LevelObserver } from './priority-level.ts';
import { allocateSeats } from './seat-allocation.ts';
import { flowHash } from './shuffle-sharding.ts';
import { TooManyInFlight } from './too-many-in-flight.ts';
import { estimateWork, type Estimated } from './work-estimate.ts';
import type { Rejection, Work, WorkDescription } from './work.ts';

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
  readonly durationMs?: (verb: string) => number;
}

/** A request at the door: where it belongs, and what it asks for. */
export interface Asked {
  readonly digest: RequestDigest;
  /** What it reads or writes; absent for paths that are no resources. */
  readonly request?: Estimated | undefined;
}

const SEATS = 600;
const READ_MS = 2;
const WRITE_MS = 5;
const LIST_MS = 20;
/** How many sorts of requests of one user are remembered. */
const REMEMBERED = 1000;
/** How often levels lend and borrow. */
const ADJUST_INTERVAL_MS = 10_000;
const COMPONENT = 'kube-apiserver';

const usualDuration = (verb: string): number =>
  verb === 'get' ? READ_MS : verb === 'list' || verb === 'watch' ? LIST_MS : WRITE_MS;

const digestOf = ({ user, verb, group, resource, subresource, namespace }: ApiRequest): RequestDigest => ({
  user,
  verb,
  resource: { group, resource: subresource ? `${resource}/${subresource}` : resource, namespace },
  path: '',
});

const NOBODY: LevelObserver = {
  dispatched: () => undefined,
  finished: () => undefined,
  queued: () => undefined,
  rejected: () => undefined,
};

/**
 * Priority and fairness: which flow schema and priority level each request belongs to, and, when it is enforced, whether
 * there is a seat for it. Requests of clients that can wait (HTTP) are answered when they have their seats. Those of
 * components in the same process cannot, for the server is synchronous: they are answered at once or turned away, and
 * one that would have had to queue is counted as queued, and takes its seats in its turn.
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
  /** How long requests are in flight; absent while seats are not enforced. */
  #durationMs: ((verb: string) => number) | undefined;
  #metrics: FlowMetrics | undefined;
  #stopObserving: (() => void) | undefined;
  /** What has been decided of the request that is about to be answered. */
  #verdict: Rejection | 'admitted' | undefined;
  #fairFraction = 1;
  /** Whether the seats have been divided since the levels last changed. */
  #isDivided = false;

  constructor(server: ApiServer) {
    this.#server = server;
    this.#kernel = server.kernel;
  }

  /** By name. */
  get levels(): readonly PriorityLevel[] {
    this.#divide();
    return this.#byName;
  }

  get #byName(): readonly PriorityLevel[] {
    return [...this.#levels.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Which fraction of what they want the levels get. */
  get fairFraction(): number {
    this.#divide();
    return this.#fairFraction;
  }

  hasLevel(name: string): boolean {
    return this.#configurations.has(name);
  }

  /** The flow schemas there are, those that lead nowhere included. */
  get schemas(): Iterable<FlowSchema> {
    return this.#schemas.values();
  }

  /** What became of requests since they are counted. */
  get metrics(): FlowMetrics | undefined {
    return this.#metrics;
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
      else this.#levels.set(name, new PriorityLevel(this.#kernel, configuration, () => this.#metrics ?? NOBODY));
    } else {
      this.#configurations.delete(name);
      this.#levels.delete(name);
    }
    this.#isDivided = false;
    if (this.isEnforced) this.#divide();
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

  /** Begins to count requests. */
  count(): void {
    this.#metrics ??= new FlowMetrics();
    this.#observe();
  }

  /** True while requests take time and seats. */
  get isEnforced(): boolean {
    return this.#durationMs !== undefined;
  }

  /** Begins to count seats, and to turn away what finds neither a seat nor a place in a queue; until the returned function is called. */
  enforce({ seats = SEATS, durationMs = usualDuration }: EnforcementOptions = {}): () => void {
    this.#seats = seats;
    this.#durationMs = durationMs;
    this.#share();
    this.#observe();
    let ended = false;
    const adjust = (): void => {
      if (ended) return;
      this.#adjust(true);
      this.#kernel.after(ADJUST_INTERVAL_MS, COMPONENT, adjust, { background: true });
    };
    this.#kernel.after(ADJUST_INTERVAL_MS, COMPONENT, adjust, { background: true });
    return () => {
      ended = true;
      this.#durationMs = undefined;
      this.#seats = SEATS;
      if (!this.#metrics) this.#stopObserving?.();
      if (!this.#metrics) this.#stopObserving = undefined;
      this.#share();
    };
  }

  /**
   * Lets a request in that can wait for its turn. `answer` is called when that has come, or when there is none to wait
   * for, and is to answer the request through the server: that refuses it then. It is told for how many virtual
   * milliseconds the answer is on its way.
   */
  admit(asked: Asked, answer: (tookMs: number) => void): void {
    const found = this.classify(asked.digest);
    if (!found) return answer(0);
    const durationMs = this.#durationMs?.(asked.digest.verb) ?? 0;
    const settle = (verdict: Rejection | 'admitted'): void => {
      this.#verdict = verdict;
      try {
        answer(verdict === 'admitted' ? durationMs : 0);
      } finally {
        this.#verdict = undefined;
      }
    };
    const settled = (rejection: Rejection | undefined): void => settle(rejection ?? 'admitted');
    const outcome = found.level.arrive({ ...this.#workOf(asked, found, durationMs), settled });
    this.#tell(found, outcome);
    if (outcome === 'executing') settle('admitted');
    else if (outcome !== 'queued') settle(outcome);
  }

  /** Takes note of a request that is answered now. Throws TooManyInFlight when there is no place for it. */
  arrive(asked: Asked): void {
    const verdict = this.#verdict;
    this.#verdict = undefined;
    if (verdict === 'admitted') return;
    if (verdict) throw new TooManyInFlight();
    if (!this.#stopObserving) return;
    const found = this.classify(asked.digest);
    if (!found) return;
    const durationMs = this.#durationMs?.(asked.digest.verb) ?? 0;
    const outcome = found.level.arrive(this.#workOf(asked, found, durationMs));
    this.#tell(found, outcome);
    if (outcome !== 'executing' && outcome !== 'queued') throw new TooManyInFlight();
  }

  #observe(): void {
    const observer: RequestObserver = {
      admit: (request) => {
        if (!isPassedOn(request.subresource)) this.arrive({ digest: digestOf(request), request });
      },
    };
    this.#stopObserving ??= this.#server.observers.add(observer);
  }

  #workOf({ digest, request }: Asked, { schema, level }: Classification, durationMs: number): Work {
    const its = distinguisher(schema, digest);
    return {
      ...(request && durationMs > 0
        ? estimateWork(this.#server, request, level.mostSeats)
        : { seats: 1, finalSeats: 0, finalMs: 0 }),
      durationMs,
      flow: durationMs > 0 ? flowHash(schema.metadata.name, its) : 0,
      schema: schema.metadata.name,
      distinguisher: its,
      description: descriptionOf(digest, request),
    };
  }

  #tell({ schema, level }: Classification, outcome: string): void {
    if (outcome === 'executing') return;
    this.#kernel.trace.event(COMPONENT, `${outcome === 'queued' ? 'queue' : 'reject'} in ${level.name}`, {
      flowSchema: schema.metadata.name,
      priorityLevel: level.name,
      executing: level.executing,
      waiting: level.waiting,
      ...(outcome === 'queued' ? {} : { reason: outcome }),
    });
  }

  #find(digest: RequestDigest): Classification | undefined {
    this.#divide();
    this.#ordered ??= [...this.#schemas.values()].sort(byPrecedence);
    for (const schema of this.#ordered) {
      const { name } = schema.spec.priorityLevelConfiguration;
      const level = this.#levels.get(name);
      const configuration = this.#configurations.get(name);
      if (level && configuration && matches(schema, digest)) return { schema, configuration, level };
    }
    return undefined;
  }

  /** Divides the seats when somebody wants to know: nobody does as long as they are not enforced. */
  #divide(): void {
    if (!this.#isDivided) this.#share();
  }

  /** Divides the seats of the server among the levels, by their shares. */
  #share(): void {
    this.#isDivided = true;
    const levels = this.#byName;
    const total = levels.reduce((sum, { shares }) => sum + shares, 0);
    for (const level of levels) {
      level.nominal = total > 0 ? Math.ceil((this.#seats * level.shares) / total) : 0;
      level.least = level.nominal - Math.round((level.nominal * level.lendablePercent) / 100);
      const borrows = level.borrowingLimitPercent;
      level.most = level.nominal + (borrows === undefined ? this.#seats : Math.round((level.nominal * borrows) / 100));
    }
    this.#adjust(false);
  }

  /** Lets levels lend what they do not need to those that do. Ends a period of watching what they need, if asked. */
  #adjust(endPeriod: boolean): void {
    const levels = this.#byName;
    if (endPeriod) for (const { demand } of levels) demand.endPeriod(this.#kernel.now);
    const needed = (level: PriorityLevel): number =>
      Math.max(level.least, Math.min(level.nominal, level.demand.highest));
    let seats = levels.reduce((sum, { nominal }) => sum + nominal, 0);
    const limited: PriorityLevel[] = [];
    for (const level of levels) {
      if (level.isExempt) seats -= needed(level);
      else limited.push(level);
    }
    const sumNeeded = limited.reduce((sum, level) => sum + needed(level), 0);
    const claims = limited.map((level) => {
      // What exempt requests have taken away may leave less than all together need.
      const least = sumNeeded > seats ? Math.min(level.least, needed(level)) : needed(level);
      return { least, most: level.most, target: Math.max(least, level.demand.smoothed) };
    });
    const { seats: given, fraction } = allocateSeats(seats, claims);
    this.#fairFraction = fraction;
    // A level that has shares has a seat, however little it needs.
    limited.forEach((level, i) => level.setLimit(Math.max(Math.min(level.nominal, 1), Math.round(given[i]!))));
    for (const level of levels) if (level.isExempt) level.setLimit(Infinity);
  }

  #forget(): void {
    this.#ordered = undefined;
    this.#memo = new WeakMap();
  }
}

function descriptionOf({ user, verb, path }: RequestDigest, request: Estimated | undefined): WorkDescription {
  const { group = '', version = '', resource = '', namespace = '', name = '' } = request ?? {};
  const { subresource = '' } = (request ?? {}) as Partial<ApiRequest>;
  const apiVersion = group ? `${group}/${version}` : version;
  return { user: user.username, verb, path, namespace, name, apiVersion, resource, subresource };
}
