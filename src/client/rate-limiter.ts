/** Says how long a key waits before it is tried again. */
export interface RateLimiter {
  /** Counts one more failure of the key and returns its delay in milliseconds. */
  when(key: string, nowMs: number): number;
  /** Failures counted since the last forget. */
  requeues(key: string): number;
  forget(key: string): void;
}

/** Per-key delays that double with every failure. */
export class ExponentialLimiter implements RateLimiter {
  readonly #failures = new Map<string, number>();
  readonly #firstMs: number;
  readonly #lastMs: number;

  constructor(firstMs: number, lastMs: number) {
    this.#firstMs = firstMs;
    this.#lastMs = lastMs;
  }

  when(key: string): number {
    const failures = this.requeues(key);
    this.#failures.set(key, failures + 1);
    return Math.min(this.#firstMs * 2 ** failures, this.#lastMs);
  }

  requeues(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }
}

/** A token bucket: `burst` at once, then `perSecond`. Reservations may run ahead of the tokens. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledMs: number | undefined;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Takes a token, going into debt if need be; returns after how many milliseconds it is really there. */
  reserve(nowMs: number): number {
    this.#fill(nowMs);
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens * 1000) / this.#perSecond;
  }

  /** Takes a token if there is one. */
  tryAccept(nowMs: number): boolean {
    this.#fill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #fill(nowMs: number): void {
    const elapsedMs = nowMs - (this.#filledMs ?? nowMs);
    this.#filledMs = nowMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsedMs * this.#perSecond) / 1000);
  }
}

/** client-go's default for controllers: 5 ms · 2ⁿ up to 1000 s per key, and 10 per second (100 at once) over all keys. */
export class ControllerRateLimiter implements RateLimiter {
  readonly #perKey: ExponentialLimiter;
  readonly #overall = new TokenBucket(10, 100);

  constructor(firstMs = 5, lastMs = 1_000_000) {
    this.#perKey = new ExponentialLimiter(firstMs, lastMs);
  }

  when(key: string, nowMs: number): number {
    return Math.max(this.#perKey.when(key), this.#overall.reserve(nowMs));
  }

  requeues(key: string): number {
    return this.#perKey.requeues(key);
  }

  forget(key: string): void {
    this.#perKey.forget(key);
  }
}
