import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readYaml, toYaml } from '../../src/kubectl/index.ts';

describe('YAML as Kubernetes reads it', () => {
  test.each([
    ['a: yes', { a: true }],
    ['yes: no', { true: false }],
    ['a: 0644', { a: 420 }],
    ['a: 0o14', { a: 12 }],
    ['a: 22:22', { a: '22:22' }],
    ['a: 2026-01-01', { a: '2026-01-01' }],
    ['a: 1e3', { a: 1000 }],
    ['a: ~', { a: null }],
    ['a: 1\na: 2', { a: 2 }],
    ['# nothing', null],
  ])('%j', (source, value) => {
    expect(readYaml(source)).toEqual(value);
  });

  test.each([
    ['a:\n\tb: c\n', 'yaml: line 2: found character that cannot start any token'],
    ['a:\n  b: c\n   d:\n', 'yaml: line 3: mapping values are not allowed in this context'],
    ['a:\n  b: c: d\n', 'yaml: line 2: mapping values are not allowed in this context'],
    ['a: [1, 2\nb: 3\n', "yaml: line 1: did not find expected ',' or ']'"],
    ['a: 1\n- b\n', 'yaml: line 1: did not find expected key'],
    ['a: *b\n', "yaml: unknown anchor 'b' referenced"],
  ])('says what is wrong with %j', (source, message) => {
    expect(() => readYaml(source)).toThrow(message);
  });
});

describe('YAML as kubectl writes it', () => {
  test('sorts keys, quotes what would be read as something else, leaves lists where they are', () => {
    expect(toYaml({ b: ['x', 'true', ''], a: { n: '5', e: {}, l: [] }, c10: 'a: b', c2: 'two\nlines\n' })).toBe(
      `a:
  e: {}
  l: []
  "n": "5"
b:
- x
- "true"
- ""
c2: |
  two
  lines
c10: 'a: b'
`,
    );
  });

  test('breaks long lines at spaces behind column 80', () => {
    const lines = toYaml({ long: 'word '.repeat(40).trim() }).split('\n');
    expect(lines[0]).toBe(`long: ${'word '.repeat(16).trim()}`);
    expect(lines[1]).toMatch(/^ {2}word/);
  });

  test('is read back as it was', () => {
    const json = fc.jsonValue({ noUnicodeString: false }).filter((value) => !JSON.stringify(value).includes('-0'));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as unknown;
        expect(readYaml(toYaml(plain))).toEqual(plain);
      }),
      { numRuns: 100 },
    );
  });
});
