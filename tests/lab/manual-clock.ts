import type { WallClock } from '../../src/kernel/index.ts';
import { parseFrame, type Frame } from '../../src/lab/protocol.ts';
import type { LabSetup } from '../../src/lab/definition.ts';
import { loadKubectl } from '../../src/lab/terminal/load-kubectl.ts';
import { Session } from '../../src/lab/session.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Wall time that moves only when a test says so. */
export class ManualClock implements WallClock {
  #now = 0;
  #sequence = 0;
  readonly #timers = new Map<number, { due: number; run: () => void }>();

  now(): number {
    return this.#now;
  }

  defer(slice: () => void, delayMs: number): () => void {
    const id = this.#sequence++;
    this.#timers.set(id, { due: this.#now + delayMs, run: slice });
    return () => void this.#timers.delete(id);
  }

  /** Runs what comes due, letting promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = [...this.#timers].sort(([a, x], [b, y]) => x.due - y.due || a - b)[0];
      if (!next || next[1].due > end) break;
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].due);
      next[1].run();
    }
    this.#now = end;
    await settle();
  }
}

/** A session in this process with its frames, on a wall clock of the test's. */
export class Bench {
  readonly clock = new ManualClock();
  readonly session = new Session({ clock: this.clock, nextFrame: (draw) => void this.clock.defer(draw, 16) });
  readonly frames: Frame[] = [];
  /** What a page would have put together from the frames. */
  readonly objects = new Map<string, unknown>();

  async open(setup: LabSetup): Promise<this> {
    await this.session.subscribe((text) => {
      const frame = parseFrame(text);
      this.frames.push(frame);
      if (frame.reset) this.objects.clear();
      for (const { key, object } of frame.upserts) this.objects.set(key, object);
      for (const key of frame.deletes) this.objects.delete(key);
    });
    await this.session.open(setup, 'en');
    // What is loaded on demand is loaded now, so that it takes no time of the test's clock later.
    await loadKubectl();
    await this.session.exec('true', () => undefined);
    await this.clock.advance(0);
    return this;
  }

  get last(): Frame {
    return this.frames.at(-1)!;
  }

  /** The latest state of every check, `step/id` → state. */
  get checks(): Record<string, string> {
    const latest = this.frames.findLast(({ checks }) => checks)?.checks ?? [];
    return Object.fromEntries(latest.map(({ step, id, state }) => [`${step}/${id}`, state]));
  }

  /** Runs a command line to its end, letting time pass meanwhile. */
  async run(line: string, limitMs = 600_000): Promise<{ code: number; output: string }> {
    let output = '';
    let code: number | undefined;
    let failure: unknown;
    this.session
      .exec(line, (text) => void (output += text))
      .then(
        (result) => (code = result.code),
        (error: unknown) => (failure = error),
      );
    for (let waited = 0; code === undefined; waited += 100) {
      await this.clock.advance(100);
      if (failure !== undefined) throw failure;
      if (waited > limitMs) throw new Error(`"${line}" did not end:\n${output}`);
    }
    return { code, output };
  }

  /** Lets time pass until the cluster is at rest. */
  async settle(limitMs = 600_000): Promise<void> {
    for (let waited = 0; waited < limitMs; waited += 100) {
      await this.clock.advance(100);
      if (this.session.cluster?.kernel.settled) return;
    }
    throw new Error(`the cluster did not come to rest within ${limitMs} ms`);
  }
}
