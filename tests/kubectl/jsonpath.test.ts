import { describe, expect, test } from 'vitest';
import { JsonPath, relaxedJsonPath } from '../../src/api/jsonpath/evaluate.ts';
import { compileGoTemplate } from '../../src/kubectl/template/go-template.ts';

const data = {
  kind: 'List',
  items: [
    { name: 'a', labels: { 'x.y/z': '1' }, ports: [80, 443] },
    { name: 'b', ports: [] },
  ],
};

describe('JSONPath', () => {
  test.each([
    ['{.kind}', 'List'],
    ['kind {.kind}', 'kind List'],
    ['{.items[*].name}', 'a b'],
    ['{.items[-1:].name}', 'b'],
    ['{.items[0].ports}', '[80,443]'],
    ['{.items[0].labels.x\\.y/z}', '1'],
    ["{.items[*]['name','ports']}", 'a b [80,443] []'],
    ['{.items[?(@.name=="b")].name}', 'b'],
    ['{range .items[*]}{.name}{"\\n"}{end}.', 'a\nb\n.'],
    ['{range .items[*]}{.name}', 'ab'],
    ['{range .none[*]}{.x}{end}after', 'after'],
    ['{..name}', 'a b'],
    ['{.none}', ''],
  ])('%s', (template, text) => {
    expect(new JsonPath(template, { allowMissingKeys: true }).execute(data)).toBe(text);
  });

  test.each([
    ['{.a', 'unclosed action'],
    ['{.items[', 'unterminated array'],
    ['{.items[x]}', 'invalid array index x'],
  ])('refuses %s', (template, message) => {
    expect(() => new JsonPath(template)).toThrow(message);
  });

  test('refuses what is not there', () => {
    expect(() => new JsonPath('{.items[5]}').execute(data)).toThrow('array index out of bounds: index 5, length 2');
    expect(() => new JsonPath('{.none}').execute(data)).toThrow('none is not found');
  });

  test('accepts paths in four forms', () => {
    for (const form of ['a.b', '.a.b', '{a.b}', '{.a.b}']) expect(relaxedJsonPath(form)).toBe('{.a.b}');
  });
});

describe('Go templates', () => {
  test.each([
    ['{{.kind}}', 'List'],
    ['{{range .items}}{{.name}}:{{len .ports}} {{end}}', 'a:2 b:0 '],
    ['{{range $i, $e := .items}}{{$i}}{{$e.name}}{{end}}', '0a1b'],
    ['{{with .none}}x{{else}}y{{end}}', 'y'],
    ['{{if eq .kind "List"}}list{{else if true}}other{{end}}', 'list'],
    ['{{ .kind | printf "%-6s|" }}', 'List  |'],
    ['{{.none}}', '<no value>'],
  ])('%s', (template, text) => {
    expect(compileGoTemplate(template)(data)).toBe(text);
  });

  test.each([
    [
      '{{.items.x}}',
      'template: output:1:8: executing "output" at <.items.x>: can\'t evaluate field x in type interface {}',
    ],
    [
      'a\n{{index .kinds 0}}',
      'template: output:2:2: executing "output" at <index .kinds 0>: error calling index: index of nil pointer',
    ],
    [
      '{{eq .kind 1}}',
      'template: output:1:2: executing "output" at <eq .kind 1>: error calling eq: incompatible types for comparison: string and int',
    ],
  ])('%s does not fit the data', (template, message) => {
    expect(() => compileGoTemplate(template)(data)).toThrow(message);
  });

  test('keys that are not there are missed only on demand', () => {
    expect(compileGoTemplate('{{.nosuch.deeper}}')(data)).toBe('<no value>');
    expect(() => compileGoTemplate('{{.nosuch}}', { allowMissingKeys: false })(data)).toThrow(
      'map has no entry for key "nosuch"',
    );
  });
});
