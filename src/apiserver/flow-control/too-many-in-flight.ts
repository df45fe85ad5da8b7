import { ApiError } from '../../api/status.ts';

/** Seconds after which a client that was turned away may try again. */
const RETRY_AFTER_SECONDS = 1;

/**
 * Priority and fairness turned a request away. Over HTTP that is one line of text, before any part of the API has seen
 * the request; clients make these words of it.
 */
export class TooManyInFlight extends ApiError {
  static readonly text = 'Too many requests, please try again later.\n';

  constructor() {
    super(429, 'TooManyRequests', 'the server has received too many requests and has asked us to try again later', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
}
