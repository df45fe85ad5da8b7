import type { WorkEstimate } from './work-estimate.ts';

/** Why a request was turned away, in the words of apiserver_flowcontrol_rejected_requests_total. */
export type Rejection = 'queue-full' | 'concurrency-limit' | 'time-out';

/** A request that takes seats for a while. */
export interface Work extends WorkEstimate {
  /** How long it is in flight, virtual milliseconds. */
  readonly durationMs: number;
  /** Its flow, as a number (flowHash). */
  readonly flow: number;
  /** Name of its flow schema. */
  readonly schema: string;
  /** What tells its flow from others of the schema. */
  readonly distinguisher: string;
  readonly description: WorkDescription;
  /** Told when it has waited and has its seats now, or when it has waited in vain. */
  readonly settled?: ((rejection: Rejection | undefined) => void) | undefined;
}

/** Who asks for what, for the debug pages. */
export interface WorkDescription {
  readonly user: string;
  readonly verb: string;
  readonly path: string;
  readonly namespace: string;
  readonly name: string;
  /** `apps/v1`; empty for paths that are no resources. */
  readonly apiVersion: string;
  readonly resource: string;
  readonly subresource: string;
}

/** A request in a queue or in flight. Times are virtual. */
export interface Arrived {
  readonly work: Work;
  readonly arrived: number;
  started: number | undefined;
  /** Index of its queue; -1 for one that has none. */
  readonly queue: number;
}

/** How long a request is taken to last before it is known. */
export const GUESSED_SECONDS = 0.003;

/** Seats of a request at its widest. */
export const widthOf = ({ seats, finalSeats }: WorkEstimate): number => Math.max(seats, finalSeats);

/** How much work a request is guessed to be, seat-seconds. */
export const workOf = ({ seats, finalSeats, finalMs }: WorkEstimate): number =>
  seats * GUESSED_SECONDS + (finalSeats * finalMs) / 1000;
