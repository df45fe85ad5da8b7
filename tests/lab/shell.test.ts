import { expect, test } from 'vitest';
import { Outlet } from '../../src/lab/outlet.ts';
import { applets } from '../../src/lab/terminal/applets.ts';
import { Files, Interrupted, textInput, type Program } from '../../src/lab/terminal/program.ts';
import { Shell } from '../../src/lab/terminal/shell.ts';

async function run(source: string, programs: Record<string, Program> = {}, abort = new AbortController()) {
  const files = new Files();
  files.write('a.txt', 'one\ntwo\nthree\n');
  const shell = new Shell({ ...applets, ...programs }, files);
  let stdout = '';
  let stderr = '';
  const code = await shell.run(source, {
    stdin: textInput(''),
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    files,
    signal: abort.signal,
    sleep: () =>
      new Promise((resolve, reject) => (abort.signal.aborted ? reject(new Interrupted()) : setImmediate(resolve))),
  });
  return { code, stdout, stderr, files };
}

test.each([
  ['echo hello   "a  b" \'$x\'', 'hello a  b $x\n'],
  ['x=1; echo $x ${x} ${y:-none}', '1 1 none\n'],
  ['cat a.txt | grep -v two | wc -l', '2\n'],
  ['false || echo no && echo yes', 'no\nyes\n'],
  ['for i in 1 2 3; do echo $i; done | sort -r | head -n 2', '3\n2\n'],
  ['echo $(cat a.txt | head -1)!', 'one!\n'],
  ['cat <<EOF\na $x\nEOF', 'a \n'],
  ["cat <<'EOF' | grep a\na $x\nEOF", 'a $x\n'],
  ['echo x > b.txt; echo y >> b.txt; cat b.txt', 'x\ny\n'],
  ['if grep -q two a.txt; then echo found; else echo not; fi', 'found\n'],
  ['false; echo $?', '1\n'],
  ['! false && echo turned', 'turned\n'],
  ['echo a{.b}[0] -o=jsonpath={.items[*].x}', 'a{.b}[0] -o=jsonpath={.items[*].x}\n'],
])('%s', async (source, stdout) => {
  expect(await run(source)).toMatchObject({ stdout, stderr: '', code: 0 });
});

test('what it does not know it says', async () => {
  expect(await run('sudo rm')).toMatchObject({ code: 127, stderr: 'sudo: command not found\n' });
  expect(await run('echo "a')).toMatchObject({ code: 2 });
  expect(await run('echo $((1+1))')).toMatchObject({ code: 2, stderr: expect.stringContaining('not supported') });
});

const forever: Program = async (_args, io) => {
  for (;;) {
    io.stdout('tick\n');
    await io.sleep(1);
    if (io.signal.aborted) throw new Interrupted();
  }
};

test('a reader that has enough ends the writer', async () => {
  expect(await run('forever | head -n 2', { forever })).toMatchObject({ code: 0, stdout: 'tick\ntick\n' });
});

test('Ctrl-C ends the line with 130', async () => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 5);
  expect(await run('forever | grep x; echo never', { forever }, abort)).toMatchObject({ code: 130, stdout: '' });
});

test.each([
  ['echo "a', true],
  ['for i in 1; do', true],
  ['cat <<EOF\na', true],
  ['kubectl get pods |', true],
  ['kubectl get \\', true],
  ['kubectl get pods', false],
  ['cat <<EOF\na\nEOF\n', false],
  ['echo )', false],
  ['', false],
])('whether %j goes on: %s', (source, incomplete) => {
  expect(new Shell({}, new Files()).incomplete(source)).toBe(incomplete);
});

test('output that a slow receiver has not taken is gathered, and none is lost', async () => {
  const taken: string[] = [];
  const outlet = new Outlet(async (text) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    taken.push(text);
  });
  for (const text of ['a', 'b', 'c']) outlet.write(text);
  await outlet.drained();
  expect(taken).toEqual(['a', 'bc']);
});
