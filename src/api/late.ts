/**
 * A library that a cluster runs without until something asks for it: what is large and rarely needed at the start is
 * brought later, by provideLibraries() of src/cluster/libraries.ts, and need not be compiled before the first node is
 * Ready.
 */
export class Late<T> {
  readonly #name: string;
  #value: T | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  provide(value: T): void {
    this.#value = value;
  }

  /** Throws as long as nobody has brought it. */
  get value(): T {
    if (this.#value === undefined) throw new Error(`${this.#name} is not there yet: call provideLibraries() first`);
    return this.#value;
  }
}
