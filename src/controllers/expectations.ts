import type { Kernel } from '../kernel/index.ts';

/** After this long a watch event is taken to be lost. */
const EXPIRY_MS = 5 * 60_000;

interface Expectation {
  creations: number;
  readonly deletions: Set<string>;
  readonly sinceMs: number;
}

/**
 * What a controller has done but its informers have not shown yet (client-go's UIDTrackingControllerExpectations).
 * As long as creations or deletions are outstanding it must not decide again how many are missing: it would create
 * twice.
 */
export class Expectations {
  readonly #kernel: Kernel;
  readonly #component: string;
  readonly #expected = new Map<string, Expectation>();

  /** `component` is the lane in which it shows that a controller waits. */
  constructor(kernel: Kernel, component: string) {
    this.#kernel = kernel;
    this.#component = component;
  }

  expect(key: string, creations: number, podKeys: readonly string[]): void {
    this.#expected.set(key, { creations, deletions: new Set(podKeys), sinceMs: this.#kernel.now });
  }

  expectCreations(key: string, count: number): void {
    this.expect(key, count, []);
  }

  expectDeletions(key: string, podKeys: readonly string[]): void {
    this.expect(key, 0, podKeys);
  }

  creationObserved(key: string): void {
    const expected = this.#expected.get(key);
    if (expected && expected.creations > 0) expected.creations--;
  }

  deletionObserved(key: string, podKey: string): void {
    this.#expected.get(key)?.deletions.delete(podKey);
  }

  /** Everything expected was seen, or waited for long enough. */
  satisfied(key: string): boolean {
    const expected = this.#expected.get(key);
    if (!expected || (expected.creations <= 0 && expected.deletions.size === 0)) return true;
    if (this.#kernel.now - expected.sinceMs > EXPIRY_MS) return true;
    const { creations, deletions } = expected;
    this.#kernel.trace.event(this.#component, `wait for expectations of ${key}`, {
      creations,
      deletions: deletions.size,
    });
    return false;
  }

  forget(key: string): void {
    this.#expected.delete(key);
  }
}
