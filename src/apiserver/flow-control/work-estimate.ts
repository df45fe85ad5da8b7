import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';

/** How many seats a request takes, and for how much longer than its answer takes. */
export interface WorkEstimate {
  readonly seats: number;
  /** Seats while the watches are told what a write did, and for how long, virtual milliseconds. */
  readonly finalSeats: number;
  readonly finalMs: number;
}

/** What one request may look like to the estimate. */
export type Estimated = Pick<ApiRequest, 'verb' | 'group' | 'version' | 'resource' | 'namespace' | 'name' | 'options'>;

const ONE_SEAT: WorkEstimate = { seats: 1, finalSeats: 0, finalMs: 0 };
/** A list takes a seat for so many objects. */
const OBJECTS_PER_SEAT = 100;
/** A write takes a seat for so many watches, and for so long. */
const WATCHES_PER_SEAT = 10;
const EVENT_MS = 5;

/** Lists need the more seats the more they read, writes the more the more watches see them. `most` is the limit of both. */
export function estimateWork(server: ApiServer, request: Estimated, most: number): WorkEstimate {
  const { verb, group, version, resource, namespace, name, options } = request;
  if (verb === 'get' || verb === 'watch') return ONE_SEAT;
  const store = server.endpoints.find(group, version, resource)?.store;
  if (!store) return ONE_SEAT;
  if (verb === 'list') {
    if (name !== undefined) return ONE_SEAT;
    const stored = server.etcd.range({ prefix: store.range(namespace) }).entries.length;
    const { limit = 0, labelSelector, fieldSelector } = options;
    const read = limit > 0 && !labelSelector && !fieldSelector ? Math.min(stored, limit) : stored;
    return { ...ONE_SEAT, seats: Math.max(1, Math.min(most, Math.ceil(read / OBJECTS_PER_SEAT))) };
  }
  const watches = store.cache.watcherCount;
  if (watches < WATCHES_PER_SEAT) return ONE_SEAT;
  const seats = Math.ceil(watches / WATCHES_PER_SEAT);
  const finalSeats = Math.min(seats, most);
  return { seats: 1, finalSeats, finalMs: (seats * EVENT_MS) / finalSeats };
}
