import { expect, test } from 'vitest';
import { Terminal } from '../../src/kubelet/terminal.ts';

const typed = (...keys: (string | undefined)[]): { shown: string; read: (string | undefined)[] } => {
  let shown = '';
  const read: (string | undefined)[] = [];
  const terminal = new Terminal((text) => (shown += text));
  for (const key of keys) terminal.type(key, (text) => read.push(text));
  return { shown, read };
};

test('keys are shown as they are typed, and handed on as lines', () => {
  expect(typed('l', 's\re', 'xit\r')).toEqual({ shown: 'ls\r\nexit\r\n', read: ['ls\n', 'exit\n'] });
});

test('what was mistyped can be taken back', () => {
  expect(typed('lx\u007fs\r').read).toEqual(['ls\n']);
  expect(typed('\u007f\u007fa\r').read).toEqual(['a\n']);
  expect(typed('rm -rf /\u0003ls\r').read).toEqual(['\n', 'ls\n']);
});

test('Ctrl-D on an empty line, and hanging up, end the input', () => {
  expect(typed('\u0004').read).toEqual([undefined]);
  expect(typed('a\u0004').read).toEqual([]);
  expect(typed(undefined).read).toEqual([undefined]);
});

test('what is printed returns to the left', () => {
  let shown = '';
  new Terminal((text) => (shown += text)).print('a\nb\r\n');
  expect(shown).toBe('a\r\nb\r\n');
});
