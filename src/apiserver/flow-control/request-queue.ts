import { widthOf, workOf, type Arrived } from './work.ts';

/** One queue of a priority level: requests in the order in which they came. */
export class RequestQueue<T extends Arrived> {
  readonly index: number;
  /** Requests of this queue in flight, and the seats that they have. */
  executing = 0;
  seatsInUse = 0;
  /** Where the progress of the level is to be when the next request begins, seat-seconds. */
  nextDispatch = 0;
  /** Sums over the requests that wait; `work` in seat-seconds. */
  seats = 0;
  widest = 0;
  work = 0;
  readonly #waiting = new Set<T>();

  constructor(index: number) {
    this.index = index;
  }

  get length(): number {
    return this.#waiting.size;
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.executing === 0;
  }

  get first(): T | undefined {
    for (const one of this.#waiting) return one;
    return undefined;
  }

  get requests(): Iterable<T> {
    return this.#waiting;
  }

  push(request: T): void {
    this.#waiting.add(request);
    this.#sum(request, 1);
  }

  /** Takes a request out; false when it is there no more. */
  remove(request: T): boolean {
    if (!this.#waiting.delete(request)) return false;
    this.#sum(request, -1);
    if (this.#waiting.size === 0) this.work = 0;
    return true;
  }

  begin(seats: number): void {
    this.executing++;
    this.seatsInUse += seats;
  }

  end(seats: number): void {
    this.executing--;
    this.seatsInUse -= seats;
  }

  #sum({ work }: T, sign: 1 | -1): void {
    this.seats += sign * work.seats;
    this.widest += sign * widthOf(work);
    this.work += sign * workOf(work);
  }
}
