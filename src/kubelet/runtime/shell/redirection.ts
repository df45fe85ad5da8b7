import type { Redirection, Word } from 'unbash';
import type { Task } from '../../task.ts';
import { pathOf, readFile, textInput } from './command.ts';
import { expandText } from './expand.ts';
import type { Shell, Streams } from './interpreter.ts';

const EMPTY_WORD: Word = { type: 'Word', text: '', value: '', pos: 0, end: 0 };

/** A command's streams after its redirections; undefined when one could not be opened, after saying so. */
export function* redirected(
  shell: Shell,
  redirects: readonly Redirection[],
  streams: Streams,
): Task<Streams | undefined> {
  if (redirects.length === 0) return streams;
  let { input } = streams;
  let out = (text: string): void => streams.out(text);
  let err = (text: string): void => streams.err(text);
  for (const redirect of redirects) {
    if (redirect.type === 'HereDoc') {
      const { parts, text } = redirect.body;
      input = textInput(
        parts && !redirect.delimiter?.quoted
          ? yield* expandText(shell, { ...EMPTY_WORD, parts, value: text, text }, streams)
          : text,
      );
      continue;
    }
    const target = redirect.target ? yield* expandText(shell, redirect.target, streams) : '';
    if (redirect.type === 'HereString') {
      input = textInput(`${target}\n`);
      continue;
    }
    const fd =
      redirect.descriptor?.type === 'FileDescriptor'
        ? redirect.descriptor.value
        : redirect.operator.startsWith('<')
          ? 0
          : 1;
    if (redirect.operator === '<') {
      const file = readFile(shell, target);
      if (!file) {
        streams.err(`${shell.shellName}: can't open ${target}: no such file\n`);
        return undefined;
      }
      input = textInput(file.text);
    } else if (redirect.operator === '>&' && /^\d+$/.test(target)) {
      const to = target === '2' ? err : out;
      if (fd === 2) err = to;
      else out = to;
    } else if (redirect.operator !== '<&') {
      const opened = sink(shell, target, redirect.operator.includes('>>'), streams);
      if (typeof opened === 'string') {
        streams.err(`${shell.shellName}: can't create ${target}: ${opened}\n`);
        return undefined;
      }
      const both = redirect.operator.startsWith('&') || redirect.operator === '>&';
      if (both || fd === 2) err = opened;
      if (both || fd !== 2) out = opened;
    }
  }
  return { input, out, err };
}

/** Opens a file for writing; a string is what went wrong. */
function sink(shell: Shell, target: string, append: boolean, streams: Streams): ((text: string) => void) | string {
  const path = pathOf(shell, target);
  const { files } = shell.process.machine;
  switch (path) {
    case '/dev/null':
      return () => undefined;
    case '/dev/stdout':
    case '/proc/1/fd/1':
    case '/proc/self/fd/1':
      return (text) => streams.out(text);
    case '/dev/stderr':
    case '/proc/1/fd/2':
      return (text) => streams.err(text);
    default: {
      const fault = files.write(path, '', append);
      return fault ?? ((text) => void files.write(path, text, true));
    }
  }
}
