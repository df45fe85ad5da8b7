import type { HttpRequest, HttpResponse } from '../../apiserver/request.ts';
import type { KubectlConfig } from '../../kubectl/index.ts';
import type { Command, Run } from '../run.ts';
import { fetchProse } from './api-prose.ts';
import { loadKubectl } from './load-kubectl.ts';
import { Interrupted, type Files, type Program, type ProgramIo } from './program.ts';

/** Rejects with Interrupted as soon as the signal is aborted. */
export const interruptible = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const interrupt = (): void => reject(new Interrupted());
    if (signal.aborted) return interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', interrupt));
  });

const readsStdin = (args: readonly string[]): boolean => args.some((arg) => arg === '-' || arg.endsWith('=-'));

const quote = (word: string): string =>
  /^[\w@%+=:,./{}[\]*-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

const folder = (files: Files) => ({
  read: (path: string) => files.read(path),
  write: (path: string, text: string) => files.write(path, text),
  list: (path: string) => (path === '.' || path === './' || path === '/lab' ? files.list() : undefined),
});

/** Our kubectl as a program of the terminal: its requests are inputs of the run, and the cause of what follows. */
export function kubectlProgram(
  run: () => Run,
  config: KubectlConfig,
  watch: (request: HttpRequest, response: HttpResponse) => void = () => undefined,
): Program {
  return async (args, io: ProgramIo) => {
    const { runKubectl } = await interruptible(loadKubectl(), io.signal);
    const { cluster } = run();
    if (args.includes('explain')) cluster.apiserver.prose ??= await interruptible(fetchProse(), io.signal);
    const stdin = readsStdin(args) ? await interruptible(io.stdin.all(), io.signal) : undefined;
    const command: Command = run().command(['kubectl', ...args].map(quote).join(' '));
    const work = runKubectl([...args], {
      transport: {
        request: (request) => {
          const response = command.request(request);
          watch(request, response);
          return response;
        },
      },
      stdout: io.stdout,
      stderr: io.stderr,
      files: folder(io.files),
      stdin,
      config,
      now: () => cluster.kernel.now,
      sleep: (ms) => interruptible(command.sleep(ms), io.signal),
      signal: io.signal,
    });
    let code = 1;
    try {
      return (code = typeof work === 'number' ? work : await interruptible(work, io.signal));
    } finally {
      command.end(code);
    }
  };
}
