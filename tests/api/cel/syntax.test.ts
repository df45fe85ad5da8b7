import { describe, expect, test } from 'vitest';
import { CelEnvironment, DYN, INT, listType, objectType, STRING } from '../../../src/api/cel/index.ts';

const environment = new CelEnvironment({
  variables: { object: DYN, self: objectType('T', { num: INT, s: STRING, list: listType(STRING) }) },
});

function mistakes(expression: string): string {
  try {
    environment.compile(expression);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
}

const FIRST =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

describe('mistakes in the grammar', () => {
  test.each([
    ['a <=', `1:5: Syntax error: mismatched input '<EOF>' expecting ${FIRST}`],
    ['1 + + ', `1:5: Syntax error: mismatched input '+' expecting ${FIRST}`],
    ['a b', "1:3: Syntax error: extraneous input 'b' expecting <EOF>"],
    ['size(self.s', "1:12: Syntax error: missing ')' at '<EOF>'"],
    ['self.', "1:6: Syntax error: no viable alternative at input '.'"],
    ['true ? 1', "1:9: Syntax error: mismatched input '<EOF>' expecting ':'"],
    ['object.a => 1', "1:10: Syntax error: token recognition error at: '=>'"],
    ["'abc", `1:1: Syntax error: token recognition error at: ''abc'`],
    ['[1].map(1, 2)', '1:9: argument is not an identifier'],
    ['has(object)', '1:5: invalid argument to has() macro'],
    ['while', '1:1: reserved identifier: while'],
    ['9223372036854775808', '1:1: invalid int literal'],
  ])('%s', (expression, expected) => {
    expect(mistakes(expression).split('\n')[0]).toBe(`ERROR: <input>:${expected}`);
  });

  test('are shown under their line, wide characters with wide dots', () => {
    expect(mistakes("self.num == 1 &&\n '世' == self.zz")).toBe(
      "ERROR: <input>:2:13: undefined field 'zz'\n |  '世' == self.zz\n | ..．.........^",
    );
  });
});

describe('mistakes in types', () => {
  test.each([
    ['obj.x', "1:1: undeclared reference to 'obj' (in container '')"],
    ['foo(1)', "1:4: undeclared reference to 'foo' (in container '')"],
    ['self.zz == 1', "1:5: undefined field 'zz'"],
    ['has(self.zz)', "1:4: undefined field 'zz'"],
    ["self.num == 'a'", "1:10: found no matching overload for '_==_' applied to '(int, string)'"],
    ['self.s.startsWith(1)', "1:18: found no matching overload for 'startsWith' applied to 'string.(int)'"],
    ["[1, 'a']", "1:5: expected type 'int' but found 'string'"],
    ['self.num.x', "1:9: type 'int' does not support field selection"],
    [
      'self.num.all(x, true)',
      "1:5: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
    ],
    ["duration('1x')", '1:10: invalid duration argument'],
    ["self.s.matches('(')", '1:16: invalid matches argument'],
    ["true ? 1 : 'a'", "1:6: found no matching overload for '_?_:_' applied to '(bool, int, string)'"],
  ])('%s', (expression, expected) => {
    expect(mistakes(expression).split('\n')[0]).toBe(`ERROR: <input>:${expected}`);
  });
});
