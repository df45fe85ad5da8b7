interface Entry {
  delayMs: number;
  lastUpdate: number;
}

/**
 * Exponential delays by key (client-go's flowcontrol.Backoff): each step doubles the delay up to a longest one;
 * a key that was quiet for twice the longest delay starts over.
 */
export class BackOff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  readonly #entries = new Map<string, Entry>();

  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
  }

  /** The current delay of a key; 0 when it has none. */
  delay(key: string): number {
    return this.#entries.get(key)?.delayMs ?? 0;
  }

  /** How long, counted from `since`, the key still has to wait; 0 when it need not. */
  remaining(key: string, since: number, now: number): number {
    const entry = this.#entries.get(key);
    if (!entry || this.#expired(entry, since)) return 0;
    return Math.max(0, since + entry.delayMs - now);
  }

  /** The same, counted from the key's last step. */
  remainingSinceStep(key: string, now: number): number {
    const entry = this.#entries.get(key);
    if (!entry || this.#expired(entry, now)) return 0;
    return Math.max(0, entry.lastUpdate + entry.delayMs - now);
  }

  step(key: string, since: number, now: number): void {
    const entry = this.#entries.get(key);
    if (!entry || this.#expired(entry, since)) {
      this.#entries.set(key, { delayMs: this.#firstMs, lastUpdate: now });
      return;
    }
    entry.delayMs = Math.min(entry.delayMs * 2, this.#longestMs);
    entry.lastUpdate = now;
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }

  #expired(entry: Entry, at: number): boolean {
    return at - entry.lastUpdate > 2 * this.#longestMs;
  }
}
