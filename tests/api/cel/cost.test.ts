import { describe, expect, test } from 'vitest';
import { CelEnvironment, estimateCost, sizedType, type CelSchema } from '../../../src/api/cel/index.ts';

/** The most that a rule on a schema may cost. */
function cost(schema: CelSchema, rule: string): number {
  const root = sizedType(schema, 'T')!;
  const environment = new CelEnvironment({ variables: { self: root.type, oldSelf: root.type } });
  return estimateCost(environment.compile(rule).checked, root).max;
}

const typed = (type: string): CelSchema => {
  if (type === 'int-or-string') return { 'x-kubernetes-int-or-string': true };
  return type.startsWith('d') ? { type: 'string', format: type } : { type };
};

type Limited = (max?: number) => CelSchema;

const array =
  (items: CelSchema): Limited =>
  (maxItems) => ({ type: 'array', items, ...(maxItems === undefined ? {} : { maxItems }) });
const map =
  (additionalProperties: CelSchema): Limited =>
  (maxProperties) => ({
    type: 'object',
    additionalProperties,
    ...(maxProperties === undefined ? {} : { maxProperties }),
  });
const text =
  (rest: CelSchema = {}): Limited =>
  (maxLength) => ({ type: 'string', ...rest, ...(maxLength === undefined ? {} : { maxLength }) });

const object: CelSchema = {
  type: 'object',
  properties: { required: { type: 'string' }, optional: { type: 'string' } },
  required: ['required'],
};
const number = typed('number');
const string = typed('string');

// What Kubernetes' own tests expect of these rules, without limits and with one.
describe('estimated costs are those of Kubernetes', () => {
  test.each<[string, Limited, number, number, number]>([
    ['self.all(x, true)', array(number), 4718591, 10, 32],
    ['self.all(x, true)', array(string), 3145727, 20, 62],
    ['self.all(x, true)', array(typed('boolean')), 1887437, 5, 17],
    ['self.all(x, true)', array({ type: 'array', items: number }), 3145727, 100, 302],
    ['self.all(x, true)', array(object), 555128, 50, 152],
    ['self.all(x, true)', map(number), 1348169, 10, 32],
    ['self.all(x, true)', map(string), 1179647, 3, 11],
    ['self.all(x, true)', map(typed('boolean')), 943718, 100, 302],
    ["self.contains('test')", text(), 314574, 10, 5],
    ["self.startsWith('test')", text(), 2, 15, 2],
    ["self.endsWith('test')", text(), 2, 30, 2],
    ['size(self + "hello") > size("hello")', text(), 314578, 4, 7],
    ['self[1] == 0.0', array(number), 2, 5000, 2],
    ['self[1] == self[1]', array(string), 314577, 8, 314577],
    ['self.matches("x")', text(), 314574, 50, 22],
    ['"".matches("(((((((((())))))))))[0-9]")', text(), 7, 10, 7],
    ['self.matches("")', text(), 1, 100, 1],
    ['self[3] == 0.0', array(number), 2, 0, 2],
    ['self["x"] == 0.0', map(number), 2, 0, 2],
    ['self == "x"', text(), 2, 0, 1],
    ['self == b"x"', text({ format: 'byte' }), 2, 0, 1],
    ['self.all(x, x == 0.0)', array(number), 6291454, 3 * 1024 * 2048, 25165826],
    ['self.all(x, true)', array(typed('int-or-string')), 4718591, 10, 32],
    ['self[0] == 5', array(typed('int-or-string')), 3, 10, 3],
    ['self[0] == false', array(typed('boolean')), 2, 25, 2],
    ['self[0] == null', array(object), 2, 422, 2],
    ['self[0][0] == -1.0', array({ type: 'array', items: number }), 3, 51, 3],
    ['self.all(x, x.y == 25.2)', array(map(number)()), 6291452, 12, 74],
    ['self[0].x > 2.0', array(map(number)()), 4, 3000, 4],
    ['self.all(x, true)', array(typed('duration')), 2359295, 5, 17],
    ['self[0].getHours() == 2', array(typed('duration')), 4, 525, 4],
    ['self.all(x, true)', array(typed('date')), 725936, 15, 47],
    ['self[2].getDayOfMonth() == 13', array(typed('date')), 4, 42, 4],
    ['self.all(x, true)', array(typed('date-time')), 428963, 25, 77],
    ['self.all(x, true)', map(typed('int-or-string')), 1348169, 15, 47],
    ['self.all(x, true)', map(object), 428963, 20, 62],
    ['self.all(x, true)', map(map(number)()), 1179647, 10, 32],
    ['self.all(x, true)', map({ type: 'array', items: number }), 1179647, 25, 77],
    ['self.all(x, true)', map(typed('duration')), 1048577, 5, 17],
    ['self.all(x, true)', map(typed('date')), 524288, 10, 32],
    ['self.all(x, true)', map(typed('date-time')), 349526, 25, 77],
    ["self.find('[0-9]+') == ''", text(), 629147, 10, 11],
    ["self.join(' ') == 'aa bb'", (max) => array(text()(max))(max), 329853068905, 10, 43],
    ['self.isSorted() == true', (max) => array(text()(max))(max), 329854432052, 10, 52],
    ["self.lowerAscii() == 'lower!'", text(), 314575, 10, 6],
    ['oldSelf.size() == self.size()', map(typed('integer')), 5, 10, 5],
    ['self["a"] == self["b"]', map(typed('date-time')), 8, 7, 8],
    ['self["c"] == self["d"]', map(typed('duration')), 8, 42, 8],
    ["self.contains('A')", text({ enum: ['A', 'B', 'C', 'LongValue'] }), 2, 1000, 401],
    ['self.all(x, x.contains(self[x]))', (max) => map(text()(max))(max), 2752507, 10, 72],
    [
      'self.str.replace(self.before, self.after) == "does not matter"',
      (max) => ({ type: 'object', properties: { str: text()(max), before: text()(2), after: text()(4) } }),
      629154,
      4,
      12,
    ],
    [
      'self.str.split(self.separator) == []',
      (max) => ({ type: 'object', properties: { str: text()(max), separator: text()(max) } }),
      629160,
      10,
      22,
    ],
  ])('%s', (rule, schema, unlimited, max, limited) => {
    expect(cost(schema(), rule)).toBe(unlimited);
    expect(cost(schema(max), rule)).toBe(limited);
  });

  test('loops within loops grow by powers', () => {
    expect(cost(array(number)(10), 'self.all(x, self.all(y, true))')).toBe(352);
    expect(cost(array(number)(10), 'self.all(x, self.all(y, self.all(z, true)))')).toBe(3552);
    expect(cost(array(number)(), 'self.all(x, self.all(y, true))')).toBeGreaterThan(1e12);
  });
});
