/** Makes one call at a time; of those asked for meanwhile only the last is made. For sliders, which ask faster than is answered. */
export class LatestCall<T> {
  readonly #body: (value: T) => Promise<unknown>;
  readonly #idle: () => void;
  #busy = false;
  #waiting: { readonly value: T } | undefined;

  /** `idle` is called when the last call asked for was answered. */
  constructor(body: (value: T) => Promise<unknown>, idle: () => void = () => undefined) {
    this.#body = body;
    this.#idle = idle;
  }

  call(value: T): void {
    this.#waiting = { value };
    if (!this.#busy) void this.#run();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#waiting) {
      const { value } = this.#waiting;
      this.#waiting = undefined;
      try {
        await this.#body(value);
      } catch {
        // The lab itself tells when its worker was started again; the next move of the slider asks anew.
      }
    }
    this.#busy = false;
    this.#idle();
  }
}
