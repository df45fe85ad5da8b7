import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matcherOf, matcherOfSet, parseFieldSelector, parseLabelSelector } from '../../src/api/selector.ts';

const web = { app: 'web', tier: 'front', ver: '2' };

describe('label selectors', () => {
  it.each([
    ['app=web', true],
    ['app==web,ver=2', true],
    ['app!=web', false],
    ['missing!=x', true],
    ['app in (web, db),tier notin (back)', true],
    ['tier', true],
    ['!tier', false],
    ['!old,app', true],
    ['ver>1', true],
    ['ver<2', false],
    ['app>1', false],
    ['tier in ()', false],
    ['only=', false],
    ['', true],
  ])('%s', (text, matches) => {
    expect(parseLabelSelector(text).matches(web)).toBe(matches);
  });

  it.each([
    ['tier in web', "unable to parse requirement: found 'web' expected: '('"],
    ['tier=we b', "found 'b', expected: ',' or 'end of string'"],
    ['=web', "found '=', expected: !, identifier, or 'end of string'"],
    [
      'ver>x',
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
    ['a,', "found '', expected: identifier after ','"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ])('%s is refused', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrowError(message);
  });

  it('prints sorted', () => {
    expect(parseLabelSelector('b=1,a in (y,x)').toString()).toBe('a in (x,y),b=1');
    expect(
      matcherOf({ matchLabels: { b: '1' }, matchExpressions: [{ key: 'a', operator: 'Exists' }] }).toString(),
    ).toBe('a,b=1');
  });

  it('selects nothing without a selector, everything with an empty one', () => {
    expect(matcherOf(undefined).matches(web)).toBe(false);
    expect(matcherOf({}).matches(web)).toBe(true);
    expect(matcherOfSet({}).matches(web)).toBe(false);
    expect(matcherOfSet({ app: 'web' }).matches(web)).toBe(true);
  });

  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/).filter((text) => text !== 'in' && text !== 'notin');
  const requirement = fc.oneof(
    fc.tuple(word, fc.constantFrom('=', '==', '!='), word).map((parts) => parts.join('')),
    fc
      .tuple(word, fc.constantFrom('in', 'notin'), fc.array(word, { minLength: 1 }))
      .map(([key, operator, values]) => `${key} ${operator} (${values.join(',')})`),
    word,
    word.map((key) => `!${key}`),
  );
  const selector = fc.array(requirement, { minLength: 1 }).map((all) => all.join(','));

  it('what is printed parses to what matches the same', () => {
    fc.assert(
      fc.property(selector, fc.dictionary(word, word), (text, labels) => {
        const parsed = parseLabelSelector(text);
        const again = parseLabelSelector(parsed.toString());
        expect(again.toString()).toBe(parsed.toString());
        expect(again.matches(labels)).toBe(parsed.matches(labels));
      }),
    );
  });
});

describe('field selectors', () => {
  it('parses terms and escapes', () => {
    expect(parseFieldSelector('spec.nodeName=a,status.phase!=Running,x==a\\,b')).toEqual([
      { field: 'spec.nodeName', operator: '=', value: 'a' },
      { field: 'status.phase', operator: '!=', value: 'Running' },
      { field: 'x', operator: '=', value: 'a,b' },
    ]);
  });

  it('refuses what has no operator', () => {
    expect(() => parseFieldSelector('spec.nodeName')).toThrowError(
      "invalid selector: 'spec.nodeName'; can't understand 'spec.nodeName'",
    );
  });
});
