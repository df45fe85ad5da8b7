/** How demand for the seats of a level was over one period. */
interface Observation {
  readonly average: number;
  readonly deviation: number;
  readonly highest: number;
}

/** What is left of the smoothed demand from one period to the next: half of it after five minutes. */
const DECAY = 0.977;

/**
 * How many seats a priority level could use, over time: those that are taken and those that are waited for. Limits
 * follow a smoothed figure that rises at once and falls slowly (KEP-1040, "Dispatching").
 */
export class SeatDemand {
  #value = 0;
  #since: number;
  #began: number;
  #sum = 0;
  #sumOfSquares = 0;
  #highest = 0;
  highest = 0;
  average = 0;
  deviation = 0;
  smoothed = 0;

  constructor(now: number) {
    this.#since = now;
    this.#began = now;
  }

  /** The demand is this from now on. */
  set(value: number, now: number): void {
    this.#passUntil(now);
    this.#value = value;
    if (value > this.#highest) this.#highest = value;
  }

  /** Ends a period: takes it into account, and begins the next. */
  endPeriod(now: number): void {
    this.#passUntil(now);
    const { average, deviation, highest } = this.#observe(now - this.#began);
    this.average = average;
    this.deviation = deviation;
    this.highest = highest;
    const envelope = average + deviation;
    this.smoothed = Math.max(envelope, DECAY * this.smoothed + (1 - DECAY) * envelope);
    this.#began = now;
    this.#sum = this.#sumOfSquares = 0;
    this.#highest = this.#value;
  }

  #observe(duration: number): Observation {
    if (duration <= 0) return { average: this.#value, deviation: 0, highest: this.#highest };
    const average = this.#sum / duration;
    const variance = this.#sumOfSquares / duration - average * average;
    return { average, deviation: Math.sqrt(Math.max(0, variance)), highest: this.#highest };
  }

  #passUntil(now: number): void {
    const passed = now - this.#since;
    this.#sum += this.#value * passed;
    this.#sumOfSquares += this.#value * this.#value * passed;
    this.#since = now;
  }
}
