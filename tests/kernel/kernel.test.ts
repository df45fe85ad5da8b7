import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Kernel } from '../../src/kernel/index.ts';

const kernel = () => new Kernel({ seed: 1 });

describe('order of events', () => {
  test('events run by due time, then in the order they were scheduled', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (delays) => {
        const k = kernel();
        const ran: number[] = [];
        delays.forEach((delay, i) => k.after(delay, 'test', () => ran.push(i)));
        k.runUntilSettled();
        const expected = delays.map((delay, i) => ({ delay, i })).sort((a, b) => a.delay - b.delay || a.i - b.i);
        expect(ran).toEqual(expected.map((e) => e.i));
      }),
    );
  });

  test('the clock stands at the due time of the event that runs', () => {
    const k = kernel();
    const seen: number[] = [];
    k.after(7, 'test', () => {
      seen.push(k.now - k.epochMs);
      k.after(0.5, 'test', () => seen.push(k.now - k.epochMs));
    });
    k.runUntilSettled();
    expect(seen).toEqual([7, 7.5]);
  });

  test('a cancelled timer does not run and no longer keeps the kernel from settling', () => {
    const k = kernel();
    const timer = k.after(5, 'test', () => expect.unreachable());
    expect(timer.active).toBe(true);
    timer.cancel();
    timer.cancel();
    expect(timer.active).toBe(false);
    expect(k.settled).toBe(true);
    k.runFor(10);
    expect(k.executed).toBe(0);
    expect(k.now - k.epochMs).toBe(10);
  });
});

describe('running', () => {
  test('runUntil runs what is due at the very time, and no later event', () => {
    const k = kernel();
    const ran: string[] = [];
    k.after(5, 'test', () => ran.push('at'));
    k.after(5.1, 'test', () => ran.push('after'));
    k.runUntil(k.epochMs + 5);
    expect(ran).toEqual(['at']);
  });

  test('runUntilSettled runs background events only on the way to foreground ones', () => {
    const k = kernel();
    let beats = 0;
    const beat = () => {
      beats++;
      k.after(10, 'test', beat, { background: true });
    };
    k.after(10, 'test', beat, { background: true });
    expect(k.runUntilSettled()).toBe(true);
    expect(beats).toBe(0);
    k.after(35, 'test', () => undefined);
    k.runUntilSettled();
    expect(beats).toBe(3);
  });

  test('runUntilSettled gives up at its limit of virtual time', () => {
    const k = kernel();
    const forever = (): void => void k.after(10, 'test', forever);
    forever();
    expect(k.runUntilSettled(1000)).toBe(false);
    expect(k.now - k.epochMs).toBe(1000);
  });

  test('step runs exactly one event and names its owner', () => {
    const k = kernel();
    k.after(1, 'a', () => undefined);
    k.after(2, 'b', () => undefined);
    expect(k.step()).toMatchObject({ owner: 'a' });
    expect(k.step()).toMatchObject({ owner: 'b' });
    expect(k.step()).toBeUndefined();
  });
});

describe('randomness', () => {
  test('a stream gives the same values for the same seed, whatever others draw', () => {
    const alone = kernel().random('names');
    const k = kernel();
    k.random('other').next();
    const beside = k.random('names');
    for (let i = 0; i < 20; i++) {
      expect(beside.next()).toBe(alone.next());
      k.random('other').next();
    }
  });

  test('seeds and names tell streams apart', () => {
    const values = new Set([
      new Kernel({ seed: 1 }).random('a').uuid(),
      new Kernel({ seed: 2 }).random('a').uuid(),
      new Kernel({ seed: 1 }).random('b').uuid(),
    ]);
    expect(values.size).toBe(3);
  });

  test('uuid has the form of RFC 9562 version 4', () => {
    const random = kernel().random('uid');
    for (let i = 0; i < 50; i++) {
      expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  test('int is uniform enough over its range', () => {
    const random = kernel().random('dice');
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 6000; i++) counts[random.int(6)]!++;
    for (const count of counts) expect(count).toBeGreaterThan(850);
  });
});
