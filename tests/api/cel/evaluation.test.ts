import { describe, expect, test } from 'vitest';
import { CelEnvironment, DYN, Failure, jsonValue } from '../../../src/api/cel/index.ts';

const environment = new CelEnvironment({ variables: { object: DYN } });
const object = jsonValue({
  metadata: { name: 'web', labels: { app: 'web', 'a/b': 'c' } },
  data: { a: 'b', c: 'd' },
  list: [1, 2, 3],
  ratio: 0.5,
  none: null,
});

/** What an expression gives; the message of a failure after `!`. */
function result(expression: string): unknown {
  const { result } = environment.compile(expression).evaluate((name) => (name === 'object' ? object : undefined));
  return result instanceof Failure ? `!${result.message}` : result;
}

describe('true', () => {
  test.each([
    "object.metadata.name == 'web' && object.list.size() == 3",
    'object.list.all(x, x > 0) && object.list.exists(x, x == 2) && object.list.exists_one(x, x == 3)',
    'object.list.map(x, x * 2) == [2, 4, 6] && object.list.filter(x, x > 1) == [2, 3]',
    'object.list.map(x, x > 1, x + 1) == [3, 4]',
    'object.list.all(i, v, v == i + 1) && object.data.exists(k, v, k + v == "cd")',
    "object.data.transformMap(k, v, v + k) == {'a': 'ba', 'c': 'dc'}",
    "object.data.transformList(k, v, k != 'a', v) == ['d']",
    "object.data.transformMapEntry(k, v, {v: k}) == {'b': 'a', 'd': 'c'}",
    'has(object.metadata.name) && !has(object.spec) && has(object.none) && object.none == null',
    'object.?spec.replicas.orValue(5) == 5 && object.?metadata.name.hasValue()',
    "object.metadata.labels[?'zz'].orValue('x') == 'x' && optional.of(1).optMap(x, x + 1).value() == 2",
    "[1, ?optional.none(), 2] == [1, 2] && {?'a': optional.none()} == {}",
    "'a/b' in object.metadata.labels && 2 in object.list && !('x' in object.data)",
    'dyn(1) == 1.0 && 1 < 1.5 && dyn(1) == 1u && object.ratio < 1',
    'false && 1 / 0 > 0 || true',
    '[0, 1].exists(x, 1 / x == 1)',
    "type(object.list) == list && type(1) == int && type('a') == string && type(null) == null_type",
    "int('42') == 42 && string(1.5) == '1.5' && double('1e3') == 1000.0 && bytes('é').size() == 2 && 'é'.size() == 1",
    "duration('90m') == duration('1h30m') && string(duration('1.5s')) == '1.5s' && duration('1h').getMinutes() == 60",
    "timestamp('2026-01-31T01:02:03Z').getDayOfMonth() == 30 && timestamp('2026-01-31T23:00:00Z').getHours('+02:00') == 1",
    "timestamp('2026-01-02T00:00:00Z') - timestamp('2026-01-01T00:00:00Z') == duration('24h')",
    "'tacocat'.substring(0, 4) == 'taco' && 'hello'.indexOf('l') == 2 && 'hello'.lastIndexOf('l') == 3",
    "'a,b,c'.split(',') == ['a', 'b', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c'] && ['x', 'y'].join('-') == 'x-y'",
    "'hello'.replace('l', 'L', 1) == 'heLlo' && ' x '.trim() == 'x' && 'aB'.upperAscii() == 'AB' && 'abc'.charAt(1) == 'b'",
    `'%s has %d of %.2f, %x, %e'.format([dyn('a'), 3, 1.5, 255, 1234.5]) == 'a has 3 of 1.50, ff, 1.234500e+03'`,
    "'%s %s'.format([dyn([1, 2]), {'k': true}]) == '[1, 2] {k: true}'",
    "'abc 123'.find('[0-9]+') == '123' && '1 2 3'.findAll('[0-9]', 2) == ['1', '2'] && 'abc'.matches('^a.c$')",
    "[1, 2, 3].isSorted() && [1, 2, 3].sum() == 6 && ['b', 'a'].min() == 'a' && [1, 3].max() == 3 && [1, 2, 1].lastIndexOf(1) == 2",
    'sets.contains([1, 2], [2]) && sets.equivalent([1, 2, 1], [2, 1]) && !sets.intersects([1], [2])',
    "quantity('1Gi').isGreaterThan(quantity('500Mi')) && quantity('1500m') == quantity('1.5') && quantity('2k').asInteger() == 2000",
    "quantity('1').add(quantity('1')).compareTo(quantity('2')) == 0 && isQuantity('1Ki') && !isQuantity('1X')",
    "ip('127.0.0.1').family() == 4 && ip('::1').isLoopback() && isIP('10.0.0.1') && !isIP('10.0.0.01') && ip.isCanonical('2001:db8::1')",
    "!ip.isCanonical('2001:DB8::1') && string(ip('2001:db8:0:0:1:0:0:1')) == '2001:db8::1:0:0:1'",
    "cidr('192.168.0.0/24').containsIP('192.168.0.7') && cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')",
    "url('https://user@example.com:80/a b?k=v&k=w').getHost() == 'example.com:80' && url('https://x/a?k=v&k=w').getQuery() == {'k': ['v', 'w']}",
    "isURL('/path') && !isURL('../x') && url('https://[::1]:80/').getHostname() == '::1' && url('https://x/a b').getEscapedPath() == '/a%20b'",
    "!format.dns1123Label().validate('a-b').hasValue() && format.named('uuid').value().validate('x').value() == ['does not match the UUID format']",
    '[1, 2, 3, 4].slice(1, 3) == [2, 3] && [[1], [2, 3]].flatten() == [1, 2, 3] && [[[1]], [[2]]].flatten(2) == [1, 2]',
    "['b', 'a', 'b'].distinct() == ['b', 'a'] && ['b', 'a'].sort() == ['a', 'b'] && [1, 2].reverse() == [2, 1] && lists.range(3) == [0, 1, 2]",
    "[{'n': 2}, {'n': 1}].sortBy(x, x.n)[0].n == 1 && object.list.sortBy(x, -x) == [3, 2, 1] && object.list.map(x, x).sortBy(y, -y).first().value() == 3",
    '[1, 2].last().value() == 2 && !object.list.filter(x, x > 9).first().hasValue()',
    "semver('1.2.3').isLessThan(semver('1.10.0')) && semver('v1.2', true).minor() == 2 && !isSemver('v1.0.0') && semver('1.0.0-rc1').compareTo(semver('1.0.0')) == -1",
  ])('%s', (expression) => {
    expect(result(expression)).toBe(true);
  });
});

