import type { Image } from '../image.ts';
import { curl } from '../shell/curl.ts';
import { BUSYBOX_APPLETS, CORE_APPLETS, executablesOf } from './executables.ts';

const BUSYBOX_EXECUTABLES = executablesOf(BUSYBOX_APPLETS);

export const BUSYBOX: Image = {
  repository: 'docker.io/library/busybox',
  tags: /^(latest|stable|musl|glibc|uclibc|1(\.3[4-7](\.\d+)?)?)(-(musl|glibc|uclibc))?$/,
  cmd: ['sh'],
  sizeBytes: () => 2_224_229,
  executables: BUSYBOX_EXECUTABLES,
};

export const ALPINE: Image = {
  repository: 'docker.io/library/alpine',
  tags: /^(latest|edge|3(\.(1[7-9]|2[0-3])(\.\d+)?)?)$/,
  cmd: ['/bin/sh'],
  sizeBytes: () => 3_802_452,
  executables: BUSYBOX_EXECUTABLES,
};

const DEBIAN_EXECUTABLES = executablesOf(CORE_APPLETS, { bash: executablesOf(CORE_APPLETS).sh! });

export const DEBIAN: Image = {
  repository: 'docker.io/library/debian',
  tags: /^(latest|stable|bookworm|trixie|1[23])(-slim)?$/,
  cmd: ['bash'],
  sizeBytes: (tag) => (tag.endsWith('slim') ? 29_775_000 : 49_281_000),
  executables: DEBIAN_EXECUTABLES,
};

export const UBUNTU: Image = {
  repository: 'docker.io/library/ubuntu',
  tags: /^(latest|noble|jammy|2[24]\.04)$/,
  cmd: ['/bin/bash'],
  sizeBytes: () => 29_723_000,
  executables: DEBIAN_EXECUTABLES,
};

export const CURL: Image = {
  repository: 'docker.io/curlimages/curl',
  tags: /^(latest|8\.\d+\.\d+)$/,
  entrypoint: ['/entrypoint.sh'],
  cmd: ['curl'],
  user: 100,
  sizeBytes: () => 9_520_000,
  executables: executablesOf(
    { ...BUSYBOX_APPLETS, curl },
    {
      // Runs its arguments as a command where there is one of that name, as curl's arguments otherwise.
      'entrypoint.sh': function* (process) {
        const [, first = 'curl', ...rest] = process.argv;
        const named = process.machine.executable(first);
        const main = named ?? process.machine.executable('curl')!;
        return yield* process.become(main, named ? [first, ...rest] : ['curl', first, ...rest]);
      },
    },
  ),
};
