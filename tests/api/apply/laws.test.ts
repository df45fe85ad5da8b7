import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apply } from '../../../src/api/apply/apply.ts';
import { difference, EMPTY, intersection, pathsOf, union, type FieldSet } from '../../../src/api/apply/field-set.ts';
import { fieldSetOf } from '../../../src/api/apply/field-set-of.ts';
import type { Manager, Writer } from '../../../src/api/apply/managers.ts';
import { schemaOf } from '../../../src/api/schema/schema.ts';

const key = fc.constantFrom('a', 'b', 'c');
const data = fc.dictionary(key, fc.constantFrom('1', '2'), { minKeys: 1, maxKeys: 3 });
const container = (name: string): fc.Arbitrary<object> =>
  fc.record(
    {
      name: fc.constant(name),
      image: fc.constantFrom('x', 'y'),
      args: fc.constantFrom(['1'], ['2', '3']),
      env: fc.uniqueArray(fc.record({ name: key, value: fc.constantFrom('1', '2') }), {
        selector: (item) => item.name,
        minLength: 1,
      }),
    },
    { requiredKeys: ['name'] },
  );

/** Configurations of a Pod, whole or in part; without empty maps, which count as fields while they are empty. */
const config = fc.record(
  {
    metadata: fc.record(
      { labels: data, finalizers: fc.uniqueArray(key, { minLength: 1 }) },
      { requiredKeys: ['labels'] },
    ),
    spec: fc.record({
      nodeSelector: data,
      containers: fc
        .subarray(['app', 'side', 'more'], { minLength: 1 })
        .chain((names) => fc.tuple(...names.map(container))),
    }),
  },
  { requiredKeys: [] },
);

const schema = schemaOf('io.k8s.api.core.v1.Pod');
const writer = (manager: string): Writer => ({ manager, operation: 'Apply', apiVersion: 'v1', subresource: '' });
const applied = (live: object, managers: readonly Manager[], who: string, what: object): ReturnType<typeof apply> =>
  apply({ live, config: what, managers, writer: writer(who), time: 't', force: true, schema, ignored: () => false });

const fieldSet: fc.Arbitrary<FieldSet> = config.map((value) => fieldSetOf(value, schema));
const texts = (set: FieldSet): Set<string> => new Set(pathsOf(set).map((path) => path.join('\n')));

describe('field sets', () => {
  test('behave as sets of paths', () => {
    fc.assert(
      fc.property(fieldSet, fieldSet, (a, b) => {
        expect(texts(union(a, b))).toEqual(texts(a).union(texts(b)));
        expect(texts(difference(a, b))).toEqual(texts(a).difference(texts(b)));
        expect(texts(intersection(a, b))).toEqual(texts(a).intersection(texts(b)));
        expect(difference(a, a)).toEqual(EMPTY);
      }),
    );
  });
});

describe('apply', () => {
  test('twice is the same as once', () => {
    fc.assert(
      fc.property(config, config, (live, what) => {
        const once = applied(live, [], 'a', what);
        const twice = applied(once.object, once.managers, 'a', what);
        expect(twice.object).toBe(once.object);
        expect(twice.managers).toEqual(once.managers);
      }),
    );
  });

  test('leaves exactly what was applied last, where nobody else has a say', () => {
    fc.assert(
      fc.property(config, config, (first, second) => {
        const one = applied({}, [], 'a', first);
        const two = applied(one.object, one.managers, 'a', second);
        expect(fieldSetOf(two.object, schema)).toEqual(fieldSetOf(second, schema));
      }),
    );
  });

  test('never takes away what somebody else applies', () => {
    fc.assert(
      fc.property(config, config, config, (first, other, second) => {
        const one = applied({}, [], 'a', first);
        const two = applied(one.object, one.managers, 'b', other);
        const three = applied(two.object, two.managers, 'a', second);
        const theirs = three.managers.find(({ manager }) => manager === 'b')?.fields ?? EMPTY;
        expect(texts(difference(theirs, fieldSetOf(three.object, schema)))).toEqual(new Set());
      }),
    );
  });

  test('of one manager owns every field of its configuration', () => {
    fc.assert(
      fc.property(config, config, (first, second) => {
        const one = applied({}, [], 'a', first);
        const two = applied(one.object, one.managers, 'b', second);
        expect(two.managers.find(({ manager }) => manager === 'b')?.fields ?? EMPTY).toEqual(
          fieldSetOf(second, schema),
        );
      }),
    );
  });
});