describe('failures', () => {
  test.each([
    ['object.data.must', 'no such key: must'],
    ['object.none.a', 'no such key: a'],
    ['object.list[5]', 'index out of bounds: 5'],
    ['1 / 0', 'division by zero'],
    ['1 % 0', 'modulus by zero'],
    ['9223372036854775807 + 1', 'integer overflow'],
    ['object.metadata.name > 1', 'no such overload'],
    ["int('a')", "type conversion error from 'string' to 'int'"],
    ['[].max()', 'max called on empty list'],
    ['optional.none().value()', 'optional.none() dereference'],
    ["quantity('lots')", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
    ["url('../a')", 'URL parse error during conversion from string: parse "../a": invalid URI for request'],
    [
      "ip('10.0.0.256')",
      'IP Address "10.0.0.256" parse error during conversion from string: ParseAddr("10.0.0.256"): IPv4 field has value >255',
    ],
    ['true && object.nothing', 'no such key: nothing'],
  ])('%s', (expression, message) => {
    expect(result(expression)).toBe(`!${message}`);
  });
});

test('stops what costs too much', () => {
  const program = environment.compile('[1,2,3,4,5,6,7,8,9,10].map(a, [1,2,3,4,5,6,7,8,9,10].map(b, a * b)).size() > 0');
  const { exceeded, result: stopped } = program.evaluate(() => undefined, 100);
  expect(exceeded).toBe(true);
  expect(stopped).toEqual(new Failure('operation cancelled: actual cost limit exceeded'));
  expect(program.evaluate(() => undefined).cost).toBeGreaterThan(1000);
});
