import type { HttpReply } from '../../cni.ts';
import type { Image } from '../image.ts';
import type { Main } from '../process.ts';
import { CORE_APPLETS, executablesOf } from './executables.ts';

/** A million square roots, which every request asks for. */
const REQUEST_CPU_MS = 60;
const WORKER_MEMORY_BYTES = 1024 ** 2;

const ok: HttpReply = {
  status: 200,
  headers: { server: 'Apache/2.4.10 (Debian)', 'content-type': 'text/html; charset=UTF-8', 'content-length': '3' },
  body: 'OK!',
};

/** Apache with a page of PHP that computes: answers come when the CPU time is spent. */
const apache: Main = function* (process) {
  const { kernel, component, use } = process.machine;
  process.listen(80, {
    http: (_, __, reply) => {
      use.memoryBytes += WORKER_MEMORY_BYTES;
      kernel.after(use.work(REQUEST_CPU_MS, kernel.now), component, () => {
        use.memoryBytes -= WORKER_MEMORY_BYTES;
        reply(ok);
      });
    },
  });
  process.err("AH00094: Command line: 'apache2 -D FOREGROUND'\n");
  process.handle('SIGTERM', 'SIGWINCH', 'SIGINT');
  yield* process.signal();
  process.closePorts();
  return 0;
};

/** The server that the documentation scales: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/ */
export const HPA_EXAMPLE: Image = {
  repository: 'registry.k8s.io/hpa-example',
  tags: /^latest$/,
  cmd: ['apache2-foreground'],
  workingDir: '/var/www/html',
  sizeBytes: () => 188_000_000,
  memoryBytes: 11 * 1024 ** 2,
  executables: executablesOf(CORE_APPLETS, { 'apache2-foreground': apache }),
};
