import * as Comlink from 'comlink';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LabClient, LabRestarted, type LabTrouble, type WorkerLike } from '../../src/lab/client.ts';
import type { LabSetup } from '../../src/lab/definition.ts';
import type { Frame } from '../../src/lab/protocol.ts';

const setup: LabSetup = { id: 'x', cluster: { nodes: 1, seed: 1, speed: 1 }, files: [], start: [], steps: [] };

/** A worker in this thread: a message channel with something exposed at its other end. */
class FakeWorker implements WorkerLike {
  readonly terminated = vi.fn();
  readonly opened: unknown[][] = [];
  hangs = false;
  send: (frame: Partial<Frame>) => Promise<void> = () => Promise.resolve();
  readonly #channel = new MessageChannel();
  readonly #listeners = new Set<(event: Event) => void>();

  constructor() {
    const forever = new Promise<never>(() => undefined);
    Comlink.expose(
      {
        ping: () => (this.hangs ? forever : Promise.resolve()),
        subscribe: (listener: (text: string) => Promise<void>) => {
          this.send = (frame) => listener(JSON.stringify({ upserts: [], deletes: [], spans: [], ...frame }));
        },
        open: (...args: unknown[]) => void this.opened.push(args),
        pause: () => (this.hangs ? forever : Promise.resolve()),
        setVisible: () => undefined,
      },
      this.#channel.port2 as unknown as Comlink.Endpoint,
    );
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.#channel.port1.postMessage(message, transfer);
  }

  addEventListener(type: string, listener: EventListenerOrEventListenerObject): void {
    if (type === 'error') this.#listeners.add(listener as (event: Event) => void);
    else this.#channel.port1.addEventListener(type, listener);
  }

  removeEventListener(type: string, listener: EventListenerOrEventListenerObject): void {
    this.#channel.port1.removeEventListener(type, listener);
  }

  start(): void {
    this.#channel.port1.start();
  }

  terminate(): void {
    this.terminated();
    this.#channel.port1.close();
  }

  crash(message: string): void {
    const event = Object.assign(new Event('error', { cancelable: true }), { message });
    for (const listener of this.#listeners) listener(event);
  }
}

let workers: FakeWorker[];
let troubles: LabTrouble[];
let frames: Frame[];
let client: LabClient;

beforeEach(async () => {
  workers = [];
  troubles = [];
  frames = [];
  client = new LabClient(
    setup,
    'en',
    { onFrame: (frame) => frames.push(frame), onTrouble: (trouble) => troubles.push(trouble) },
    () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker;
    },
  );
  await client.connect();
});

afterEach(() => client.close());

const until = (condition: () => boolean, limitMs = 5000) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: limitMs, interval: 20 });

const frame = {
  executed: 10,
  now: 5,
  resetSpans: true,
  inputs: [{ executed: 1, now: 1, input: { type: 'sleep', command: 0, ms: 1 } }],
} as const;

test('a crash is told, and the worker is started again where its last frame was', async () => {
  await workers[0]!.send(frame);
  await workers[0]!.send({ executed: 20, now: 9, resetSpans: false });
  expect(frames).toHaveLength(2);
  workers[0]!.crash('boom');
  expect(troubles).toEqual([{ kind: 'crashed', detail: 'boom', outcome: 'revived' }]);
  expect(workers[0]!.terminated).toHaveBeenCalled();
  await until(() => workers[1]?.opened.length === 1);
  expect(workers[1]!.opened[0]![2]).toEqual({ inputs: frame.inputs, executed: 20, now: 9 });
});

test('a worker that cannot be revived begins anew, one that does not start at all is given up', async () => {
  await workers[0]!.send(frame);
  workers[0]!.crash('one');
  workers[1]!.crash('two');
  await until(() => workers[2]?.opened.length === 1);
  expect(workers[2]!.opened[0]![2]).toBeUndefined();
  workers[2]!.crash('three');
  expect(troubles.map(({ outcome }) => outcome)).toEqual(['revived', 'fresh', 'failed']);
  expect(workers).toHaveLength(3);
});

test('a worker that hangs is noticed within three seconds, and calls to it end', async () => {
  await workers[0]!.send(frame);
  const started = performance.now();
  workers[0]!.hangs = true;
  const call = client.pause();
  await expect(call).rejects.toThrow(LabRestarted);
  expect(performance.now() - started).toBeLessThan(3200);
  expect(troubles).toMatchObject([{ kind: 'stuck', outcome: 'revived' }]);
  await until(() => workers.length === 2);
});
