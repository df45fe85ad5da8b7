import { beforeEach, describe, expect, test } from 'vitest';
import type { ExecResult } from '../../src/kubelet/runtime/cri.ts';
import { imagesBench, type Bench } from './harness.ts';

let bench: Bench;
let containerId: string;

beforeEach(() => {
  bench = imagesBench(['busybox:1.36']);
  const pod = bench.create('box', {
    containers: [{ name: 'c', image: 'busybox:1.36', command: ['sleep', 'infinity'] }],
  });
  bench.kernel.runFor(3000);
  containerId = bench.kubelet.runtime.pod(pod.metadata.uid!)!.containers[0]!.id;
});

/** Runs a script in the container and returns what it printed and its exit code. */
function sh(script: string, seconds = 30): ExecResult {
  let result: ExecResult | undefined;
  bench.kubelet.runtime.execSync(containerId, ['sh', '-c', script], Infinity, (outcome) => {
    if ('error' in outcome) throw outcome.error;
    result = outcome.value;
  });
  bench.kernel.runWhile(() => result === undefined, seconds * 1000);
  if (!result) throw new Error(`"${script}" did not end`);
  return result;
}

const prints = (script: string): string => sh(script).stdout;

describe('the shell of busybox', () => {
  test.each([
    ['echo hello   world', 'hello world\n'],
    ['echo "a  b" \'c $x\' d\\ e', 'a  b c $x d e\n'],
    ['x=5; echo $((x*2+1)) ${x}0 ${y:-none} ${#x}', '11 50 none 1\n'],
    ['for i in 1 2 3; do printf "%s," $i; done; echo', '1,2,3,\n'],
    ['i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i', '3\n'],
    ['n=$(cat /none 2>/dev/null || echo 0); echo $((n+1)) > /tmp/n; cat /tmp/n', '1\n'],
    ['if test -f /etc/hosts && ! [ -d /etc/hosts ]; then echo file; else echo other; fi', 'file\n'],
    ['case web-1 in db*) echo db;; web-*) echo web;; esac', 'web\n'],
    ['f() { echo "$1:$#"; return 3; }; f a b; echo $?', 'a:2\n3\n'],
    ['printf "b\\na\\nb\\n" | sort | uniq -c | tr -s " " | wc -l', '2\n'],
    ['set -- a b c; shift; echo $@ $#', 'b c 2\n'],
    ['(exit 4); echo $?; true && echo yes || echo no', '4\nyes\n'],
    ['p=/a/b.tar.gz; echo ${p##*/} ${p%%.*} ${p%.gz}', 'b.tar.gz /a/b /a/b.tar\n'],
    ['cat <<EOF\nhost $(hostname)\nEOF', 'host box\n'],
    ['for i in 1 2 3; do [ $i = 2 ] && continue; [ $i = 3 ] && break; echo $i; done', '1\n'],
    ['trap "echo bye" EXIT; echo hi', 'hi\nbye\n'],
    ['echo one > /tmp/f; echo two >> /tmp/f; grep -c o /tmp/f; sed s/o/0/ /tmp/f', '2\n0ne\ntw0\n'],
    ['seq 3 | while read x; do echo "<$x>"; done', '<1>\n<2>\n<3>\n'],
    ['mkdir -p /w; cd /w; touch a.txt b.txt c; echo *.txt; pwd', 'a.txt b.txt\n/w\n'],
    ['sleep 2 & wait $!; echo done $?', 'done 0\n'],
  ])('%s', (script, expected) => {
    expect(prints(script)).toBe(expected);
  });

  test('says what it cannot find, with the code of a shell', () => {
    expect(sh('nosuch')).toMatchObject({ exitCode: 127, stderr: 'sh: nosuch: not found\n' });
    expect(sh('cat /nosuch')).toMatchObject({
      exitCode: 1,
      stderr: "cat: can't open '/nosuch': No such file or directory\n",
    });
    expect(sh('set -e; false; echo unreached')).toMatchObject({ exitCode: 1, stdout: '' });
  });

  test('sleeps in virtual time', () => {
    const begun = bench.kernel.now;
    sh('sleep 5');
    expect(bench.kernel.now - begun).toBeGreaterThanOrEqual(5000);
  });

  test('an endless loop does not stop the world', () => {
    let ended = false;
    bench.kubelet.runtime.execSync(containerId, ['sh', '-c', 'while true; do :; done'], 2000, (outcome) => {
      ended = true;
      expect(outcome).toMatchObject({ value: { timedOut: true, exitCode: 137 } });
    });
    bench.kernel.runFor(10_000);
    expect(ended).toBe(true);
  });

  test('runs a trap between the commands of a loop', () => {
    const b = imagesBench(['busybox:1.36']);
    b.create('looping', {
      containers: [
        {
          name: 'c',
          image: 'busybox:1.36',
          command: ['sh', '-c', "trap 'echo caught; exit 3' TERM; while true; do sleep 1; done"],
        },
      ],
      restartPolicy: 'Never',
    });
    b.kernel.runFor(3000);
    const { uid } = b.pod('looping').metadata;
    const [instance] = b.kubelet.runtime.pod(uid!)!.containers;
    b.delete('looping');
    b.kernel.runFor(1500);
    expect(instance).toMatchObject({ state: 'exited', exitCode: 3 });
  });
});
