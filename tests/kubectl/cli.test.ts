import { describe, expect, test } from 'vitest';
import { alignTabs, DESCRIBE, TABLE } from '../../src/kubectl/cli/tabwriter.ts';
import { parseFlags } from '../../src/kubectl/cli/flags.ts';
import { runKubectl, type KubectlIo } from '../../src/kubectl/index.ts';

const set = {
  output: { type: 'string', short: 'o' },
  watch: { type: 'bool', short: 'w' },
  replicas: { type: 'int' },
  timeout: { type: 'duration' },
  filename: { type: 'list', short: 'f' },
  literal: { type: 'array' },
} as const;
const parse = (...argv: string[]) => parseFlags(argv, set, () => undefined);

describe('flags', () => {
  test('may stand anywhere, joined or apart, short or long', () => {
    const { flags, args, dash } = parse(
      'pods',
      '-wojson',
      '--replicas=3',
      'web',
      '-f',
      'a,b',
      '--filename=c',
      '--timeout',
      '1m30s',
      '--',
      '-x',
    );
    expect(args).toEqual(['pods', 'web', '-x']);
    expect(dash).toBe(2);
    expect([
      flags.bool('watch'),
      flags.string('output'),
      flags.int('replicas'),
      flags.list('filename'),
      flags.int('timeout'),
    ]).toEqual([true, 'json', 3, ['a', 'b', 'c'], 90_000]);
  });

  test('that take each value as it is keep commas', () => {
    expect(parse('--literal=a=1,2', '--literal=b').flags.list('literal')).toEqual(['a=1,2', 'b']);
  });

  test.each([
    [['--nope'], 'unknown flag: --nope'],
    [['-z'], "unknown shorthand flag: 'z' in -z"],
    [['--output'], 'flag needs an argument: --output'],
    [['-o'], "flag needs an argument: 'o' in -o"],
    [
      ['--watch=maybe'],
      'invalid argument "maybe" for "-w, --watch" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
  ])('%j', (argv, message) => {
    expect(() => parse(...argv)).toThrow(message);
  });
});

describe('columns', () => {
  test('are as wide as their widest cell; the last cell of a line belongs to none', () => {
    expect(alignTabs('NAME\tREADY\na-long-name\t1/1\n', TABLE)).toBe('NAME          READY\na-long-name   1/1\n');
  });

  test('end where a line has no such cell', () => {
    expect(alignTabs('a:\tb\nheading\nlonger:\tc\n', DESCRIBE)).toBe('a:  b\nheading\nlonger:  c\n');
  });

  test('keep their width in a watch', () => {
    const widths: number[] = [];
    alignTabs('a-long-name\t1\n', { ...TABLE, remembered: widths });
    expect(alignTabs('b\t2\n', { ...TABLE, remembered: widths })).toBe('b             2\n');
  });
});

describe('a command line', () => {
  const run = (...argv: string[]) => {
    let stdout = '';
    let stderr = '';
    const io: KubectlIo = {
      transport: {
        request: () => ({
          status: 200,
          headers: { warning: '299 - "old", 299 - "older"' },
          body: { kind: 'APIGroupDiscoveryList', items: [] },
        }),
      },
      stdout: (text) => void (stdout += text),
      stderr: (text) => void (stderr += text),
      files: { read: () => undefined, list: () => undefined },
      config: { namespace: 'default' },
      now: () => 0,
      sleep: () => Promise.resolve(),
    };
    return { code: runKubectl(argv, io), stdout, stderr: () => stderr };
  };

  test('that names no command is told which are like it', () => {
    const { code, stderr } = run('gett', 'pods');
    expect(code).toBe(1);
    expect(stderr()).toBe('error: unknown command "gett" for "kubectl"\n\nDid you mean this?\n\tset\n\tget\n');
  });

  test('prints each warning of the server once', () => {
    const { stderr } = run('get', 'pods');
    expect(stderr()).toBe('Warning: old\nWarning: older\nerror: the server doesn\'t have a resource type "pods"\n');
  });
});
