import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CompactedError, Etcd, FutureRevisionError, type Change } from '../../src/etcd/index.ts';
import { Kernel } from '../../src/kernel/index.ts';

type Command =
  | { readonly do: 'put'; readonly key: string; readonly n: number }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'compact'; readonly part: number };

const key = fc.constantFrom('/a/1', '/a/2', '/a/3', '/b/1', '/b/2', '/c');
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), key, n: fc.integer() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('compact' as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
);

/** The naive store: a full copy of the map for every revision. */
class Model {
  revision = 1;
  compacted = 0;
  readonly states = new Map<number, Map<string, number>>([[1, new Map()]]);

  get current(): Map<string, number> {
    return this.states.get(this.revision)!;
  }

  write(change: (state: Map<string, number>) => void): void {
    const next = new Map(this.current);
    change(next);
    this.states.set(++this.revision, next);
  }
}

const contents = (etcd: Etcd, prefix: string, revision: number): [string, number][] =>
  etcd.range({ prefix, revision }).entries.map((entry) => [entry.key, (entry.value as { n: number }).n]);

describe('MVCC', () => {
  test('every revision that is kept reads as it was, whatever happened since', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const etcd = new Etcd();
        const model = new Model();
        const seen: Change[] = [];
        etcd.watch({ prefix: '/' }, (changes) => seen.push(...changes));
        for (const step of commands) {
          if (step.do === 'put') {
            etcd.put(step.key, { n: step.n });
            model.write((state) => state.set(step.key, step.n));
          } else if (step.do === 'delete') {
            const was = etcd.delete(step.key);
            expect(was !== undefined).toBe(model.current.has(step.key));
            if (was) model.write((state) => state.delete(step.key));
          } else {
            const revision = Math.round(model.compacted + step.part * (model.revision - model.compacted));
            if (revision <= model.compacted) continue;
            etcd.compact(revision);
            model.compacted = revision;
          }
          expect(etcd.revision).toBe(model.revision);
        }
        for (let revision = 1; revision <= model.revision; revision++) {
          if (revision < model.compacted) {
            expect(() => etcd.range({ prefix: '/', revision })).toThrow(CompactedError);
            continue;
          }
          const state = model.states.get(revision)!;
          for (const prefix of ['/', '/a/', '/b/']) {
            const expected = [...state].filter(([k]) => k.startsWith(prefix)).sort();
            expect(contents(etcd, prefix, revision)).toEqual(expected.sort(([a], [b]) => (a < b ? -1 : 1)));
          }
          for (const k of ['/a/1', '/c']) {
            expect((etcd.get(k, { revision })?.value as { n: number } | undefined)?.n).toBe(state.get(k));
          }
        }
        expect(seen.map((change) => change.entry.modRevision)).toEqual(
          Array.from({ length: model.revision - 1 }, (_, i) => i + 2),
        );
        const kept = etcd.history(model.compacted);
        expect(kept).toEqual(seen.filter((change) => change.entry.modRevision >= model.compacted));
      }),
    );
  });

  test('a watch from a revision sees exactly the changes since', () => {
    const etcd = new Etcd();
    etcd.put('/a', { n: 1 });
    const second = etcd.put('/a', { n: 2 });
    etcd.put('/b', { n: 3 });
    const seen: string[] = [];
    const watch = etcd.watch({ prefix: '/a', startRevision: second.modRevision }, (changes) =>
      seen.push(...changes.map((change) => `${change.type} ${change.entry.modRevision}`)),
    );
    etcd.delete('/a');
    watch.cancel();
    etcd.put('/a', { n: 4 });
    expect(seen).toEqual(['put 3', 'delete 5']);
  });
});

describe('transactions', () => {
  test('compare-and-swap writes only when the revision is the one expected', () => {
    const etcd = new Etcd();
    const first = etcd.put('/a', { n: 1 });
    const swap = (n: number, mod: number): boolean =>
      etcd.txn({
        compare: [{ key: '/a', target: 'mod', value: mod }],
        success: [{ type: 'put', key: '/a', value: { n } }],
        failure: [{ type: 'get', key: '/a' }],
      }).succeeded;
    expect(swap(2, first.modRevision)).toBe(true);
    expect(swap(3, first.modRevision)).toBe(false);
    expect(etcd.get('/a')).toMatchObject({ value: { n: 2 }, version: 2, createRevision: first.createRevision });
  });

  test('several writes of one transaction share one revision', () => {
    const etcd = new Etcd();
    const result = etcd.txn({
      success: [
        { type: 'put', key: '/a', value: {} },
        { type: 'put', key: '/b', value: {} },
      ],
    });
    expect(result.responses.map((entry) => entry?.modRevision)).toEqual([2, 2]);
    expect(etcd.revision).toBe(2);
  });

  test('a key deleted and made again starts over', () => {
    const etcd = new Etcd();
    etcd.put('/a', {});
    etcd.put('/a', {});
    etcd.delete('/a');
    expect(etcd.put('/a', {})).toMatchObject({ version: 1, createRevision: 5 });
  });

  test('the future cannot be read, nor can it be compacted', () => {
    const etcd = new Etcd();
    expect(() => etcd.get('/a', { revision: 9 })).toThrow(FutureRevisionError);
    expect(() => etcd.compact(9)).toThrow(FutureRevisionError);
  });
});

describe('leases', () => {
  test('keys go together when their lease runs out, unless it is kept alive', () => {
    const kernel = new Kernel({ seed: 1 });
    const etcd = new Etcd(kernel);
    const lease = etcd.grantLease(10);
    etcd.put('/a', {}, { lease });
    etcd.put('/b', {}, { lease });
    etcd.put('/b', {});
    kernel.runFor(8_000);
    etcd.keepAlive(lease);
    kernel.runFor(8_000);
    expect(etcd.get('/a')).toBeDefined();
    kernel.runFor(2_000);
    expect(etcd.get('/a')).toBeUndefined();
    expect(etcd.get('/b')).toBeDefined();
  });
});
