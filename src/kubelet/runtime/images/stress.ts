import type { Image } from '../image.ts';
import type { Main, Process, Program } from '../process.ts';
import { milliValue } from '../../../api/quantity.ts';
import { BUSYBOX_APPLETS, executablesOf } from './executables.ts';

const UNITS: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** `150M`, in bytes. */
const bytesOf = (text: string): number => Number.parseFloat(text) * (UNITS[text.slice(-1).toUpperCase()] ?? 1);

/** Keeps cores busy and memory held until somebody ends it. */
function* load(process: Process, cores: number, bytes: number): Program {
  if (bytes > 0 && !process.hold(bytes)) yield* process.exhaustMemory();
  yield* process.burn(cores);
  return 0;
}

/** The workers that `stress` starts, and what they are told. */
const stress: Main = (process) => {
  const values = new Map<string, string>();
  const { argv } = process;
  argv.forEach((word, i) => {
    if (word.startsWith('-')) values.set(word.replace(/^-+/, ''), argv[i + 1] ?? '');
  });
  const count = (long: string, short: string): number => Number(values.get(long) ?? values.get(short) ?? 0);
  const [cpu, io, vm, hdd] = [count('cpu', 'c'), count('io', 'i'), count('vm', 'm'), count('hdd', 'd')];
  process.out(`stress: info: [1] dispatching hogs: ${cpu} cpu, ${io} io, ${vm} vm, ${hdd} hdd\n`);
  const bytes = vm * bytesOf(values.get('vm-bytes') ?? '256M');
  // A worker that hangs on to its memory is idle, others touch it all the time.
  const hanging = values.has('vm-hang');
  return load(process, cpu + (hanging ? 0 : vm), bytes);
};

/** https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/ */
export const POLINUX_STRESS: Image = {
  repository: 'docker.io/polinux/stress',
  tags: /^(latest|1\.0\.4)$/,
  cmd: ['stress', '--help'],
  sizeBytes: () => 4_041_495,
  memoryBytes: 1024 ** 2,
  executables: executablesOf(BUSYBOX_APPLETS, { stress }),
};

/** `-cpus 2`, `-mem-total 150Mi`: the stress of the CPU tasks. */
const vish: Main = (process) => {
  const value = (flag: string): string | undefined => {
    const at = process.argv.findIndex((word) => word.replace(/^-+/, '') === flag);
    return at < 0 ? undefined : process.argv[at + 1];
  };
  const cores = Number(value('cpus') ?? 0);
  const bytes = milliValue(value('mem-total')) / 1000;
  process.err(
    `I0101 00:00:00.000000       1 main.go:26] Allocating "${bytes}" memory, in "4Ki" chunks, with a 1ms sleep between allocations\n`,
  );
  process.err(`I0101 00:00:00.000000       1 main.go:39] Spawning a thread to consume CPU\n`.repeat(cores));
  return load(process, cores, bytes);
};

/** https://kubernetes.io/docs/tasks/configure-pod-container/assign-cpu-resource/ */
export const VISH_STRESS: Image = {
  repository: 'docker.io/vish/stress',
  tags: /^latest$/,
  entrypoint: ['/stress'],
  sizeBytes: () => 1_598_464,
  memoryBytes: 1024 ** 2,
  executables: { stress: vish },
};
