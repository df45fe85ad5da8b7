import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UntypedObject } from '../../src/api/object.ts';
import { configMap, namesIn, pod, Rig } from './rig.ts';

const pages = (rig: Rig, options: { limit: number; labelSelector?: string }): UntypedObject[] => {
  const out: UntypedObject[] = [];
  for (let next: string | undefined = ''; next !== undefined;) {
    const page: UntypedObject = rig.ask({
      verb: 'list',
      resource: 'configmaps',
      options: { ...options, ...(next ? { continue: next } : {}) },
    });
    out.push(page);
    next = (page.metadata as unknown as { continue?: string }).continue;
  }
  return out;
};

describe('list', () => {
  test('pages show one revision, whatever happens in between', () => {
    const rig = new Rig();
    for (const name of ['a', 'b', 'c', 'd', 'e']) rig.create('configmaps', configMap(name));
    const first = rig.ask({ verb: 'list', resource: 'configmaps', options: { limit: 2 } });
    expect(namesIn(first)).toEqual(['a', 'b']);
    expect(first.metadata).toMatchObject({ remainingItemCount: 3 });
    rig.delete('configmaps', 'c');
    rig.create('configmaps', configMap('bb'));
    const token = (first.metadata as unknown as { continue: string }).continue;
    const rest = rig.ask({ verb: 'list', resource: 'configmaps', options: { continue: token } });
    expect(namesIn(rest)).toEqual(['c', 'd', 'e']);
    expect(rest.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test('a page whose revision is gone says how to go on', () => {
    const rig = new Rig();
    for (const name of ['a', 'b', 'c']) rig.create('configmaps', configMap(name));
    const first = rig.ask({ verb: 'list', resource: 'configmaps', options: { limit: 1 } });
    rig.create('configmaps', configMap('d'));
    rig.etcd.compact(rig.etcd.revision);
    const token = (first.metadata as unknown as { continue: string }).continue;
    const gone = rig.refusal({ verb: 'list', resource: 'configmaps', options: { continue: token } });
    expect(gone).toMatchObject({ code: 410, reason: 'Expired' });
    const onward = (gone.metadata as unknown as { continue: string }).continue;
    expect(namesIn(rig.ask({ verb: 'list', resource: 'configmaps', options: { continue: onward } }))).toEqual([
      'b',
      'c',
      'd',
    ]);
  });

  test('pages of every size together are the whole list', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/), { maxLength: 12 }),
        fc.integer({ min: 1, max: 6 }),
        (names, limit) => {
          const rig = new Rig();
          names.forEach((name, i) => rig.create('configmaps', configMap(name, {}, { odd: String(i % 2) })));
          expect(pages(rig, { limit }).flatMap(namesIn)).toEqual([...names].sort());
          const odd = names.filter((_, i) => i % 2 === 1).sort();
          expect(pages(rig, { limit, labelSelector: 'odd=1' }).flatMap(namesIn)).toEqual(odd);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('an exact revision is answered from the past; the future is refused', () => {
    const rig = new Rig();
    const { resourceVersion } = rig.create('configmaps', configMap('a')).metadata;
    rig.delete('configmaps', 'a');
    const options = { resourceVersion, resourceVersionMatch: 'Exact' } as const;
    expect(namesIn(rig.ask({ verb: 'list', resource: 'configmaps', options }))).toEqual(['a']);
    expect(rig.refusal({ verb: 'list', resource: 'configmaps', options: { resourceVersion: '999' } })).toMatchObject({
      code: 504,
      message: `Too large resource version: 999, current: ${rig.etcd.revision}`,
    });
    expect(
      rig.refusal({ verb: 'list', resource: 'configmaps', options: { resourceVersionMatch: 'Exact' } }).message,
    ).toBe(
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
  });

  test('field selectors use what the kind offers and refuse the rest', () => {
    const rig = new Rig();
    rig.create('pods', pod('a', { nodeName: 'node-1' }));
    rig.create('pods', pod('b', { nodeName: 'node-2' }));
    const list = (fieldSelector: string): string[] =>
      namesIn(rig.ask({ verb: 'list', resource: 'pods', options: { fieldSelector } }));
    expect(list('spec.nodeName=node-1')).toEqual(['a']);
    expect(list('spec.nodeName!=node-1')).toEqual(['b']);
    expect(list('metadata.name=b,status.phase=Pending')).toEqual(['b']);
    expect(rig.refusal({ verb: 'list', resource: 'pods', options: { fieldSelector: 'spec.x=y' } }).message).toBe(
      'field label not supported: spec.x',
    );
    expect(rig.refusal({ verb: 'list', resource: 'configmaps', options: { fieldSelector: 'data=y' } }).message).toBe(
      '"data" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });
});

describe('watch', () => {
  test('begins with what is there, or after the revision it names', () => {
    const rig = new Rig();
    const { resourceVersion } = rig.create('configmaps', configMap('a')).metadata;
    rig.create('configmaps', configMap('b'));
    const all = rig.watch('configmaps');
    const since = rig.watch('configmaps', { resourceVersion });
    rig.patch('configmaps', 'a', { data: { n: '1' } });
    rig.delete('configmaps', 'b');
    rig.settle();
    expect(all.lines).toEqual(['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b']);
    expect(since.lines).toEqual(['ADDED b', 'MODIFIED a', 'DELETED b']);
    expect((all.events.at(-1)!.object as UntypedObject).metadata.resourceVersion).toBe(String(rig.etcd.revision));
  });

  test('entering and leaving the selection show as ADDED and DELETED', () => {
    const rig = new Rig();
    rig.create('configmaps', configMap('a', {}, { app: 'x' }));
    const seen = rig.watch('configmaps', { labelSelector: 'app=x', resourceVersion: String(rig.etcd.revision) });
    rig.patch('configmaps', 'a', { metadata: { labels: { app: 'y' } } });
    rig.patch('configmaps', 'a', { metadata: { labels: { other: '1' } } });
    rig.patch('configmaps', 'a', { metadata: { labels: { app: 'x' } } });
    rig.settle();
    expect(seen.lines).toEqual(['DELETED a', 'ADDED a']);
    expect((seen.events[0]!.object as UntypedObject).metadata.labels).toEqual({ app: 'x' });
  });

  test('a kubelet sees the Pods of its node from binding to deletion, and nothing else', () => {
    const rig = new Rig();
    const mine = rig.watch('pods', { fieldSelector: 'spec.nodeName=node-1' }, { namespace: undefined });
    for (const name of ['a', 'b']) rig.create('pods', pod(name));
    const bind = (name: string, node: string): unknown =>
      rig.ask({
        verb: 'create',
        resource: 'pods',
        name,
        subresource: 'binding',
        body: { metadata: { name }, target: { kind: 'Node', name: node } },
      });
    bind('a', 'node-1');
    bind('b', 'node-2');
    rig.patch('pods', 'a', { status: { phase: 'Running' } }, { subresource: 'status' });
    rig.delete('pods', 'a', { gracePeriodSeconds: 0 });
    rig.settle();
    expect(mine.lines).toEqual(['ADDED a', 'MODIFIED a', 'MODIFIED a', 'DELETED a']);
  });

  test('arrives as one event per watcher and period, caused by the write', () => {
    const rig = new Rig({ watchLatencyMs: 5 });
    const causes: number[] = [];
    const times: number[] = [];
    rig.server.watch(
      rig.request({ verb: 'watch', resource: 'configmaps', options: { resourceVersion: String(rig.etcd.revision) } }),
      {
        events: (batch) => {
          causes.push(rig.kernel.trace.current);
          times.push(rig.kernel.now - rig.kernel.epochMs);
          expect(batch).toHaveLength(1);
        },
        closed: () => undefined,
      },
    );
    const before = rig.kernel.executed;
    rig.create('configmaps', configMap('a'));
    rig.create('configmaps', configMap('b'));
    rig.settle();
    expect(rig.kernel.executed - before).toBe(1);
    expect(times).toEqual([5, 5]);
    expect(causes.map((id) => rig.kernel.trace.causes(id).map(({ component }) => component))).toEqual([
      ['etcd', 'kube-apiserver'],
      ['etcd', 'kube-apiserver'],
    ]);
  });

  test('a revision that is gone ends it with 410', () => {
    const rig = new Rig();
    rig.create('configmaps', configMap('a'));
    rig.etcd.compact(rig.etcd.revision);
    const seen = rig.watch('configmaps', { resourceVersion: '1' });
    rig.settle();
    expect(seen.events).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]);
    expect((seen.events[0]!.object as { message: string }).message).toMatch(/^too old resource version: 1 \(\d+\)$/);
    expect(seen.closed).toBe(true);
  });

  test('sendInitialEvents ends the state of now with a bookmark; more bookmarks follow', () => {
    const rig = new Rig();
    rig.create('configmaps', configMap('a'));
    const options = {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    } as const;
    const seen = rig.watch('configmaps', options);
    rig.settle();
    expect(seen.lines).toEqual(['ADDED a', 'BOOKMARK']);
    expect((seen.events[1]!.object as UntypedObject).metadata.annotations).toEqual({
      'k8s.io/initial-events-end': 'true',
    });
    rig.kernel.runFor(61_000);
    expect(seen.lines).toEqual(['ADDED a', 'BOOKMARK', 'BOOKMARK']);
  });

  test('a watch that is to end tells shortly before how far it came', () => {
    const rig = new Rig();
    const seen = rig.watch('configmaps', { allowWatchBookmarks: true, timeoutSeconds: 10 });
    rig.kernel.runFor(7_900);
    expect(seen.lines).toEqual([]);
    rig.kernel.runFor(200);
    expect(seen.lines).toEqual(['BOOKMARK']);
  });

  test('list and watch together miss nothing and repeat nothing, in any interleaving', () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('write' as const),
        name: fc.constantFrom('a', 'b', 'c'),
        label: fc.constantFrom('x', 'y'),
      }),
      fc.record({ do: fc.constant('delete' as const), name: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ do: fc.constant('wait' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.nat({ max: 25 }), (steps, begin) => {
        const rig = new Rig();
        const options = { labelSelector: 'app=x' };
        const known = new Map<string, UntypedObject>();
        let seen: ReturnType<Rig['watch']> | undefined;
        steps.forEach((one, i) => {
          if (i === begin) {
            const list = rig.ask({ verb: 'list', resource: 'configmaps', options });
            for (const object of list['items'] as UntypedObject[]) known.set(object.metadata.name, object);
            seen = rig.watch('configmaps', { ...options, resourceVersion: list.metadata.resourceVersion! });
          }
          if (one.do === 'wait') rig.kernel.runFor(1);
          else if (one.do === 'delete') {
            if (rig.exists('configmaps', one.name)) rig.delete('configmaps', one.name);
          } else if (rig.exists('configmaps', one.name)) {
            rig.patch('configmaps', one.name, { metadata: { labels: { app: one.label } }, data: { step: String(i) } });
          } else rig.create('configmaps', configMap(one.name, { step: String(i) }, { app: one.label }));
        });
        rig.settle();
        if (!seen) return;
        for (const { type, object } of seen.events) {
          const { name } = (object as UntypedObject).metadata;
          expect(known.has(name)).toBe(type !== 'ADDED');
          if (type === 'DELETED') known.delete(name);
          else known.set(name, object as UntypedObject);
        }
        const now = rig.ask({ verb: 'list', resource: 'configmaps', options })['items'] as UntypedObject[];
        expect([...known.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))).toEqual(now);
      }),
      { numRuns: 60 },
    );
  });
});
