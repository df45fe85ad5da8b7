import { expect, test } from 'vitest';
import { commonPrefix, inColumns } from '../../src/components/lab/terminal/candidates.ts';
import { LineEditor, type LineAction } from '../../src/components/lab/terminal/line-editor.ts';
import { columns, PromptLine } from '../../src/components/lab/terminal/prompt-line.ts';

function type(editor: LineEditor, data: string): LineAction[] {
  const actions: LineAction[] = [];
  while (data !== '') {
    const { action, rest } = editor.take(data);
    data = rest;
    if (action.type !== 'edited') actions.push(action);
    if (action.type === 'submit') editor.remember(action.line);
  }
  return actions;
}

test.each([
  ['typing', 'get pods', 'get pods', 8],
  ['left and insert', 'gt\x1b[De', 'get', 2],
  ['start and end', 'b\x01a\x05c', 'abc', 3],
  ['backspace over a wide character', '获取\x7f', '获', 1],
  ['backspace over a pair', 'a😀\x7f', 'a', 1],
  ['kill to the start, yank', 'abc\x1b[D\x15\x19\x19', 'ababc', 4],
  ['kill a word', 'kubectl get pods\x17', 'kubectl get ', 12],
  ['move by words', 'a bc d\x1bb\x1bb!', 'a !bc d', 3],
  ['delete', 'abc\x01\x1b[3~', 'bc', 0],
  ['keys without meaning', 'a\x1b[15~\x1b[1;2Pb', 'ab', 2],
])('%s', (_name, data, text, cursor) => {
  const editor = new LineEditor();
  expect(type(editor, data)).toEqual([]);
  expect(editor).toMatchObject({ text, cursor });
});

test('the history goes back and forth and keeps the line being typed', () => {
  const editor = new LineEditor(['one']);
  expect(type(editor, 'two\r')).toEqual([{ type: 'submit', line: 'two' }]);
  type(editor, 'thr\x1b[A');
  expect(editor.text).toBe('two');
  type(editor, '\x1b[A\x1b[A');
  expect(editor.text).toBe('one');
  type(editor, '\x1b[B\x1b[B');
  expect(editor.text).toBe('thr');
});

test('a paste of several lines submits each, and its tabs do not complete', () => {
  expect(type(new LineEditor(), '\x1b[200~a\tb\rc\x1b[201~\r')).toEqual([
    { type: 'submit', line: 'a  b' },
    { type: 'submit', line: 'c' },
  ]);
});

test('candidates', () => {
  expect(commonPrefix(['web-1', 'web-2'])).toBe('web-');
  expect(inColumns(['a', 'bb', 'c'], 8)).toBe('a   c\nbb\n');
  expect(columns('a获b')).toBe(4);
});

test('a line over several rows is drawn from its first row, with the cursor where it belongs', () => {
  const line = new PromptLine();
  expect(line.redraw('$ ', 'abcdefghij', 10, 10)).toBe('\r\x1b[J\x1b[1m$ \x1b[22mabcdefghij\r\x1b[2C');
  expect(line.redraw('$ ', 'abcdefghij', 0, 10)).toBe('\x1b[1A\r\x1b[J\x1b[1m$ \x1b[22mabcdefghij\x1b[1A\r\x1b[2C');
  expect(line.leave('$ ', 'abcdefghij', 10)).toBe('\x1b[1B\r\n');
});
