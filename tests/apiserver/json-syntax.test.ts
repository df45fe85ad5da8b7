import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonSyntaxError } from '../../src/apiserver/http/json-syntax.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test.each([
  ['hello', "invalid character 'h' looking for beginning of value"],
  ['{broken', "invalid character 'b' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
  ['[1 2]', "invalid character '2' after array element"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['{"a":', 'unexpected end of JSON input'],
  ['tru', 'unexpected end of JSON input'],
  ['nope', "invalid character 'o' in literal null (expecting 'u')"],
  ['-x', "invalid character 'x' in numeric literal"],
  ['"\\x"', "invalid character 'x' in string escape code"],
])('%s', (text, message) => {
  expect(jsonSyntaxError(text)).toBe(message);
});

test('nothing is wrong exactly with what parses', () => {
  const damaged = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', '}', ']', ',', ':', '"', '1', 'x'))
    .map(([text, at, insert]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + insert + text.slice(place + (at % 2));
    });
  fc.assert(
    fc.property(fc.oneof(fc.json(), damaged), (text) => {
      expect(jsonSyntaxError(text) === undefined).toBe(isJson(text));
    }),
    { numRuns: 500 },
  );
});
