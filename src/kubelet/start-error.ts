/** Why a container could not be started: the waiting reason of its status, and the message beside it. */
export class StartError extends Error {
  readonly reason: string;
  /** Milliseconds until another try can succeed, for failures that wait out a back-off. */
  readonly retryMs: number | undefined;

  constructor(reason: string, message: string, retryMs?: number) {
    super(message);
    this.name = 'StartError';
    this.reason = reason;
    this.retryMs = retryMs;
  }
}
