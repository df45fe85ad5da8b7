import { expect, test } from 'vitest';
import { Kernel, RealTimeDriver, type WallClock } from '../../src/kernel/index.ts';

/** A wall clock that a test turns by hand; every look at it costs `costMs`. */
function handClock(costMs = 0) {
  let now = 0;
  let pending: { at: number; slice: () => void } | undefined;
  const clock: WallClock = {
    now: () => (now += costMs),
    defer: (slice, delayMs) => {
      const entry = { at: now + delayMs, slice };
      pending = entry;
      return () => {
        if (pending === entry) pending = undefined;
      };
    },
  };
  const turn = (ms: number) => {
    const end = now + ms;
    while (pending && pending.at <= end) {
      const { at, slice } = pending;
      now = Math.max(now, at);
      pending = undefined;
      slice();
    }
    now = Math.max(now, end);
  };
  return { clock, turn, idle: () => pending === undefined };
}

const ticking = (k: Kernel, everyMs: number) => {
  const ran: number[] = [];
  const tick = () => {
    ran.push(k.now - k.epochMs);
    k.after(everyMs, 'tick', tick);
  };
  k.after(everyMs, 'tick', tick);
  return ran;
};

test('virtual time follows wall time at the given speed', () => {
  const k = new Kernel({ seed: 1 });
  const ran = ticking(k, 100);
  const { clock, turn } = handClock();
  const driver = new RealTimeDriver(k, { speed: 2 }, clock);
  driver.start();
  turn(1000);
  expect(ran.length).toBeGreaterThanOrEqual(19);
  expect(ran.length).toBeLessThanOrEqual(20);
  driver.speed = 0.5;
  const before = ran.length;
  turn(1000);
  expect(ran.length - before).toBeGreaterThanOrEqual(4);
  expect(ran.length - before).toBeLessThanOrEqual(5);
});

test('stopped, it runs nothing; started again, it does not catch up', () => {
  const k = new Kernel({ seed: 1 });
  const ran = ticking(k, 100);
  const { clock, turn, idle } = handClock();
  const driver = new RealTimeDriver(k, {}, clock);
  driver.start();
  turn(500);
  driver.stop();
  const before = ran.length;
  expect(idle()).toBe(true);
  turn(10_000);
  expect(ran.length).toBe(before);
  driver.start();
  turn(200);
  expect(ran.length - before).toBeLessThanOrEqual(3);
});

test('a slice ends after its time even when there is more to do', () => {
  const k = new Kernel({ seed: 1 });
  const ran = ticking(k, 0.001);
  const { clock, turn } = handClock(1);
  let slices = 0;
  const driver = new RealTimeDriver(k, { speed: Infinity, sliceMs: 8, onSlice: () => slices++ }, clock);
  driver.start();
  turn(100);
  driver.stop();
  expect(slices).toBeGreaterThan(5);
  expect(ran.length / slices).toBeLessThanOrEqual(9);
});

test('an input from outside finds the cluster up to date, however many there are', () => {
  const k = new Kernel({ seed: 1 });
  const ran = ticking(k, 100);
  const { clock, turn } = handClock();
  const driver = new RealTimeDriver(k, {}, clock);
  driver.start();
  turn(50);
  // Inputs every millisecond: none lets the clock's own slices come through.
  for (let ms = 0; ms < 1000; ms++) {
    turn(1);
    driver.wake();
  }
  expect(k.now - k.epochMs).toBe(1050);
  expect(ran).toHaveLength(10);
});

test('what an input starts lasts as long as on the wall, even when the machine was held up before', () => {
  const k = new Kernel({ seed: 1 });
  ticking(k, 1);
  const { clock, turn } = handClock(1);
  const driver = new RealTimeDriver(k, { sliceMs: 8 }, clock);
  driver.start();
  turn(20);
  for (let i = 0; i < 500; i++) clock.now();
  driver.wake();
  const asked = clock.now();
  let fired = 0;
  k.after(100, 'timeout', () => (fired = clock.now()));
  while (fired === 0) turn(5);
  expect(fired - asked).toBeGreaterThanOrEqual(95);
});
