import type { Image } from '../image.ts';
import type { Main } from '../process.ts';

/** Holds a sandbox's namespaces open: waits for a signal. */
const pause: Main = function* (process) {
  process.handle('SIGTERM', 'SIGINT');
  yield* process.signal();
  process.err('Shutting down, got signal: Terminated\n');
  return 0;
};

export const PAUSE: Image = {
  repository: 'registry.k8s.io/pause',
  tags: /^(3\.\d+(\.\d+)?|latest)$/,
  entrypoint: ['/pause'],
  user: 65535,
  sizeBytes: () => 320_448,
  memoryBytes: 256 * 1024,
  executables: { pause },
};
