import { describe, expect, test } from 'vitest';
import { Kernel } from '../../src/kernel/index.ts';

describe('causes', () => {
  test('an event has the span in which it was scheduled as its cause', () => {
    const k = new Kernel({ seed: 1 });
    k.trace.span('kubectl', 'apply', {}, () => {
      k.after(3, 'server', () => {
        k.trace.span('server', 'create', {}, () =>
          k.after(2, 'controller', () => k.trace.event('controller', 'reconcile')),
        );
      });
    });
    k.runUntilSettled();
    const last = k.trace.since(1).at(-1)!;
    expect(k.trace.causes(last.id).map((s) => s.name)).toEqual(['reconcile', 'create', 'apply']);
    expect(k.trace.current).toBe(0);
  });

  test('a span that throws is closed and leaves no cause behind', () => {
    const k = new Kernel({ seed: 1 });
    expect(() =>
      k.trace.span('a', 'b', {}, () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(k.trace.current).toBe(0);
  });
});

describe('keeping', () => {
  test('the oldest spans go first and ids never repeat', () => {
    const k = new Kernel({ seed: 1, trace: { capacity: 10 } });
    for (let i = 1; i <= 25; i++) expect(k.trace.event('c', `e${i}`)).toBe(i);
    const kept = k.trace.since(1);
    expect(kept.length).toBeLessThanOrEqual(10);
    expect(kept.at(-1)!.name).toBe('e25');
    expect(k.trace.get(1)).toBeUndefined();
    expect(k.trace.get(25)!.name).toBe('e25');
  });

  test('with no capacity nothing is recorded and bodies still run', () => {
    const k = new Kernel({ seed: 1, trace: { capacity: 0 } });
    expect(k.trace.span('a', 'b', {}, () => 42)).toBe(42);
    expect(k.trace.since(0)).toEqual([]);
  });

  test('listeners hear of spans when they end, until they stop listening', () => {
    const k = new Kernel({ seed: 1 });
    const heard: string[] = [];
    const stop = k.trace.listen((span) => heard.push(`${span.name} ${span.attributes['code']}`));
    const id = k.trace.start('a', 'get', { verb: 'get' });
    expect(heard).toEqual([]);
    k.trace.end(id, { code: 200 });
    stop();
    k.trace.event('a', 'later');
    expect(heard).toEqual(['get 200']);
    expect(k.trace.get(id)!.attributes).toEqual({ verb: 'get', code: 200 });
  });
});
